#!/usr/bin/env bash
# Sets up what the Python package needs, builds its wheel, installs it without a network, and passes its tests and the type checker's.
# Usage: bash runtime/bindings/python/test.sh [wheel] [pytest's arguments]; with `wheel` it ends after the wheel is built, into target/wheels.
# `LEVERFRAME_BIN` may name the binary `leverframe`; otherwise it is built.
set -euo pipefail
cd "$(dirname "$0")"
root="$(cd ../../.. && pwd)"
python="$root/target/python-binding"
# The copy beside the environment is of the list that it was made from.
if ! cmp -s requirements.txt "$python/requirements.txt"; then
  python3 -m venv "$python"
  "$python/bin/python" -m pip install --quiet --disable-pip-version-check -r requirements.txt
  cp requirements.txt "$python/requirements.txt"
fi
rm -f "$root"/target/wheels/leverframe-*.whl
"$python/bin/maturin" build --quiet --interpreter "$python/bin/python" --out "$root/target/wheels"
[ "${1:-}" != wheel ] || exit 0
"$python/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --force-reinstall "$root"/target/wheels/leverframe-*.whl
if [ -z "${LEVERFRAME_BIN:-}" ]; then
  (cd "$root" && cargo build --locked -p leverframe-cli)
  export LEVERFRAME_BIN="$root/target/debug/leverframe"
fi
"$python/bin/mypy" python tests examples
"$python/bin/python" -m mypy.stubtest leverframe
"$python/bin/python" -m pytest -p no:cacheprovider "$@"
