//! This project's engine, as a process of the comparison.

fn main() {
    leverframe_bench_peers::peer::serve::<leverframe_bench_peers::engine::Leverframe>();
}
