"""The decorator: decides before, records after, and lets nothing through that was not decided or recorded."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Callable, Iterator

import pytest

from leverframe import ApprovalNeeded, Decision, Denied, Error, Policy, Session, Sessions, Withheld, guard

Open = Callable[[], Session]


def test_a_guarded_function_is_called_only_where_it_may_be(open_session: Open) -> None:
    session, called = open_session(), []

    @guard(session, tool="files.read")
    def read(path: str) -> str:
        """Reads."""
        called.append(path)
        return f"of {path}"

    @guard(session, tool="files.delete")
    def delete(path: str) -> None:
        called.append(path)

    assert read("a") == "of a" and read(path="b") == "of b"
    with pytest.raises(Denied) as error:
        delete("c")
    assert error.value.decision.verdict == "deny" and "files.delete" in str(error.value)
    for wrong in (1, object(), "\ud800", float("inf")):
        with pytest.raises(Denied) as error:
            read(wrong)  # type: ignore[arg-type]
        assert error.value.decision.code == "malformed_arguments"
    with pytest.raises(TypeError):
        read("a", "b")  # type: ignore[call-arg]
    assert called == ["a", "b"]
    assert read.__name__ == "read" and read.__doc__ == "Reads."


def test_the_result_is_recorded_and_an_exception_is_a_failed_one(open_session: Open) -> None:
    session = open_session()
    failing = True

    @guard(session, tool="crm.get")
    def get(id: str) -> dict[str, Any]:
        if failing:
            raise LookupError("no customer")
        return {"name": "Ms Example"}

    @guard(session, tool="notes.add")
    def add(text: str, tags: list[str] = []) -> None:
        pass

    with pytest.raises(LookupError):
        get("c")
    with pytest.raises(Denied) as error:
        add("t")
    assert error.value.decision.rule == "read_first"
    failing = False
    assert get("c") == {"name": "Ms Example"}
    add("t")
    assert session.decide("files.read", {"path": "a"}).labels == ["secret"]


def test_what_a_scan_takes_out_is_gone_on_both_sides(open_session: Open) -> None:
    session, seen = open_session(), []

    @guard(session, tool="notes.add", omit=["store"])
    def add(text: str, *tags: str, store: object = None) -> None:
        seen.append((text, tags, store))

    @guard(session, tool="files.read")
    def read(path: str) -> Any:
        return {"plain": "it is tok_abcdefgh", "listed": [1, "tok_abcdefgh"], "text": "tok_abcdefgh"}[path]

    session.record(session.decide("crm.get", {"id": "c"}))
    store = object()
    add("note tok_abcdefgh", "x", "y", store=store)
    (text, tags, given) = seen[0]
    assert "tok_" not in text and text.startswith("note ") and tags == ("x", "y") and given is store
    assert "tok_" not in read("plain") and "tok_" not in read("text")
    listed = read("listed")
    assert listed[0] == 1 and "tok_" not in listed[1]


def test_what_may_not_be_given_on_is_not(open_session: Open) -> None:
    session = open_session()

    @guard(session, tool="crm.get")
    def get(id: str) -> Any:
        if id == "raise":
            raise ValueError("it is tok_abcdefgh")
        return {"scan": "tok_abcdefgh", "object": object(), "half": "\ud800", "keys": {1: 2}, "generator": iter_of()}[id]

    def iter_of() -> Iterator[int]:
        yield 1

    for id in ("scan", "object", "half", "keys", "generator", "raise"):
        with pytest.raises(Withheld) as error:
            get(id)
        assert "tok_" not in str(error.value) and error.value.__cause__ is None
        assert error.value.remainder is None
    assert not session.decide("notes.add", {"text": "t", "tags": []}).admitted, "none of these has succeeded"
    assert session.decide("files.read", {"path": "a"}).labels == ["secret"], "and each has brought its tool's labels"


def test_an_exception_s_words_are_scanned(open_session: Open) -> None:
    @guard(open_session(), tool="files.read")
    def read(path: str) -> str:
        raise OSError(f"cannot read tok_abcdefgh of {path}")

    with pytest.raises(Withheld) as error:
        read("a")
    assert error.value.remainder is not None and "tok_" not in error.value.remainder


def test_an_ask_needs_an_answer(open_session: Open) -> None:
    sent: list[str] = []

    def mail(approve: Any = None) -> Callable[[str, str], None]:
        @guard(open_session(), tool="mail.send", approve=approve)
        def send(to: str, body: str) -> None:
            sent.append(to)

        return send

    with pytest.raises(ApprovalNeeded) as needed:
        mail()("a@b.example", "x")
    assert needed.value.decision.who == ["lead"]
    for answer in (False, None, 1, "yes", object()):
        with pytest.raises(Denied):
            mail(lambda decision, answer=answer: answer)("a@b.example", "x")
    assert sent == []
    asked: list[Decision] = []

    def yes(decision: Decision) -> bool:
        asked.append(decision)
        return True

    mail(yes)("a@b.example", "x")
    assert sent == ["a@b.example"] and len(asked) == 1
    with pytest.raises(Denied):
        mail(yes)("x@evil.example", "x")
    assert len(asked) == 1, "nobody is asked about what is denied"


def test_asynchronous_functions(open_session: Open) -> None:
    session, sent = open_session(), []

    async def yes(decision: Decision) -> bool:
        await asyncio.sleep(0)
        return True

    @guard(session, tool="mail.send", approve=yes)
    async def send(to: str, body: str) -> str:
        await asyncio.sleep(0)
        sent.append(to)
        return "sent"

    @guard(session, tool="crm.get")
    async def get(id: str) -> str:
        if id == "cancel":
            raise asyncio.CancelledError
        raise LookupError("no customer")

    assert asyncio.run(send("a@b.example", "x")) == "sent"
    with pytest.raises(Denied):
        asyncio.run(send("x@evil.example", "x"))
    with pytest.raises(LookupError):
        asyncio.run(get("c"))
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(get("cancel"))
    assert not session.decide("notes.add", {"text": "t", "tags": []}).admitted
    assert sent == ["a@b.example"]


def test_a_session_may_be_the_one_at_hand(open_session: Open) -> None:
    sessions = [open_session(), open_session()]

    @guard(lambda: sessions[0], tool="files.read", context=lambda: {"region": "eu"})
    def read(path: str) -> str:
        return path

    read("a")
    sessions[0].close()
    with pytest.raises(Denied) as error:
        read("a")
    assert error.value.decision.code == "state_unavailable"
    sessions.pop(0)
    assert read("a") == "a"


def test_names_that_are_there_twice_and_functions_that_cannot_be_guarded(open_session: Open) -> None:
    session = open_session()

    @guard(session, tool="files.read")
    def read(path: str, /, **more: str) -> str:
        return path

    assert read("a") == "a"
    with pytest.raises(Denied):
        read("a", path="b")
    with pytest.raises(TypeError):

        @guard(session, tool="files.read")
        def lines(path: str) -> Iterator[str]:
            yield path

    with pytest.raises(TypeError):
        guard(session, omit=["no such"])(lambda path: path)


def test_where_a_result_cannot_be_recorded_nothing_is_given_on(policy: Policy) -> None:
    sessions = Sessions(policy, idle_ms=1)
    session = sessions.open("s", "work")

    @guard(session, tool="files.read")
    def slow(path: str) -> str:
        time.sleep(0.05)
        return "text"

    with pytest.raises(Error) as error:
        slow("a")
    assert error.value.code == "state_unavailable"

    @guard(sessions.open("t", "work"), tool="files.read")
    def slow_to_fail(path: str) -> str:
        time.sleep(0.05)
        raise LookupError("words that nobody has scanned")

    with pytest.raises(Error):
        slow_to_fail("a")
