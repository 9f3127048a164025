//! What is drawn of a rule: states, labelled edges, and one end that judged calls lead to.
//!
//! In: a frame and a rule. Out: [`Drawing`]. Invariants: letters that change nothing are not drawn; letters with the same effect share an edge; a judged call
//! leads to the end, since it is not admitted (or, where the rule only watches or asks, to show where it speaks).
//! A picture has at most [`STATES`] states and an edge at most [`WORDS`] lines; what is folded is counted.

use std::collections::BTreeMap;

use leverframe_runtime::frame::{Action, Automaton, Body, Frame, Gauge, Measure, Operation, Rule, RuleId, gauge_class};

use super::paths::{Ways, ways};
use super::words::{Words, duration};

/// The most states that are drawn.
const STATES: usize = 20;
/// The most lines beside an edge.
const WORDS: usize = 4;
/// The most ways to a class that are told.
const TOLD: usize = 48;
/// The longest line beside an edge, in characters.
const LINE: usize = 56;

/// A graph to draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Drawing {
    pub(super) name: String,
    /// What stands in each node; the first is the initial state.
    pub(super) nodes: Vec<String>,
    /// The node that judged calls lead to.
    pub(super) end: Option<usize>,
    pub(super) edges: Vec<Edge>,
}

/// An edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) lines: Vec<String>,
    pub(super) judged: bool,
}

impl Drawing {
    pub(super) fn of(frame: &Frame, rule: RuleId) -> Option<Self> {
        let rule = frame.rules.get(rule.index())?;
        let words = Words { frame, rule };
        let ways = ways(&rule.alphabet);
        Some(match &rule.body {
            Body::Automaton(automaton) => table(words, rule, &ways, automaton),
            Body::Gauge(gauge) => chain(words, rule, &ways, gauge),
        })
    }
}

fn end(action: &Action) -> &'static str {
    match action {
        Action::Deny => "deny",
        Action::Ask(_) => "ask",
        Action::EndSession => "end session",
        Action::Observe => "observe",
    }
}

fn table(words: Words<'_>, rule: &Rule, ways: &[Ways], automaton: &Automaton) -> Drawing {
    let states = usize::from(automaton.states);
    let shown = states.min(STATES);
    let mut nodes: Vec<String> = (0..shown).map(|state| state.to_string()).collect();
    let folded = (states > shown).then(|| {
        nodes.push(format!("{} more", states - shown));
        shown
    });
    let end_node = automaton.deny.contains(&true).then(|| {
        nodes.push(end(&rule.action).to_owned());
        nodes.len() - 1
    });
    let width = usize::from(rule.alphabet.classes).max(1);
    let mut classes: BTreeMap<(usize, usize, bool), Vec<usize>> = BTreeMap::new();
    for (state, row) in automaton.delta.chunks(width).enumerate().take(shown) {
        for (class, to) in row.iter().enumerate() {
            let cell = state * width + class;
            let to = usize::from(*to).min(folded.unwrap_or(usize::MAX));
            if let (Some(true), Some(end)) = (automaton.deny.get(cell), end_node) {
                classes.entry((state, end, true)).or_default().push(class);
            } else if to != state || restarts(automaton, cell) {
                classes.entry((state, to, false)).or_default().push(class);
            }
        }
    }
    let edge =
        |((from, to, judged), classes): ((usize, usize, bool), Vec<usize>)| Edge { from, to, judged, lines: lines(words, ways, &classes) };
    Drawing { name: rule.name.clone(), nodes, end: end_node, edges: classes.into_iter().map(edge).collect() }
}

/// Whether a letter that keeps the state sets a register.
fn restarts(automaton: &Automaton, cell: usize) -> bool {
    let set = automaton.updates.get(cell).and_then(|set| automaton.update_sets.get(usize::from(*set)));
    set.into_iter().flatten().any(|update| update.operation != Operation::Clear)
}

fn chain(words: Words<'_>, rule: &Rule, ways: &[Ways], gauge: &Gauge) -> Drawing {
    let mut numbers: Vec<String> = match gauge.measure {
        Measure::Count { most } => counted(most, ""),
        Measure::Distinct { most } => counted(most, " different"),
        Measure::Sum { most } => vec![format!("sum up to {most}")],
    };
    let last = numbers.len() - 1;
    let window = gauge.window_ms.map_or(String::new(), |ms| format!(" in {}", duration(ms)));
    numbers.iter_mut().for_each(|number| number.push_str(&window));
    numbers.push(end(&rule.action).to_owned());
    let with = |bit: u16| (0..gauge_class::CLASSES).filter(|class| class & bit != 0).map(usize::from).collect::<Vec<usize>>();
    let step = lines(words, ways, &with(gauge_class::COUNTS));
    let over = lines(words, ways, &with(gauge_class::JUDGED));
    let edge = |from: usize, to: usize, lines: &[String], judged: bool| Edge { from, to, lines: lines.to_vec(), judged };
    // A sum stands for itself: what is counted leads back to it.
    let counting = if last == 0 { 0..1 } else { 0..last };
    let mut edges: Vec<Edge> = counting.map(|from| edge(from, (from + 1).min(last), &step, false)).collect();
    edges.push(edge(last, last + 1, &over, true));
    Drawing { name: rule.name.clone(), nodes: numbers, end: Some(last + 1), edges }
}

fn counted(most: u32, what: &str) -> Vec<String> {
    let numbers: Vec<String> = match most {
        0..=5 => (0..=most).map(|number| number.to_string()).collect(),
        _ => vec!["0".into(), "1".into(), format!("{} more", most - 2), most.to_string()],
    };
    numbers.into_iter().map(|number| number + what).collect()
}

/// The letters of some classes, in words.
fn lines(words: Words<'_>, ways: &[Ways], classes: &[usize]) -> Vec<String> {
    let ways: Vec<&Ways> = classes.iter().filter_map(|class| ways.get(*class)).collect();
    let more = ways.iter().any(|ways| ways.more);
    let steps = words.steps(ways.iter().flat_map(|ways| ways.paths.iter().take(TOLD)));
    let mut lines: Vec<String> = steps.iter().map(|step| words.step(step)).collect();
    lines.iter_mut().for_each(shorten);
    if lines.len() > WORDS || more {
        let hidden = lines.len().saturating_sub(WORDS - 1);
        lines.truncate(WORDS - 1);
        lines.push(if more { "and more".to_owned() } else { format!("{hidden} more") });
    }
    lines
}

fn shorten(line: &mut String) {
    if let Some((cut, _)) = line.char_indices().nth(LINE) {
        line.truncate(cut);
        line.push('…');
    }
}
