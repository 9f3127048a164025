#!/usr/bin/env bash
# Sets up what building needs on a Debian machine with Rust: a C linker for build scripts, the solver z3 for the checker, and Python for the scripts of
# the tests.
# With the argument `tests` also what only the tests need: MONA, against which they hold the compiler's automata, Coq, which checks the proofs, cvc5, which
# repeats the solver's answers, pyarrow, which writes Parquet files, Redis and Valkey for the store, OpenSSL, against which they hold signatures, and python-stdnum, against which they hold the validators of detectors.
# With the argument `gateway` what the tests of the gateway from outside need: Node for servers and clients in TypeScript, Python for the others, git for its server.
# With the argument `bindings` what the tests of the C and WebAssembly bindings need.
set -euo pipefail
missing=()
command -v cc >/dev/null 2>&1 || missing+=(gcc libc6-dev)
# Whether the solver can be linked is what the linker says.
linked="$(mktemp)"
echo 'int main(void) { return 0; }' | cc -x c - -lz3 -o "$linked" 2>/dev/null || missing+=(libz3-dev)
rm -f "$linked"
command -v pkg-config >/dev/null 2>&1 || missing+=(pkg-config)
command -v python3 >/dev/null 2>&1 || missing+=(python3)
case "${1:-}" in
  "") ;;
  tests)
    command -v mona >/dev/null 2>&1 || missing+=(mona)
    command -v coqc >/dev/null 2>&1 && command -v coqchk >/dev/null 2>&1 || missing+=(coq)
    command -v openssl >/dev/null 2>&1 || missing+=(openssl)
    command -v redis-server >/dev/null 2>&1 || missing+=(redis-server)
    python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
    ;;
  bindings)
    command -v g++ >/dev/null 2>&1 || missing+=(g++)
    command -v valgrind >/dev/null 2>&1 || missing+=(valgrind)
    # A compiler with the sources of the standard library, from which that of WebAssembly is compiled; and a linker, where Rust has not brought its own.
    [ -d /usr/lib/rustlib/src/rust/library ] && [ -x /usr/bin/rustc ] || missing+=(rustc-web rust-web-src)
    ls "$(rustc --print sysroot 2>/dev/null)"/lib/rustlib/*/bin/rust-lld >/dev/null 2>&1 || command -v wasm-ld >/dev/null 2>&1 || missing+=(lld)
    command -v node >/dev/null 2>&1 || missing+=(nodejs)
    command -v npm >/dev/null 2>&1 || missing+=(npm)
    command -v tsc >/dev/null 2>&1 || missing+=(node-typescript)
    ;;
  gateway)
    command -v node >/dev/null 2>&1 || missing+=(nodejs)
    command -v npm >/dev/null 2>&1 || missing+=(npm)
    command -v git >/dev/null 2>&1 || missing+=(git)
    python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
    ;;
  *) echo "usage: bash tests/setup.sh [tests|bindings|gateway]" >&2; exit 2 ;;
esac
if [ "${#missing[@]}" -gt 0 ]; then
  echo "setting up: ${missing[*]}"
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
command -v cargo >/dev/null 2>&1 || { echo "Rust is missing: install it from https://rustup.rs and run this again" >&2; exit 2; }
if [ "${1:-}" = tests ]; then
  cd "$(dirname "$0")/.."
  # The copy beside the environment is of the list that it was made from.
  made="target/python/requirements.txt"
  if ! cmp -s tests/requirements.txt "$made"; then
    python3 -m venv target/python
    target/python/bin/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
    cp tests/requirements.txt "$made"
  fi
fi
