#!/usr/bin/env bash
# The tests of the C interface: every conformance case and every misuse, linked dynamically and statically, under valgrind and under AddressSanitizer with its
# leak check, and the example. LEVERFRAME_BIN names the binary that builds frames; else it is built. Ends with one line in the form of cargo's.
set -euo pipefail
own="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$own/../../.." && pwd)"
bash "$root/tests/setup.sh" bindings
cd "$root"
target="${CARGO_TARGET_DIR:-$root/target}"
work="$target/leverframe-c-tests"
rm -rf "$work"
mkdir -p "$work"
if [ -z "${LEVERFRAME_BIN:-}" ]; then
  cargo build --locked -p leverframe-cli
  export LEVERFRAME_BIN="$target/debug/leverframe"
fi
PROFILE=dev bash "$own/build.sh" "$work/prefix"
cargo run --locked --quiet -p leverframe-host --example cases -- "$work/cases"
"$LEVERFRAME_BIN" build "$root/runtime/bindings/example/support.lever" -o "$work/support.frame"

export PKG_CONFIG_PATH="$work/prefix/lib/pkgconfig" LD_LIBRARY_PATH="$work/prefix/lib"
read -ra shared <<< "$(pkg-config --cflags --libs leverframe)"
# The library itself instead of its name: then the linker cannot take the shared one.
read -ra static <<< "$(pkg-config --cflags leverframe) $work/prefix/lib/libleverframe.a $(sed -n 's/^Libs.private: //p' "$PKG_CONFIG_PATH/leverframe.pc")"
warnings=(-std=c11 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Werror -Wno-unused-function -O1 -g)
for program in conformance misuse; do
  gcc "${warnings[@]}" "$own/tests/$program.c" -o "$work/$program" "${shared[@]}" -pthread
  gcc "${warnings[@]}" -fsanitize=address,undefined -fno-sanitize-recover=undefined "$own/tests/$program.c" -o "$work/$program-asan" "${static[@]}" -pthread
done
gcc "${warnings[@]}" "$own/examples/support.c" -o "$work/support" "${shared[@]}"
# C++ must be able to read the header, and reading it twice must be no error.
printf '#include "leverframe.h"\n#include "leverframe.h"\nint main() { return lf_admitted(nullptr) ? 1 : 0; }\n' > "$work/header.cpp"
g++ -std=c++11 -Wall -Wextra -Werror "$work/header.cpp" -o "$work/header" "${shared[@]}"

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
# A case whose first call is allowed, with neither labels nor scans, is what misuse starts from.
start=seq-forbid-then
memory=(valgrind --quiet --error-exitcode=9 --leak-check=full --show-leak-kinds=definite,indirect,possible --errors-for-leak-kinds=definite,indirect,possible)
try conformance "$work/conformance" "$work/cases"
try misuse "$work/misuse" "$work/cases" "$start"
try conformance_asan "$work/conformance-asan" "$work/cases"
try misuse_asan "$work/misuse-asan" "$work/cases" "$start"
try conformance_valgrind "${memory[@]}" "$work/conformance" "$work/cases"
try misuse_valgrind "${memory[@]}" "$work/misuse" "$work/cases" "$start"
try header_cpp "$work/header"
# What a frame's digest is, is not this test's.
example() { "$work/support" "$work/support.frame" | sed 's/"sha256:[0-9a-f]*"/"sha256:…"/' | diff -u "$own/../example/support.expected" -; }
try example example
word=ok
[ "$failed" = 0 ] || word=FAILED
echo "test result: $word. $passed passed; $failed failed; 0 ignored"
[ "$failed" = 0 ]
