"""A decorator for tool functions: decides before, records after.

What of a call cannot be written as JSON is denied; what of a result cannot be is withheld; where a result cannot be recorded nothing of it is given on.
"""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Awaitable, Callable, Collection
from typing import Any, NamedTuple, Optional, TypeVar, Union, cast

from ._native import Decision, Recorded, Session
from ._values import encode
from .errors import ApprovalNeeded, Denied, Withheld

__all__ = ["guard"]

_F = TypeVar("_F", bound=Callable[..., Any])
_Context = Union[None, dict[str, Any], Callable[[], Optional[dict[str, Any]]]]
_Approve = Callable[[Decision], Any]


def guard(
    session: Union[Session, Callable[[], Session]],
    tool: Optional[str] = None,
    *,
    context: _Context = None,
    approve: Optional[_Approve] = None,
    omit: Collection[str] = (),
) -> Callable[[_F], _F]:
    """Guards a tool function, plain or ``async``.

    The call's arguments are the function's parameters by name, defaults included. ``session`` is a session, or what gives the one of the call at hand.
    ``tool`` is the tool's name in the policy; the function's own where it is not given. ``context`` is what the host knows and the agent cannot choose, or what
    gives it. ``approve`` is asked where the policy asks: only ``True`` (or an awaitable of it, where the function is ``async``) approves; without it the call
    raises ``ApprovalNeeded``. ``omit`` names parameters that the policy does not see, such as a database connection.

    Raises ``Denied`` or ``ApprovalNeeded`` where the function was not called, ``Withheld`` where what came of it may not be given on.
    """

    def decorate(function: _F) -> _F:
        guarded = _Guarded(function, session, tool or function.__name__, context, frozenset(omit))
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def asynchronous(*args: Any, **kwargs: Any) -> Any:
                call = guarded.decide(args, kwargs)
                if call.decision.verdict == "ask" and approve is not None:
                    answer = approve(call.decision)
                    call = guarded.answered(call, await answer if inspect.isawaitable(answer) else answer)
                positional, named = guarded.admitted(call)
                try:
                    result = await cast(Awaitable[Any], function(*positional, **named))
                except BaseException as error:
                    guarded.failed(call, error)
                    raise
                return guarded.came(call, result)

            return cast(_F, asynchronous)

        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError("a generator cannot be guarded: it would run after its result was recorded")

        @functools.wraps(function)
        def plain(*args: Any, **kwargs: Any) -> Any:
            call = guarded.decide(args, kwargs)
            if call.decision.verdict == "ask" and approve is not None:
                call = guarded.answered(call, approve(call.decision))
            positional, named = guarded.admitted(call)
            try:
                result = function(*positional, **named)
            except BaseException as error:
                guarded.failed(call, error)
                raise
            return guarded.came(call, result)

        return cast(_F, plain)

    return decorate


class _Call(NamedTuple):
    """A call that was decided."""

    session: Session
    decision: Decision
    args: dict[str, Any]
    context: Optional[dict[str, Any]]
    bound: inspect.BoundArguments


class _Guarded:
    """What a guard does around its function."""

    def __init__(
        self,
        function: Callable[..., Any],
        session: Union[Session, Callable[[], Session]],
        tool: str,
        context: _Context,
        omit: frozenset[str],
    ) -> None:
        self._signature = inspect.signature(function)
        unknown = omit - set(self._signature.parameters)
        if unknown:
            raise TypeError(f"no such parameters: {', '.join(sorted(unknown))}")
        self._session = session
        self._tool = tool
        self._context = context
        self._omit = omit

    def decide(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> _Call:
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        session = self._session if isinstance(self._session, Session) else self._session()
        context = self._context() if callable(self._context) else self._context
        named = self._named(bound)
        decision = session.decide(self._tool, named, context=context)
        return _Call(session, decision, named, context, bound)

    def answered(self, call: _Call, answer: object) -> _Call:
        """Decides an asked call again, with a human's answer; anything but ``True`` refuses."""
        decision = call.session.decide(self._tool, call.args, context=call.context, approved=answer is True)
        if decision.verdict == "ask" and not decision.admitted:
            raise Denied(decision)
        return call._replace(decision=decision)

    def admitted(self, call: _Call) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What the function is called with, if it is."""
        decision = call.decision
        if not decision.admitted:
            raise ApprovalNeeded(decision) if decision.verdict == "ask" else Denied(decision)
        if decision.redacted is not None:
            self._replace(call, json.loads(decision.redacted))
        return call.bound.args, call.bound.kwargs

    def came(self, call: _Call, result: Any) -> Any:
        """Records a result, and gives on what of it may be."""
        if inspect.isawaitable(result) or inspect.isgenerator(result) or inspect.isasyncgen(result):
            self._broken(call, "it is still to come")
        try:
            sent = None if result is None else encode(result if isinstance(result, (str, dict)) else {"result": result})
        except Exception:
            self._broken(call, "it cannot be written as JSON")
        if sent is None:
            call.session.record(call.decision)
            return None
        if isinstance(result, str):
            recorded = call.session.record(call.decision, content=sent)
            return self._given(recorded, recorded.content_json, sent, result, lambda: recorded.content)
        recorded = call.session.record(call.decision, structured=sent)
        whole = isinstance(result, dict)
        return self._given(
            recorded, recorded.structured_json, sent, result, lambda: recorded.structured if whole else recorded.structured["result"]
        )

    def failed(self, call: _Call, error: BaseException) -> None:
        """Records an exception as a failed result whose content is its text, since that is what an agent is told."""
        try:
            sent = encode(str(error))
        except Exception:
            sent = b'"an exception without words"'
        try:
            recorded = call.session.record(call.decision, ok=False, content=sent)
        except Exception as unrecorded:
            raise unrecorded from None
        if isinstance(error, Exception) and (recorded.withheld or recorded.content_json != sent.decode("utf-8")):
            raise Withheld(self._tool, "what it raised is not for the agent", recorded.content) from None

    def _given(self, recorded: Recorded, text: Optional[str], sent: bytes, result: Any, read: Callable[[], Any]) -> Any:
        if recorded.withheld or text is None:
            raise Withheld(self._tool, "a scan denies it")
        return result if text.encode("utf-8") == sent else read()

    def _broken(self, call: _Call, reason: str) -> None:
        call.session.record(call.decision, ok=False, content="a result that cannot be read")
        raise Withheld(self._tool, reason)

    def _named(self, bound: inspect.BoundArguments) -> dict[str, Any]:
        """The arguments by name; a name that is there twice is nobody's, so that it is denied."""
        named: dict[str, Any] = {}
        for name, value in bound.arguments.items():
            if name in self._omit:
                continue
            if self._signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
                twice = set(named) & set(value)
                named.update((other, object() if other in twice else item) for other, item in value.items())
            else:
                named[name] = list(value) if isinstance(value, tuple) else value
        return named

    def _replace(self, call: _Call, left: dict[str, Any]) -> None:
        """Puts what a scan has left into the function's arguments."""
        for name in list(call.bound.arguments):
            if name in self._omit:
                continue
            kind = self._signature.parameters[name].kind
            if kind is inspect.Parameter.VAR_KEYWORD:
                call.bound.arguments[name] = {other: left[other] for other in call.bound.arguments[name]}
            elif kind is inspect.Parameter.VAR_POSITIONAL:
                call.bound.arguments[name] = tuple(left[name])
            else:
                call.bound.arguments[name] = left[name]
