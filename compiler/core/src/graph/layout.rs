//! A layered layout: a column for each distance from the initial state, the end in a column of its own.
//!
//! In: a [`Drawing`]. Out: [`Layout`]: where nodes, edges and the lines beside edges stand. Invariants: no two nodes and no two blocks of lines overlap;
//! everything lies inside the picture.
//! Source: Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures" (1981), without crossing reduction.

use petgraph::algo::dijkstra;
use petgraph::graph::{DiGraph, NodeIndex};

use super::drawing::{Drawing, Edge};

/// Half the height of a node.
pub(super) const RADIUS: f64 = 20.0;
/// The width of a character of a line, and the height of a line.
pub(super) const CHARACTER: f64 = 6.3;
pub(super) const LINE: f64 = 14.0;
const MARGIN: f64 = 48.0;
/// Between columns, beside what the lines take.
const GAP: f64 = 76.0;
const ROW: f64 = 92.0;
/// How often a curve is moved before it stays where it is, and at how many points it is looked at.
const MOVES: usize = 4_000;
const SAMPLES: u32 = 40;

/// A point of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// A rectangle around a block of lines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Block {
    pub(super) centre: Point,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A cubic curve and the block beside it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Curve {
    pub(super) points: [Point; 4],
    pub(super) block: Block,
}

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) nodes: Vec<Block>,
    pub(super) curves: Vec<Curve>,
}

pub(super) fn place(drawing: &Drawing) -> Layout {
    let columns = columns(drawing);
    let nodes = nodes(drawing, &columns);
    let mut blocks: Vec<Block> = nodes.clone();
    let mut curves = Vec::with_capacity(drawing.edges.len());
    for edge in &drawing.edges {
        let (Some(from), Some(to)) = (nodes.get(edge.from), nodes.get(edge.to)) else { continue };
        let mut curve = curve(edge, *from, *to);
        clear(&mut curve, edge, &nodes, &blocks);
        blocks.push(curve.block);
        curves.push(curve);
    }
    shifted(nodes, curves)
}

/// The distance of each node from the initial state; the end stands after all others.
fn columns(drawing: &Drawing) -> Vec<usize> {
    let mut graph = DiGraph::<(), ()>::new();
    let ids: Vec<NodeIndex> = drawing.nodes.iter().map(|_| graph.add_node(())).collect();
    for edge in drawing.edges.iter().filter(|edge| !edge.judged) {
        if let (Some(from), Some(to)) = (ids.get(edge.from), ids.get(edge.to)) {
            graph.add_edge(*from, *to, ());
        }
    }
    let distances = ids.first().map(|first| dijkstra(&graph, *first, None, |_| 1_usize)).unwrap_or_default();
    let mut columns: Vec<usize> = ids.iter().map(|id| distances.get(id).copied().unwrap_or(0)).collect();
    let last = columns.iter().max().copied().unwrap_or(0) + 1;
    if let Some(column) = drawing.end.and_then(|end| columns.get_mut(end)) {
        *column = last;
    }
    columns
}

fn nodes(drawing: &Drawing, columns: &[usize]) -> Vec<Block> {
    let count = columns.iter().max().map_or(0, |last| last + 1);
    let members = |column: usize| columns.iter().filter(move |of| **of == column).count();
    let tallest = (0..count).map(members).max().unwrap_or(1);
    let mut left = MARGIN;
    let mut starts = Vec::with_capacity(count);
    for column in 0..count {
        let widest = widest_node(drawing, columns, column);
        starts.push(left + widest / 2.0);
        left += widest + GAP + widest_lines(drawing, columns, column);
    }
    let mut used = vec![0; count];
    let place = |(node, column): (&String, &usize)| {
        let row = used.get_mut(*column).map_or(0, |used| {
            *used += 1;
            *used - 1
        });
        let above = number(tallest - members(*column)) / 2.0;
        let centre = Point { x: starts.get(*column).copied().unwrap_or(left), y: MARGIN + (number(row) + above) * ROW };
        Block { centre, width: node_width(node), height: 2.0 * RADIUS }
    };
    drawing.nodes.iter().zip(columns).map(place).collect()
}

fn node_width(text: &str) -> f64 {
    (number(text.chars().count()) * (CHARACTER + 1.0) + 18.0).max(2.0 * RADIUS)
}

fn widest_node(drawing: &Drawing, columns: &[usize], column: usize) -> f64 {
    let of_column = drawing.nodes.iter().zip(columns).filter(|(_, of)| **of == column);
    of_column.map(|(node, _)| node_width(node)).fold(2.0 * RADIUS, f64::max)
}

/// The widest block of lines of an edge that leaves the column to the right, or loops in it.
fn widest_lines(drawing: &Drawing, columns: &[usize], column: usize) -> f64 {
    let at = |node: usize| columns.get(node).copied().unwrap_or(0);
    let leaving = drawing.edges.iter().filter(|edge| at(edge.from).min(at(edge.to)) == column);
    leaving.map(|edge| block_size(&edge.lines).0).fold(0.0, f64::max)
}

fn block_size(lines: &[String]) -> (f64, f64) {
    let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    (number(longest) * CHARACTER + 8.0, number(lines.len()) * LINE + 4.0)
}

fn curve(edge: &Edge, from: Block, to: Block) -> Curve {
    let (width, height) = block_size(&edge.lines);
    let points = if edge.from == edge.to { looped(from, height) } else { arc(from, to) };
    let centre =
        if edge.from == edge.to { Point { x: from.centre.x, y: from.centre.y - RADIUS - 26.0 - height / 2.0 } } else { at(&points, 0.5) };
    Curve { points, block: Block { centre, width, height } }
}

