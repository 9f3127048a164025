#!/usr/bin/env bash
# Sets up what the Spark job's test needs (Java, PySpark, the wheel) and passes it. Some minutes; not part of `tests/run.sh`.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! command -v java >/dev/null 2>&1; then
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends default-jre-headless
fi
bash runtime/bindings/python/test.sh wheel
made=target/spark/requirements.txt
if ! cmp -s examples/backtest-spark/requirements.txt "$made"; then
  python3 -m venv target/spark
  target/spark/bin/python -m pip install --quiet --disable-pip-version-check -r examples/backtest-spark/requirements.txt
  cp examples/backtest-spark/requirements.txt "$made"
fi
target/spark/bin/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --force-reinstall target/wheels/leverframe-*.whl
if [ -z "${LEVERFRAME_BIN:-}" ]; then
  cargo build --locked -p leverframe-cli
  export LEVERFRAME_BIN="$PWD/target/debug/leverframe"
fi
cd examples/backtest-spark
../../target/spark/bin/python -m pytest -q -p no:cacheprovider test_backtest.py "$@"
