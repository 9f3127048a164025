"""Loading, deciding, recording: what is decided, and that nothing fails open."""

from __future__ import annotations

import json
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable

import pytest

import leverframe
from leverframe import Call, Error, Policy, Session, Sessions

Open = Callable[[], Session]


def test_loading_is_strict(frame: Path) -> None:
    with pytest.raises(Error) as error:
        Policy.load(frame)
    assert error.value.code == "LF0608"
    with pytest.raises(Error) as error:
        Policy.load(frame, accept_unproven=True, keys=[bytes(range(32))])
    assert error.value.code.startswith("LF06")
    with pytest.raises(Error):
        Policy.load(b"no frame", accept_unproven=True)
    with pytest.raises(OSError):
        Policy.load(frame.with_name("missing.frame"))
    with pytest.raises(ValueError):
        Policy.load(frame, accept_unproven=True, value_key=b"short")
    policy = Policy.load(str(frame), accept_unproven=True, value_key=bytes(32))
    assert policy.unproven and policy.digest.startswith("sha256:")
    assert policy.digest == Policy.load(frame.read_bytes(), accept_unproven=True).digest
    assert "crm.get" in policy.tools and policy.personas == ["work"]
    assert policy.labels == ["secret"] and policy.events == ["user.revoked"]


def test_a_decision_says_all_that_the_command_says(open_session: Open) -> None:
    session = open_session()
    decision = session.decide("mail.send", {"to": "a@b.example", "body": "x"}, at=5, id="7", line=3)
    line = json.loads(decision.to_json())
    assert decision.verdict == line["verdict"] == "ask" and not decision.admitted
    assert decision.who == line["who"] == ["lead"]
    assert (decision.code, decision.rule, decision.rules) == (line["code"], line["rule"], line["rules"])
    assert (decision.id, decision.step, decision.tool, decision.at) == ("7", 1, "mail.send", 5)
    assert (line["line"], line["session"], line["frame"]) == (3, session.name, decision.frame)
    assert line["at"] == "1970-01-01T00:00:00.005Z"
    assert decision.observed == line["observed"] == [] and decision.message == line["message"]
    approved = session.decide("mail.send", {"to": "a@b.example", "body": "x"}, approved=True)
    assert approved.verdict == "ask" and approved.admitted
    assert not session.decide("mail.send", {"to": "a@b.example", "body": "x"}, approved=False).admitted
    with pytest.raises(TypeError):
        bool(decision)


class Strange(dict[str, Any]):
    def items(self) -> Any:
        raise RuntimeError("no")


def circle() -> dict[str, Any]:
    found: dict[str, Any] = {}
    found["path"] = found
    return found


def deep() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(100_000):
        found = {"path": found}
    return found


@pytest.mark.parametrize(
    "args",
    [
        {"path": object()},
        {"path": float("nan")},
        {"path": "\ud800"},
        {1: "a"},
        {"path": {1: "a"}},
        {"path": b"a"},
        circle(),
        deep(),
        Strange(path="a"),
        "\ud800",
        "",
        "{",
        b"\xff",
        b'{"path":"\xff"}',
        b'{"path":"a","path":"a"}',
        "null",
        {},
        {"path": 1},
    ],
    ids=range(18),
)
def test_arguments_that_cannot_be_read_are_denied(open_session: Open, args: Any) -> None:
    decision = open_session().decide("files.read", args)
    assert decision.verdict == "deny" and decision.code == "malformed_arguments" and not decision.admitted


def test_what_is_no_arguments_at_all_is_an_exception(open_session: Open) -> None:
    session = open_session()
    for args in (None, 1, ["path"], object()):
        with pytest.raises(TypeError):
            session.decide("files.read", args)  # type: ignore[arg-type]
    for context in (object(), {"a": object()}):
        with pytest.raises(TypeError):
            session.decide("files.read", {"path": "a"}, context=context)  # type: ignore[arg-type]
    with pytest.raises(UnicodeEncodeError):
        session.decide("\ud800", {})