fn looped(node: Block, height: f64) -> [Point; 4] {
    let (x, top) = (node.centre.x, node.centre.y - RADIUS);
    let up = top - 26.0 - height.min(10.0);
    [Point { x: x - 8.0, y: top + 1.0 }, Point { x: x - 34.0, y: up }, Point { x: x + 34.0, y: up }, Point { x: x + 8.0, y: top + 1.0 }]
}

/// Forward from side to side; inside a column in a bow to the right, backward in a bow below.
fn arc(from: Block, to: Block) -> [Point; 4] {
    let (a, b) = (from.centre, to.centre);
    let (half_a, half_b) = (from.width / 2.0, to.width / 2.0);
    if b.x > a.x + 1.0 {
        let (start, end) = (Point { x: a.x + half_a, y: a.y }, Point { x: b.x - half_b - 7.0, y: b.y });
        let pull = (end.x - start.x) / 3.0;
        return [start, Point { x: start.x + pull, ..start }, Point { x: end.x - pull, ..end }, end];
    }
    if b.x > a.x - 1.0 {
        let (start, end) = (Point { x: a.x + half_a, y: a.y + 4.0 }, Point { x: b.x + half_b + 7.0, y: b.y - 4.0 });
        return [start, Point { x: start.x + 56.0, ..start }, Point { x: end.x + 56.0, ..end }, end];
    }
    let (start, end) = (Point { x: a.x, y: a.y + RADIUS }, Point { x: b.x + 6.0, y: b.y + RADIUS + 7.0 });
    let deep = a.y.max(b.y) + RADIUS + 46.0 + (a.x - b.x) / 12.0;
    [start, Point { x: start.x, y: deep }, Point { x: end.x + 8.0, y: deep }, end]
}

/// Moves the middle of a curve, and its block with it, until the block covers nothing and the curve runs through no other node.
///
/// A loop moves upwards, an edge inside a column to the right, any other downwards.
fn clear(curve: &mut Curve, edge: &Edge, nodes: &[Block], taken: &[Block]) {
    let [first, .., last] = curve.points;
    let step = match edge {
        _ if edge.from == edge.to => Point { x: 0.0, y: -LINE },
        _ if (first.x - last.x).abs() < 8.0 => Point { x: LINE, y: 0.0 },
        _ => Point { x: 0.0, y: LINE },
    };
    let others: Vec<Block> =
        nodes.iter().enumerate().filter(|(node, _)| ![edge.from, edge.to].contains(node)).map(|(_, node)| *node).collect();
    for _ in 0..MOVES {
        let covered = taken.iter().any(|other| overlap(&curve.block, other));
        if !covered && !others.iter().any(|node| runs_through(&curve.points, node)) {
            return;
        }
        curve.block.centre.x += step.x;
        curve.block.centre.y += step.y;
        let [_, b, c, _] = &mut curve.points;
        for control in [b, c] {
            control.x += step.x * 4.0 / 3.0;
            control.y += step.y * 4.0 / 3.0;
        }
    }
}

/// Whether a curve comes too near to a node.
fn runs_through(points: &[Point; 4], node: &Block) -> bool {
    let near = Block { width: node.width + 8.0, height: node.height + 8.0, ..*node };
    (1..SAMPLES).any(|sample| {
        let t = f64::from(sample) / f64::from(SAMPLES);
        overlap(&Block { centre: at(points, t), width: 0.0, height: 0.0 }, &near)
    })
}

/// The point of a cubic curve at `t`.
fn at(points: &[Point; 4], t: f64) -> Point {
    let [a, b, c, d] = points;
    let u = 1.0 - t;
    let mix = |a: f64, b: f64, c: f64, d: f64| u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d;
    Point { x: mix(a.x, b.x, c.x, d.x), y: mix(a.y, b.y, c.y, d.y) }
}

fn overlap(a: &Block, b: &Block) -> bool {
    let apart_x = (a.centre.x - b.centre.x).abs() >= (a.width + b.width) / 2.0;
    let apart_y = (a.centre.y - b.centre.y).abs() >= (a.height + b.height) / 2.0 + 2.0;
    !apart_x && !apart_y
}

/// Moves everything so that the picture begins at the margin.
fn shifted(mut nodes: Vec<Block>, mut curves: Vec<Curve>) -> Layout {
    let bounds = |blocks: &mut dyn Iterator<Item = Block>| {
        blocks.fold((f64::MAX, f64::MAX, 0.0_f64, 0.0_f64), |(left, top, right, bottom), block| {
            let Block { centre, width, height } = block;
            (
                left.min(centre.x - width / 2.0),
                top.min(centre.y - height / 2.0),
                right.max(centre.x + width / 2.0),
                bottom.max(centre.y + height / 2.0),
            )
        })
    };
    let (left, top, right, bottom) = bounds(&mut nodes.iter().copied().chain(curves.iter().map(|curve| curve.block)));
    let lowest = curves.iter().flat_map(|curve| curve.points).fold(bottom, |lowest, point| lowest.max(point.y));
    let (dx, dy) = (MARGIN - left, MARGIN - top);
    let move_by = |point: &mut Point| {
        point.x += dx;
        point.y += dy;
    };
    nodes.iter_mut().for_each(|node| move_by(&mut node.centre));
    for curve in &mut curves {
        curve.points.iter_mut().for_each(move_by);
        move_by(&mut curve.block.centre);
    }
    Layout { width: right + dx + MARGIN / 2.0, height: lowest + dy + MARGIN / 2.0, nodes, curves }
}

/// Counts in a picture are small.
fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
