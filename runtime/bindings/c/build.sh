#!/usr/bin/env bash
# Builds the shared and the static library and lays them out with header and pkg-config file. Usage: build.sh [PREFIX]; PROFILE=dev for a fast build.
# Needs Rust and a C linker, and of the network only what `cargo fetch` has not brought yet.
set -euo pipefail
own="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$own/../../.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"
prefix="${1:-$target/leverframe-c}"
profile="${PROFILE:-release}"
cd "$root"
version="$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)"
folder="$profile"
[ "$profile" = dev ] && folder=debug
cargo rustc -p leverframe-c --lib --locked --profile "$profile" --crate-type cdylib -- -C link-arg=-Wl,-soname,libleverframe.so.0
mkdir -p "$prefix/lib/pkgconfig" "$prefix/include"
prefix="$(cd "$prefix" && pwd)"
install -m 755 "$target/$folder/libleverframe_c.so" "$prefix/lib/libleverframe.so.0"
ln -sf libleverframe.so.0 "$prefix/lib/libleverframe.so"
cargo rustc -p leverframe-c --lib --locked --profile "$profile" --crate-type staticlib
install -m 644 "$target/$folder/libleverframe_c.a" "$prefix/lib/libleverframe.a"
install -m 644 "$own/include/leverframe.h" "$prefix/include/leverframe.h"
sed -e "s|@PREFIX@|$prefix|" -e "s|@VERSION@|$version|" "$own/leverframe.pc.in" > "$prefix/lib/pkgconfig/leverframe.pc"
echo "built into $prefix"
