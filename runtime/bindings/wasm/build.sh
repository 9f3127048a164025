#!/usr/bin/env bash
# Builds the npm package: the C interface compiled to WebAssembly, and the JavaScript over it. Usage: build.sh [FOLDER]; PROFILE=dev for a fast build.
# The standard library for WebAssembly is compiled from Debian's `rust-web-src` by its `rustc-web` (both set up by `tests/setup.sh bindings`); WASM_RUSTC names
# another compiler that has the sources beside it or the target installed. Needs of the network only what `cargo fetch` has not brought yet.
set -euo pipefail
own="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$own/../../.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"
folder="${1:-$target/leverframe-wasm/package}"
profile="${PROFILE:-release}"
cd "$root"
compiler="${WASM_RUSTC:-/usr/bin/rustc}"
triple=wasm32-unknown-unknown
command -v "$compiler" >/dev/null || { echo "$compiler is missing: bash tests/setup.sh bindings" >&2; exit 2; }
# The linker that comes with Rust, or Debian's.
host="$(rustc -vV | sed -n 's/^host: //p')"
linker="$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld"
[ -x "$linker" ] || linker="$(command -v wasm-ld || ls /usr/bin/wasm-ld-* 2>/dev/null | sort -V | tail -1 || true)"
[ -n "$linker" ] || { echo "no linker for WebAssembly: install lld" >&2; exit 2; }
std=(-Zbuild-std=std,panic_abort)
[ -d "$("$compiler" --print sysroot)/lib/rustlib/$triple/lib" ] && std=()
# `-Zbuild-std` is what the switch is for; nothing of Leverframe itself asks for more than stable Rust.
RUSTC="$compiler" RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$target/leverframe-wasm" CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$linker" \
  cargo rustc -p leverframe-c --lib --locked --profile "$profile" --crate-type cdylib --target "$triple" "${std[@]}"
[ "$profile" = dev ] && profile=debug
rm -rf "$folder"
mkdir -p "$folder"
cp "$own"/package/* "$own/README.md" "$root/LICENSE" "$folder/"
cp "$target/leverframe-wasm/$triple/$profile/leverframe_c.wasm" "$folder/leverframe.wasm"
echo "built into $folder; \`npm pack $folder\` makes the archive"
