#!/usr/bin/env bash
# The tests of the gateway from outside: the official clients in front, real servers behind, servers and clients that misbehave, gateways that are killed.
# LEVERFRAME_BIN and LEVERFRAME_GATEWAY_BIN name the binaries; else they are built. LEVERFRAME_KILLS and LEVERFRAME_MUTATIONS say how often. Arguments are pytest's.
set -euo pipefail
own="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$own/../.." && pwd)"
bash "$root/tests/setup.sh" gateway
cd "$root"
target="${CARGO_TARGET_DIR:-$root/target}"
work="$target/gateway-tests"
mkdir -p "$work"
if [ -z "${LEVERFRAME_BIN:-}" ]; then
  cargo build --locked -p leverframe-cli
  export LEVERFRAME_BIN="$target/debug/leverframe"
fi
if [ -z "${LEVERFRAME_GATEWAY_BIN:-}" ]; then
  cargo build --locked -p leverframe-gateway
  export LEVERFRAME_GATEWAY_BIN="$target/debug/leverframe-gateway"
fi
# The copies beside the environments are of the lists that they were made from.
if ! cmp -s "$own/tests/e2e/requirements.txt" "$work/requirements.txt"; then
  python3 -m venv "$work/python"
  "$work/python/bin/python" -m pip install --quiet --disable-pip-version-check -r "$own/tests/e2e/requirements.txt"
  cp "$own/tests/e2e/requirements.txt" "$work/requirements.txt"
fi
if ! cmp -s "$own/tests/e2e/package-lock.json" "$work/package-lock.json"; then
  cp "$own/tests/e2e/package.json" "$own/tests/e2e/package-lock.json" "$work/"
  (cd "$work" && npm ci --silent --no-audit --no-fund)
fi
rm -f "$work/policy.frame"
export LEVERFRAME_GATEWAY_WORK="$work"
status=0
"$work/python/bin/python" -m pytest -p no:cacheprovider -q "$own/tests/e2e" "$@" | tee "$work/pytest.txt" || status=$?
# One line in the form of cargo's.
summary="$(tail -1 "$work/pytest.txt")"
count() { grep -oE "[0-9]+ $1" <<< "$summary" | cut -d' ' -f1 || true; }
passed="$(count passed)" failed="$(count failed)" errors="$(count error)"
failed=$(( ${failed:-0} + ${errors:-0} ))
word=ok
[ "$status" = 0 ] || word=FAILED
echo "test result: $word. ${passed:-0} passed; $failed failed; 0 ignored"
exit "$status"
