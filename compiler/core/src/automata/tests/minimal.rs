//! Minimality, by filling the table of pairs that can be told apart; and canonical numbering.

use leverframe_runtime::frame::{Alphabet, Automaton, Target};

use super::super::Compiled;

/// Panics unless all states can be told apart, all classes differ and everything is numbered as it is met.
pub(super) fn check(compiled: &Compiled) {
    let automaton = super::automaton(compiled);
    let (states, classes) = (usize::from(automaton.states), usize::from(compiled.alphabet.classes));
    assert_eq!(indistinct(automaton, states, classes), None, "two states are one");
    for a in 0..classes {
        for b in 0..a {
            let differ = (0..states).any(|q| cell(automaton, classes, q, a) != cell(automaton, classes, q, b));
            assert!(differ, "classes {b} and {a} are one");
        }
    }
    assert_eq!(breadth_first(automaton, classes), (0..states).collect::<Vec<_>>(), "states are not in breadth-first order");
    diagram(&compiled.alphabet);
}

type Cell<'a> = (u16, bool, &'a [leverframe_runtime::frame::Update]);

fn cell(automaton: &Automaton, classes: usize, state: usize, class: usize) -> Cell<'_> {
    let index = state * classes + class;
    (automaton.delta[index], automaton.deny[index], &automaton.update_sets[usize::from(automaton.updates[index])])
}

/// Fills the table of distinguishable pairs until nothing changes; a pair that stays unmarked.
fn indistinct(automaton: &Automaton, states: usize, classes: usize) -> Option<(usize, usize)> {
    let mut apart = vec![vec![false; states]; states];
    loop {
        let mut changed = false;
        for a in 0..states {
            for b in 0..a {
                let tells = |class: usize| {
                    let (x, y) = (cell(automaton, classes, a, class), cell(automaton, classes, b, class));
                    let (to_x, to_y) = (usize::from(x.0), usize::from(y.0));
                    (x.1, x.2) != (y.1, y.2) || apart[to_x.max(to_y)][to_x.min(to_y)]
                };
                if !apart[a][b] && (0..classes).any(tells) {
                    apart[a][b] = true;
                    changed = true;
                }
            }
        }
        if !changed {
            return (0..states).flat_map(|a| (0..a).map(move |b| (a, b))).find(|(a, b)| !apart[*a][*b]);
        }
    }
}

fn breadth_first(automaton: &Automaton, classes: usize) -> Vec<usize> {
    let mut order = vec![0];
    let mut next = 0;
    while next < order.len() {
        for class in 0..classes {
            let to = usize::from(automaton.delta[order[next] * classes + class]);
            if !order.contains(&to) {
                order.push(to);
            }
        }
        next += 1;
    }
    order
}

/// Reduced, ordered, without repetition, and every class reached.
fn diagram(alphabet: &Alphabet) {
    let mut reached = vec![false; usize::from(alphabet.classes)];
    let mut mark = |target: Target| {
        if let Target::Class(class) = target {
            reached[usize::from(class)] = true;
        }
    };
    for (index, node) in alphabet.nodes.iter().enumerate() {
        assert_ne!(node.yes, node.no, "a decision decides nothing");
        assert!(!alphabet.nodes[..index].contains(node), "a decision stands twice");
        for target in [node.yes, node.no] {
            mark(target);
            if let Target::Node(below) = target {
                assert!(usize::from(below) < index && alphabet.nodes[usize::from(below)].test > node.test, "decisions are not ordered");
            }
        }
    }
    alphabet.sites.iter().for_each(|site| mark(site.root));
    assert!(alphabet.sites.is_empty() || reached.iter().all(|reached| *reached), "a class is reached by no letter");
}
