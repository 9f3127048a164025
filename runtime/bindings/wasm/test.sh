#!/usr/bin/env bash
# The tests of the WebAssembly package, in Node: every conformance case, every misuse, the types, the archive, the example. LEVERFRAME_BIN names the binary that
# builds frames; else it is built. Ends with one line in the form of cargo's.
set -euo pipefail
own="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$own/../../.." && pwd)"
bash "$root/tests/setup.sh" bindings
cd "$root"
target="${CARGO_TARGET_DIR:-$root/target}"
work="$target/leverframe-wasm-tests"
rm -rf "$work"
mkdir -p "$work"
if [ -z "${LEVERFRAME_BIN:-}" ]; then
  cargo build --locked -p leverframe-cli
  export LEVERFRAME_BIN="$target/debug/leverframe"
fi
bash "$own/build.sh" "$work/package"
cargo run --locked --quiet -p leverframe-host --example cases -- "$work/cases"
"$LEVERFRAME_BIN" build "$root/runtime/bindings/example/support.lever" -o "$work/support.frame"
export LEVERFRAME_CASES="$work/cases" LEVERFRAME_PACKAGE="$work/package"

passed=0 failed=0
try() {
  local name="$1"
  shift
  if "$@"; then
    echo "test $name ... ok"
    passed=$((passed + 1))
  else
    echo "test $name ... FAILED"
    failed=$((failed + 1))
  fi
}
# The package as it is installed, from its archive and without a registry.
installed() {
  (cd "$work" && npm pack --silent --offline ./package >/dev/null)
  mkdir -p "$work/user" && cd "$work/user" && echo '{"type":"module","private":true}' > package.json
  npm install --silent --offline --no-audit --no-fund "$work"/leverframe-*.tgz
  cp "$own/examples/support.js" "$work/user/"
  # What a frame's digest is, is not this test's. The C example says the same of the same calls.
  node support.js "$work/support.frame" | sed 's/"sha256:[0-9a-f]*"/"sha256:…"/' | diff -u "$own/../example/support.expected" -
}
types() {
  mkdir -p "$work/types/node_modules"
  cp "$own/test/types.ts" "$work/types/"
  echo '{"type":"module"}' > "$work/types/package.json"
  ln -sfn "$work/package" "$work/types/node_modules/leverframe"
  (cd "$work/types" && tsc --noEmit --strict --target es2022 --module node16 --moduleResolution node16 --lib es2022,dom types.ts)
}
try conformance node --test "$own/test/conformance.test.js"
try misuse node --test "$own/test/misuse.test.js"
try types types
try package_and_example installed
word=ok
[ "$failed" = 0 ] || word=FAILED
echo "test result: $word. $passed passed; $failed failed; 0 ignored"
[ "$failed" = 0 ]
