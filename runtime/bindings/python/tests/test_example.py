"""The example does what its policy says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conftest import run

HERE = Path(__file__).resolve().parent.parent / "examples"


def test_the_example_runs(tmp_path: Path) -> None:
    frame = tmp_path / "support.frame"
    run("build", HERE / "support.lever", "-o", frame)
    done = subprocess.run([sys.executable, HERE / "support.py", frame], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == ["denied", "done", "done", "done", "not approved", "asked", "done", "denied"], done.stdout
    assert "found_first" in lines[0] and "key_" not in lines[2] and "a lead" in lines[5] and "refunds" in lines[7]
