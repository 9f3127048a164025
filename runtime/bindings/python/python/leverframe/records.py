"""Recorded sessions: decides a record as ``leverframe replay --format jsonl`` does, line by line.

In: the lines of a record (``lang-spec/traces.md``). Out: decisions, as the command writes them. The arguments, the context and the results reach the engine as the
text that they are in the line. The first error of a record ends it (``RecordError``).

``decisions`` decides a whole record; ``Replay`` takes one line after the other, for a program that knows the times and the lines of results already, because it
has divided a record among machines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from typing import NamedTuple, Optional, Union

from ._native import Decision, Policy, Session, Sessions
from .errors import Error

__all__ = ["Came", "Event", "Line", "Made", "Names", "RecordError", "Replay", "clocked", "decisions", "read"]

_BLANK = b" \t\n\r\x0c"
_SPACE = re.compile(r"[ \t\n\r]*")
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:([Zz])|([+-])(\d\d):(\d\d))")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_KNOWN = frozenset(
    "id session persona tool result_of event args context principal agent tenant at approved result expect expect_rule expect_code".split()
)
_NULL_COUNTS = frozenset(("args", "expect_rule"))


class RecordError(Exception):
    """A line is no line of a record, or does not fit the lines before it."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(number, reason)
        self.number = number
        self.reason = reason

    def __str__(self) -> str:
        return f"line {self.number}: {self.reason}"


class Names(NamedTuple):
    """Whom a call or an event names."""

    session: str
    principal: Optional[str]
    agent: Optional[str]
    tenant: Optional[str]


class Came(NamedTuple):
    """What came of a call; ``of`` is its id where the result has a line of its own."""

    of: Optional[str]
    ok: bool
    labels: list[str]
    content: Optional[bytes]
    structured: Optional[bytes]


class Made(NamedTuple):
    """A call."""

    names: Names
    persona: str
    tool: str
    args: bytes
    context: Optional[bytes]
    id: Optional[str]
    approved: Optional[bool]
    result: Optional[Came]


class Event(NamedTuple):
    """A host event."""

    names: Names
    event: str
    args: bytes


class Line(NamedTuple):
    """A line of a record; ``at`` is its own time in milliseconds, if it has one."""

    at: Optional[int]
    of: Union[Made, Came, Event]


class _Wrong(Exception):
    """What is wrong with a line."""


def _constant(name: str) -> object:
    raise _Wrong(f"`{name}` is no JSON")


# Numbers are not read: their text is the engine's.
_VALUE = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_constant)


def read(number: int, line: bytes) -> Line:
    """Reads a line that is not blank."""
    try:
        return _line(_members(line.decode("utf-8"), _KNOWN))
    except _Wrong as wrong:
        raise RecordError(number, str(wrong)) from None
    except (ValueError, RecursionError) as wrong:
        raise RecordError(number, f"it is no JSON that can be read: {wrong}") from None


def _line(members: dict[str, str]) -> Line:
    kinds = [kind for kind in ("tool", "result_of", "event") if kind in members]
    if len(kinds) != 1:
        raise _Wrong("a line needs one of `tool` (a call), `result_of` (a result) or `event` (a host event)")
    at = _time(members["at"]) if "at" in members else None
    if kinds == ["result_of"]:
        return Line(at, _came(_needed(members, "result"), _text(members, "result_of")))
    names = Names(_needed_text(members, "session"), *(_text(members, name) for name in ("principal", "agent", "tenant")))
    if kinds == ["event"]:
        return Line(at, Event(names, _needed_text(members, "event"), members.get("args", "{}").encode("utf-8")))
    context = _object("context", members["context"]) if "context" in members else None
    return Line(
        at,
        Made(
            names=names,
            persona=_needed_text(members, "persona"),
            tool=_needed_text(members, "tool"),
            args=_needed(members, "args").encode("utf-8"),
            context=_bytes(context),
            id=_text(members, "id"),
            approved=_truth(members, "approved"),
            result=_came(members["result"], None) if "result" in members else None,
        ),
    )


def _came(text: str, of: Optional[str]) -> Came:
    members = _members(_object("result", text), frozenset(("ok", "labels", "content", "structured")))
    ok = _truth(members, "ok")
    if ok is None:
        raise _Wrong("a result needs `ok`")
    labels = json.loads(members["labels"]) if "labels" in members else []
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise _Wrong("`labels` must be a list of texts")
    return Came(of, ok, labels, _bytes(members.get("content")), _bytes(members.get("structured")))


def _bytes(text: Optional[str]) -> Optional[bytes]:
    return None if text is None else text.encode("utf-8")


def _members(text: str, known: frozenset[str]) -> dict[str, str]:
    """The members of an object that mean something, each as the text that it is; one that is ``null`` is absent."""
    members: dict[str, str] = {}
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        raise _Wrong("a line must be a JSON object")
    at = _skip(text, at + 1)
    if text[at : at + 1] == "}":
        at += 1
    else:
        while True:
            if text[at : at + 1] != '"':
                raise _Wrong(f"the name of a member is missing (column {at + 1})")
            name, at = _VALUE.raw_decode(text, at)
            at = _skip(text, at)
            if text[at : at + 1] != ":":
                raise _Wrong(f"`:` is missing (column {at + 1})")
            start = _skip(text, at + 1)
            _, end = _VALUE.raw_decode(text, start)
            if name in known:
                if name in members:
                    raise _Wrong(f"the member `{name}` is there twice")
                members[name] = text[start:end]
            at = _skip(text, end)
            mark = text[at : at + 1]
            at = at + 1 if mark == "}" else _skip(text, at + 1)
            if mark == "}":
                break
            if mark != ",":
                raise _Wrong(f"`,` or `}}` is missing (column {at + 1})")
    if _skip(text, at) != len(text):
        raise _Wrong(f"something follows the object (column {at + 1})")
    return {name: value for name, value in members.items() if value != "null" or name in _NULL_COUNTS}


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _needed(members: dict[str, str], name: str) -> str:
    if name not in members:
        raise _Wrong(f"`{name}` is missing")
    return members[name]