def test_what_is_not_known_is_denied(policy: Policy, open_session: Open) -> None:
    assert open_session().decide("no.tool", {}).code == "unknown_tool"
    sessions = Sessions(policy, idle_ms=1000)
    assert sessions.open("s", "nobody", at=0).decide("files.read", {"path": "a"}, at=0).code == "unknown_persona"
    session = sessions.open("t", "work", at=0)
    assert session.decide("files.read", {"path": "a"}, at=0).admitted
    late = session.decide("files.read", {"path": "a"}, at=5000)
    assert late.code == "state_unavailable" and not late.admitted and late.unavailable
    with pytest.raises(Error) as error:
        sessions.open("t", "work", at=5000)
    assert error.value.code == "state_unavailable"
    assert sessions.sweep(at=5000)[0] >= 1
    closed = open_session()
    call = Call(closed, "files.read", {"path": "a"})
    closed.close()
    closed.close()
    decision = closed.decide("files.read", {"path": "a"})
    assert decision.code == "state_unavailable" and decision.verdict == "deny" and decision.session_name == ""
    with pytest.raises(ValueError):
        sessions.decide_many([call])
    with pytest.raises(Error):
        closed.report("user.revoked", {"reason": "x"})


def test_times(open_session: Open) -> None:
    before = time.time_ns() // 1_000_000
    session = open_session()
    now = session.decide("files.read", {"path": "a"}).at
    assert before <= now <= time.time_ns() // 1_000_000
    instant = datetime(2030, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    assert open_session().decide("files.read", {"path": "a"}, at=instant).at == 1_893_456_000_000
    assert session.decide("files.read", {"path": "a"}, at=now - 60_000).code == "clock"
    for wrong, error in ((True, TypeError), (1.5, TypeError), ("now", TypeError), (datetime(2030, 1, 1), ValueError), (2**63, OverflowError)):
        with pytest.raises(error):
            session.decide("files.read", {"path": "a"}, at=wrong)  # type: ignore[arg-type]


def test_a_result_counts_once_and_only_in_its_session(open_session: Open) -> None:
    session = open_session()
    decision = session.decide("crm.get", {"id": "c"})
    with pytest.raises(ValueError):
        open_session().record(decision)
    for wrong in ({"labels": ["unheard_of"]}, {"content": b"{"}, {"structured": b"x"}):
        with pytest.raises(Error):
            session.record(decision, **wrong)
    with pytest.raises(TypeError):
        session.record(decision, content=[object()])
    assert session.decide("notes.add", {"text": "t", "tags": []}).verdict == "deny", "the call has had no result yet"
    recorded = session.record(decision, content="Ms Example", structured={"a": 1})
    assert (recorded.withheld, recorded.content, recorded.structured) == (False, "Ms Example", {"a": 1})
    with pytest.raises(Error) as error:
        session.record(decision)
    assert error.value.code == "recorded_before"
    noted = session.decide("notes.add", {"text": "t", "tags": []})
    assert noted.admitted and noted.labels == ["secret"]


def test_a_failed_result_is_none_that_a_rule_asks_for(open_session: Open) -> None:
    session = open_session()
    session.record(session.decide("crm.get", {"id": "c"}), ok=False)
    assert not session.decide("notes.add", {"text": "t", "tags": []}).admitted


def test_scans_take_out_and_withhold(open_session: Open) -> None:
    session = open_session()
    withheld = session.record(session.decide("crm.get", {"id": "c"}), content="it is tok_abcdefgh")
    assert withheld.withheld and withheld.content is None and withheld.content_json is None
    redacted = session.record(session.decide("files.read", {"path": "a"}), content="it is tok_abcdefgh")
    assert not redacted.withheld and "tok_" not in redacted.content and redacted.content.startswith("it is ")
    session.record(session.decide("crm.get", {"id": "c"}))
    noted = session.decide("notes.add", {"text": "tok_abcdefgh", "tags": []})
    assert noted.admitted and noted.redacted is not None and b"tok_" not in noted.redacted


def test_events_are_heard(open_session: Open) -> None:
    session = open_session()
    assert session.decide("files.read", {"path": "a"}).admitted
    with pytest.raises(Error) as error:
        session.report("unheard.of")
    assert error.value.code == "unknown_event"
    with pytest.raises(Error) as error:
        session.report("user.revoked", {"reason": 1})
    assert error.value.code == "refused"
    session.report("user.revoked", {"reason": "x"})
    assert session.decide("files.read", {"path": "a"}).rule == "revoked"


def test_many_are_decided_as_one_after_the_other(policy: Policy) -> None:
    def decided(many: bool) -> list[str]:
        sessions = Sessions(policy)
        opened = [sessions.open(f"s{number}", "work", at=0) for number in range(7)]
        calls = [
            (opened[number % 7], "files.read" if number % 3 else "files.delete", {"path": "a" * (number % 5)}, number) for number in range(500)
        ]
        if many:
            found = sessions.decide_many([Call(session, tool, args, at=at, id=str(at)) for session, tool, args, at in calls])
        else:
            found = [session.decide(tool, args, at=at, id=str(at)) for session, tool, args, at in calls]
        return [decision.to_json() for decision in found]

    assert decided(True) == decided(False)
    assert len(set(decided(True))) == 500


def test_the_interpreter_goes_on_while_many_are_decided(policy: Policy) -> None:
    sessions = Sessions(policy)
    session = sessions.open("s", "work", at=0)
    calls = [Call(session, "files.read", {"path": "a"}, at=0)] * 20_000
    began, ended = threading.Event(), threading.Event()

    def decide() -> None:
        began.set()
        sessions.decide_many(calls)
        ended.set()

    thread = threading.Thread(target=decide)
    thread.start()
    began.wait()
    turns = 0
    while not ended.is_set():
        time.sleep(0.001)
        turns += 1
    thread.join()
    # With the lock held throughout there would be a turn or two, at its beginning and at its end.
    assert turns >= 10


def test_sessions_can_be_used_from_many_threads(policy: Policy) -> None:
    sessions = Sessions(policy)
    session = sessions.open("s", "work", at=0)
    steps: list[int] = []

    def decide() -> None:
        for _ in range(200):
            decision = session.decide("files.read", {"path": "a"}, at=0)
            session.record(decision, at=0)
            steps.append(decision.step)

    threads = [threading.Thread(target=decide) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(steps) == list(range(1, 801))


def test_the_package_is_typed_and_has_a_version() -> None:
    folder = Path(leverframe.__file__).parent
    assert (folder / "py.typed").is_file() and (folder / "_native.pyi").is_file()
    assert leverframe.__version__


def test_a_session_goes_on_from_its_bytes(policy: Policy) -> None:
    before = Sessions(policy)
    session = before.open("s", "work", principal="u", at=0)
    session.record(session.decide("crm.get", {"id": "c"}, at=0), at=0)
    saved = session.save(at=1)
    after = Sessions(policy)
    restored, stale = after.restore(saved, "s", "work", principal="u", at=1)
    assert stale == []
    decision = restored.decide("notes.add", {"text": "t", "tags": []}, at=1)
    assert (decision.verdict, decision.step, decision.labels) == ("allow", 2, ["secret"])
    with pytest.raises(Error):
        after.restore(saved, "s", "work", principal="u", at=1)
    for sessions, wrong, names in (
        (Sessions(policy), saved, {"session": "other", "principal": "u"}),
        (Sessions(policy), saved, {"session": "s", "principal": "other"}),
        (Sessions(policy), saved, {"session": "s"}),
        (Sessions(policy), saved[:-1], {"session": "s", "principal": "u"}),
        (Sessions(policy), b"", {"session": "s", "principal": "u"}),
    ):
        with pytest.raises(Error):
            sessions.restore(wrong, persona="work", at=1, **names)
        assert not sessions.open("s", "work", at=1).decide("notes.add", {"text": "t", "tags": []}, at=1).admitted
