#!/usr/bin/env bash
# Sets up what is missing and passes the tests. Arguments are passed on to `cargo test`.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tests/setup.sh tests
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
status=0
# All targets: the same features as the tests, so that nothing is compiled twice.
cargo build --workspace --all-targets --locked
cargo test --workspace --locked --no-fail-fast "$@" 2>&1 | tee "$log" || status=$?
# The gateway from outside, and the bindings, each over the conformance cases in its own language. With the name of a test, only cargo's are meant.
if [ "$#" = 0 ]; then
  export LEVERFRAME_BIN="${CARGO_TARGET_DIR:-$PWD/target}/debug/leverframe" LEVERFRAME_GATEWAY_BIN="${CARGO_TARGET_DIR:-$PWD/target}/debug/leverframe-gateway"
  for part in gateway bindings/c bindings/wasm bindings/python; do
    bash "runtime/$part/test.sh" 2>&1 | tee -a "$log" || status=$?
  done
fi
# One closing line over all test binaries.
awk '/^test result:/ { passed += $4; failed += $6 } END { printf "%d passed, %d failed\n", passed, failed }' "$log"
exit "$status"
