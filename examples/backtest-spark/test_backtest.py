"""The job decides what the command decides, byte for byte, however the record is cut and divided.

`LEVERFRAME_BIN` is the binary `leverframe`; the wheel, PySpark and Java are installed (`test.sh` sees to that).
"""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

import backtest
from synthesise import record

HERE = Path(__file__).resolve().parent
BINARY = os.environ["LEVERFRAME_BIN"]


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        "spark.master": "local[2]",
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "3",
        # So that a small record is read by many tasks, and cut in the middle of lines.
        "spark.sql.files.maxPartitionBytes": "50000",
        "spark.sql.files.openCostInBytes": "1",
    }
    builder = SparkSession.builder
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def built(policy: Path, folder: Path) -> Path:
    frame = folder / f"{policy.parent.name}.frame"
    subprocess.run([BINARY, "build", "--unproven", policy, "-o", frame], check=True, capture_output=True)
    return frame


def replayed(frame: Path, trace: Path) -> list[str]:
    return subprocess.run([BINARY, "replay", frame, trace, "--format", "jsonl"], check=True, capture_output=True, text=True).stdout.splitlines()


def decided(spark: SparkSession, frame: Path, traces: list[Path]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {trace.name: [] for trace in traces}
    rows = backtest.backtest(spark, frame.read_bytes(), [str(trace) for trace in traces], True).orderBy("file", "line").collect()
    for row in rows:
        found[row["file"].rsplit("/", 1)[-1]].append(row["decision"])
    return found


def test_records_that_are_divided(spark: SparkSession, tmp_path: Path) -> None:
    frame, traces = built(HERE / "spend.lever", tmp_path), []
    for seed in (1, 2):
        trace = tmp_path / f"made-{seed}.jsonl"
        trace.write_text("\n".join(record(150, seed)), encoding="utf-8")
        traces.append(trace)
    packed = tmp_path / "packed.jsonl.gz"
    packed.write_bytes(gzip.compress("\r\n".join(record(20, 3)).encode("utf-8")))
    traces.append(packed)
    expected = {trace.name: replayed(frame, trace) for trace in traces}
    assert len(expected["made-1.jsonl"]) > 1_200
    for rule in ("refunds", "letters", "found_first", "revoked", "support.ask#1"):
        assert any(f'"rule":"{rule}"' in line for line in expected["made-1.jsonl"]), rule
    assert decided(spark, frame, traces) == expected


def test_the_sessions_of_the_examples(spark: SparkSession, tmp_path: Path) -> None:
    policy = HERE.parent / "coding-agent" / "policy.lever"
    traces = sorted(policy.parent.glob("sessions/*.jsonl"))
    frame = built(policy, tmp_path)
    assert traces and decided(spark, frame, traces) == {trace.name: replayed(frame, trace) for trace in traces}


@pytest.mark.parametrize("driver_pairs", [0, 1_000])
def test_parts_are_connected_components(spark: SparkSession, driver_pairs: int) -> None:
    # A chain, whose ends know nothing of each other, and a session alone.
    rows = [("f", f"s{number}", f"u{number // 2}", f"t{(number + 1) // 2}") for number in range(24)] + [("f", "alone", None, None)]
    named = spark.createDataFrame(rows, "file string, session string, principal string, tenant string")

    def found(*kinds: str) -> dict[str, str]:
        return {row["session"]: row["part"] for row in backtest.parts(named, list(kinds), driver_pairs).collect()}

    whole = found("session", "principal", "tenant")
    assert len(whole) == 25 and len({whole[f"s{number}"] for number in range(24)}) == 1 and whole["alone"] != whole["s0"]
    pairs = found("session", "principal")
    assert all((pairs[f"s{one}"] == pairs[f"s{other}"]) == (one // 2 == other // 2) for one in range(24) for other in range(24))
    assert len(set(found("session").values())) == 25


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (['{"session":"s"}'], "a line needs one of"),
        (['{"result_of":"1","result":{"ok":true}}'], "no line has that id"),
        (['{"session":"s","persona":"support","tool":"crm.find","args":{"name":"a"},"id":"1"}'] * 2 + ['{"result_of":"1","result":{"ok":true}}'], "two calls"),
        (['{"session":"s","event":"unheard.of"}'], "unknown_event"),
    ],
)
def test_an_error_of_a_record_ends_the_job(spark: SparkSession, tmp_path: Path, lines: list[str], words: str) -> None:
    frame, trace = built(HERE / "spend.lever", tmp_path), tmp_path / "wrong.jsonl"
    trace.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(Exception, match=words):
        decided(spark, frame, [trace])


def test_the_command_writes_the_decisions_in_order(tmp_path: Path) -> None:
    frame, trace, out = built(HERE / "spend.lever", tmp_path), tmp_path / "made.jsonl", tmp_path / "out"
    trace.write_text("\n".join(record(20, 4)) + "\n", encoding="utf-8")
    settings = {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    submit = [Path(sys.executable).with_name("spark-submit"), "--master", "local[2]", "--conf", "spark.sql.shuffle.partitions=3"]
    done = subprocess.run(
        [*submit, HERE / "backtest.py", frame, out, trace, "--accept-unproven"],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written = "".join(part.read_text(encoding="utf-8") for part in sorted(out.glob("record=made.jsonl/part-*")))
    assert written.splitlines() == replayed(frame, trace)
