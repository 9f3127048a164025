#!/usr/bin/env bash
# The engine beside other systems: builds, sets up, checks that all decide alike, times, prints one table. QUICK=1 is the fast run.
# Everything lies in target/ and dogwood/target/ of this folder.
set -euo pipefail
cd "$(dirname "$0")"
cargo build --release --locked
cargo build --release --locked --manifest-path dogwood/Cargo.toml
# A system that cannot be installed is left out, and the table says why.
venv() {
  local place="target/venv-$1" list="$1.txt"
  if cmp -s "$list" "$place/installed.txt"; then return; fi
  rm -rf "$place"
  if { python3 -m venv "$place" && "$place/bin/python" -m pip install --quiet --disable-pip-version-check -r "$list"; } >"$place.log" 2>&1; then
    cp "$list" "$place/installed.txt"
  else
    rm -rf "$place"
  fi
}
venv invariant
venv agentltl
python3 bench.py
