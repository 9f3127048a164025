//! Two gateways race the two halves of a forbidden pair: at most one may be admitted.
//!
//! In: a store in Redis, how many races. Out: how they ended. Each gateway is a store of its own, with its own copies and connections. Half of the races are of one
//! session, half of two sessions of one principal; before each race both have made a call, so that one has a copy that is out of date.
//! Source: `runtime/store/README.md`.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use leverframe_store::{Handle, Sessions};

use crate::policy::{admitted, open};

/// How races ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Races {
    pub both: usize,
    pub one: usize,
    pub none: usize,
}

/// Which pair of tools is raced, and by how many pairs of threads.
#[derive(Clone, Copy)]
pub struct Plan {
    pub races: usize,
    pub pairs: usize,
    /// Whether principals' histories are raced, too.
    pub principals: bool,
}

/// Runs races; the names begin with `run`.
pub fn run(gateways: [&Sessions; 2], plan: Plan, run: &str) -> Races {
    let ends = [AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0)];
    std::thread::scope(|scope| {
        for pair in 0..plan.pairs {
            let ends = &ends;
            scope.spawn(move || {
                let races = (pair..plan.races).step_by(plan.pairs);
                races.for_each(|race| {
                    drop(ends[usize::from(race_one(gateways, plan, &format!("{run}-{race}"), race))].fetch_add(1, Ordering::Relaxed))
                });
            });
        }
    });
    let [none, one, both] = ends.map(AtomicUsize::into_inner);
    Races { both, one, none }
}

/// How many of the two were admitted.
fn race_one(gateways: [&Sessions; 2], plan: Plan, name: &str, race: usize) -> u8 {
    let shared = plan.principals && race % 2 == 1;
    let tools = if shared { ["p.a", "p.b"] } else { ["s.a", "s.b"] };
    let principal = plan.principals.then(|| format!("{name}-p"));
    let handle = |side: usize| -> Handle {
        let session = if shared { format!("{name}-{side}") } else { name.to_owned() };
        let handle = open(gateways[side], &session, principal.as_deref(), 0).expect("a session");
        assert!(admitted(gateways[side], &handle, "t.free", 0), "what nothing forbids is admitted");
        handle
    };
    let handles = [handle(0), handle(1)];
    let start = Barrier::new(2);
    let side = |side: usize| {
        start.wait();
        // Which of them is the earlier half changes from race to race.
        u8::from(admitted(gateways[side], &handles[side], tools[(side + race / 2) % 2], 1))
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| side(1));
        side(0) + other.join().expect("the other side")
    })
}