def _needed_text(members: dict[str, str], name: str) -> str:
    _needed(members, name)
    text = _text(members, name)
    return text if text is not None else ""


def _text(members: dict[str, str], name: str) -> Optional[str]:
    if name not in members:
        return None
    if members[name][:1] != '"':
        raise _Wrong(f"`{name}` must be text")
    text = str(json.loads(members[name]))
    # Half of a surrogate pair is no text.
    text.encode("utf-8")
    return text


def _truth(members: dict[str, str], name: str) -> Optional[bool]:
    words = {"true": True, "false": False}
    if name not in members:
        return None
    if members[name] not in words:
        raise _Wrong(f"`{name}` must be true or false")
    return words[members[name]]


def _object(name: str, text: str) -> str:
    if text[:1] != "{":
        raise _Wrong(f"`{name}` must be an object")
    return text


def _time(text: str) -> int:
    if text[:1] != '"':
        if not re.fullmatch(r"-?\d+", text) or not -(2**63) <= int(text) < 2**63:
            raise _Wrong("`at` must be an RFC 3339 time or an integer of milliseconds")
        return int(text)
    found = _RFC3339.fullmatch(json.loads(text))
    if not found:
        raise _Wrong("`at` must be an RFC 3339 time or an integer of milliseconds")
    day, time, fraction, _, sign, hours, minutes = found.groups()
    instant = datetime.strptime(f"{day} {time}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc)
    if sign:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        instant = instant - offset if sign == "+" else instant + offset
    nanoseconds = (instant - _EPOCH) // timedelta(seconds=1) * 1_000_000_000 + int((fraction or "").ljust(9, "0"))
    # Towards 1970, as the command reads it.
    return nanoseconds // 1_000_000 if nanoseconds >= 0 else -(-nanoseconds // 1_000_000)


def clocked(at: Optional[int], last: Optional[int]) -> int:
    """The time of a line, where the line before it was at ``last``."""
    if at is not None:
        return at
    return 0 if last is None else min(last + 1, 2**63 - 1)


class Replay:
    """A record, or a part of one that shares no session, principal, agent or tenant with any other, that is being decided."""

    def __init__(self, policy: Policy) -> None:
        # A record is decided whole, however long its pauses are.
        self._sessions = Sessions(policy, idle_ms=None)
        self._open: dict[tuple[Names, str], Session] = {}
        self._waiting: dict[str, Optional[tuple[Session, Decision]]] = {}

    def take(self, number: int, line: Union[Made, Came, Event], at: int, awaited: bool) -> Optional[Decision]:
        """Takes a line. ``awaited``: some line of the record is the result of this call. Out: the decision of a call."""
        try:
            if isinstance(line, Made):
                return self._call(number, line, at, awaited)
            if isinstance(line, Came):
                self._result(number, line, at)
            else:
                self._session(line.names, "", at).report(line.event, line.args, at=at)
            return None
        except Error as error:
            raise RecordError(number, str(error)) from error

    def _session(self, names: Names, persona: str, at: int) -> Session:
        known = self._open.get((names, persona))
        if known is None:
            session, principal, agent, tenant = names
            known = self._sessions.open(session, persona, principal=principal, agent=agent, tenant=tenant, at=at)
            self._open[names, persona] = known
        return known

    def _call(self, number: int, call: Made, at: int, awaited: bool) -> Decision:
        if awaited and call.id in self._waiting:
            raise RecordError(number, f"two calls have the id `{call.id}`, which a line of a result names")
        session = self._session(call.names, call.persona, at)
        decision = session.decide(call.tool, call.args, context=call.context, at=at, approved=call.approved, id=call.id, line=number)
        if call.result is not None:
            self._record(session, decision, call.result, at)
        elif not awaited:
            session.record(decision, at=at)
        if awaited and call.id is not None:
            self._waiting[call.id] = None if call.result is not None else (session, decision)
        return decision

    def _result(self, number: int, came: Came, at: int) -> None:
        id = came.of or ""
        if id not in self._waiting:
            raise RecordError(number, f"`result_of` names the call `{id}`, and no line before has that id")
        waiting = self._waiting[id]
        if waiting is None:
            raise RecordError(number, f"`result_of` names the call `{id}`, which has had its result; the first one counts")
        self._waiting[id] = None
        session, decision = waiting
        self._record(session, decision, came, at)

    @staticmethod
    def _record(session: Session, decision: Decision, came: Came, at: int) -> None:
        session.record(decision, ok=came.ok, content=came.content, structured=came.structured, labels=came.labels, at=at)


def decisions(policy: Policy, lines: Iterable[bytes]) -> Iterator[str]:
    """Decides a record, given as its lines."""
    record = [(number, read(number, line)) for number, line in enumerate(lines, 1) if line.strip(_BLANK)]
    results = {line.of.of for _, line in record if isinstance(line.of, Came)}
    replay, last = Replay(policy), None
    for number, line in record:
        last = clocked(line.at, last)
        awaited = isinstance(line.of, Made) and line.of.id is not None and line.of.id in results
        decision = replay.take(number, line.of, last, awaited)
        if decision is not None:
            yield decision.to_json()
