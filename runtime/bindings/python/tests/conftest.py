"""What the tests share: the command line, frames, and what its replay decides.

``LEVERFRAME_BIN`` is the binary ``leverframe``; without it nothing here can be tested, and the run fails.
"""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import pytest

from leverframe import Policy, Session, Sessions

ROOT = Path(__file__).resolve().parents[4]

POLICY = """language 1

detector token = matches r"tok_[a-z0-9]{8}"
label secret sensitive

tool crm.get(id: string)
tool mail.send(to: string, body: string)
tool notes.add(text: string, tags: list<string>)
tool files.read(path: string)
tool files.delete(path: string)
effect crm.get returns secret
effect mail.send sends
event user.revoked(reason: string)

persona work {
  allow crm.get, notes.add, files.read
  deny mail.send when to == "x@evil.example"
  ask mail.send when not (to == "x@evil.example") by "lead"
  otherwise deny
}

scan notes.add arguments for token => redact
scan files.read results for token => redact
scan crm.get results for token => deny
require read_first { crm.get before notes.add }
forbid revoked { user.revoked then files.read }
"""


@dataclass(frozen=True)
class Case:
    """A policy with a record."""

    name: str
    frame: bytes
    record: Path
    decided: str


def binary() -> Path:
    found = os.environ.get("LEVERFRAME_BIN")
    assert found, "LEVERFRAME_BIN must name the binary `leverframe`"
    return Path(found)


def run(*words: object) -> str:
    done = subprocess.run([str(binary()), *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}: {done.stderr}"
    return done.stdout


def case(policy: Path, record: Path, folder: Path) -> Case:
    name = f"{record.parent.parent.name}-{record.stem}" if record.parent.name == "sessions" else record.parent.name
    frame = folder / f"{name}.frame"
    run("build", "--unproven", policy, "-o", frame)
    return Case(name, frame.read_bytes(), record, run("replay", frame, record, "--format", "jsonl"))


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    """Every conformance case and every session of the examples, with what the command decides."""
    folder = tmp_path_factory.mktemp("frames")
    found = [(record.parent / "policy.lever", record) for record in sorted(ROOT.glob("lang-spec/conformance/*/trace.jsonl"))]
    found += [(record.parent.parent / "policy.lever", record) for record in sorted(ROOT.glob("examples/*/sessions/*.jsonl"))]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda pair: case(pair[0], pair[1], folder), found))


@pytest.fixture(scope="session")
def frame(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("policy")
    (folder / "policy.lever").write_text(POLICY, encoding="utf-8")
    run("build", "--unproven", folder / "policy.lever", "-o", folder / "policy.frame")
    return folder / "policy.frame"


@pytest.fixture
def policy(frame: Path) -> Policy:
    return Policy.load(frame, accept_unproven=True)


@pytest.fixture
def open_session(policy: Policy) -> Callable[[], Session]:
    """Opens a session that nobody has used."""
    sessions = Sessions(policy)
    count = iter(range(1000))
    return lambda: sessions.open(f"s{next(count)}", "work")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The line that `tests/run.sh` counts by."""
    count = {word: len(terminalreporter.stats.get(word, [])) for word in ("passed", "failed", "error")}
    broken = count["failed"] + count["error"]
    terminalreporter.write_line(f"test result: {'FAILED' if broken else 'ok'}. {count['passed']} passed; {broken} failed")
