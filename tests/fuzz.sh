#!/usr/bin/env bash
# Fuzzes one target for so many seconds: bash tests/fuzz.sh load|verify SECONDS. Sets up what is missing.
# New inputs go to target/fuzz/TARGET; what breaks it stays in tests/fuzz/artifacts/TARGET. cargo-fuzz wants a nightly toolchain for its flags alone:
# RUSTC_BOOTSTRAP lets the stable one take them. SANITIZER=address looks for faults of memory too; the project has no unsafe code, so without it is faster.
set -euo pipefail
[ "$#" = 2 ] && [[ "$1" =~ ^(load|verify)$ ]] && [[ "$2" =~ ^[0-9]+$ ]] || { echo "usage: bash tests/fuzz.sh load|verify SECONDS" >&2; exit 2; }
target="$1"
seconds="$2"
cd "$(dirname "$0")/.."
bash tests/setup.sh
if ! command -v c++ >/dev/null 2>&1; then
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends g++
fi
version=0.13.2
export PATH="$PWD/target/tools/bin:$PATH"
if ! cargo fuzz --version 2>/dev/null | grep -qx "cargo-fuzz $version"; then
  cargo install cargo-fuzz --version "$version" --locked --root target/tools
fi
found="$PWD/target/fuzz/$target"
mkdir -p "$found"
cd tests/fuzz
export RUSTC_BOOTSTRAP=1
cargo fuzz run --fuzz-dir . --sanitizer "${SANITIZER:-none}" "$target" "$found" "corpus/$target" -- \
  -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1
