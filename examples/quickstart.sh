#!/usr/bin/env bash
# Sets up what is missing, then checks, builds, verifies, tests and replays the flagship examples.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tests/setup.sh
cargo build --release --locked -p leverframe-cli
leverframe="${CARGO_TARGET_DIR:-target}/release/leverframe"
out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT
for example in coding-agent workspace-assistant slack-assistant; do
  policy="examples/$example/policy.lever"
  printf '\n== %s: check, build, verify, test\n\n' "$example"
  "$leverframe" check "$policy"
  "$leverframe" build "$policy" -o "$out/$example.frame"
  "$leverframe" verify "$policy" "$out/$example.frame"
  "$leverframe" test "$policy"
  printf '\n== %s: work that goes through\n\n' "$example"
  "$leverframe" replay "$out/$example.frame" "examples/$example/sessions/benign.jsonl" --expect
  printf '\n== %s: attacks that are stopped\n\n' "$example"
  "$leverframe" replay "$out/$example.frame" "examples/$example/sessions/attacked.jsonl" --expect
done
