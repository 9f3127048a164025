//! How often a decision allocates: `allocations FOLDER EVENTS`.
//!
//! In: a case and the length of its history. Out: allocations a decision, and bytes of them, over all calls of the case, after each was decided once.
//! Invariant: a process of its own, since counting makes every allocation dearer.

use std::alloc::System;
use std::path::Path;

use leverframe_bench_peers::engine::Leverframe;
use leverframe_bench_peers::peer::{Case, Peer, STEP};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How often all calls of the case are decided.
const ROUNDS: usize = 100;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, events] = &arguments[..] else { panic!("usage: allocations FOLDER EVENTS") };
    let events: usize = events.parse().unwrap_or_else(|error| panic!("`{events}`: {error}"));
    let case = Case::read(Path::new(folder));
    let mut peer = Leverframe::after(&case, events);
    let at = i64::try_from(events).unwrap_or(i64::MAX) * STEP;
    let round = |peer: &mut Leverframe| (0..case.calls.len()).filter(|index| peer.decide(*index, at)).count();
    round(&mut peer);
    let region = Region::new(COUNTING);
    for _ in 0..ROUNDS {
        std::hint::black_box(round(&mut peer));
    }
    let (counted, decisions) = (region.change(), ROUNDS * case.calls.len());
    println!("{} {} {decisions}", counted.allocations + counted.reallocations, counted.bytes_allocated);
}
