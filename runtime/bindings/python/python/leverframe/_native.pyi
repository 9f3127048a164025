"""Types of the native half."""

from datetime import datetime
from os import PathLike
from typing import Any, Final, Literal, NoReturn, Optional, Sequence, TypeAlias, Union, final

__all__ = ["Policy", "Sessions", "Session", "Call", "Decision", "Recorded", "__version__"]

__version__: Final[str]

# Raw JSON as bytes or text, or an object to be written as JSON.
_Object: TypeAlias = Union[bytes, str, dict[str, Any]]
# Milliseconds since 1970, or a datetime that has a time zone; None: now.
_Time: TypeAlias = Union[int, datetime, None]
# A public key of 32 bytes, with or without the time from which on it is trusted no more.
_Key: TypeAlias = Union[bytes, tuple[bytes, Optional[int]]]

@final
class Policy:
    @staticmethod
    def load(
        source: Union[bytes, str, PathLike[str]],
        *,
        accept_unproven: bool = False,
        require_certificate: bool = False,
        keys: Sequence[_Key] = ...,
        value_key: Optional[bytes] = None,
    ) -> Policy: ...
    @property
    def unproven(self) -> bool: ...
    @property
    def digest(self) -> str: ...
    @property
    def tools(self) -> list[str]: ...
    @property
    def personas(self) -> list[str]: ...
    @property
    def labels(self) -> list[str]: ...
    @property
    def events(self) -> list[str]: ...
    @property
    def keys(self) -> list[Literal["session", "principal", "agent", "tenant"]]: ...

@final
class Sessions:
    def __new__(
        cls,
        policy: Policy,
        *,
        idle_ms: Optional[int] = ...,
        forget_ms: Optional[int] = None,
        most_sessions: int = ...,
        most_keys: int = ...,
    ) -> Sessions: ...
    @property
    def policy(self) -> Policy: ...
    def open(
        self,
        session: str,
        persona: str,
        *,
        principal: Optional[str] = None,
        agent: Optional[str] = None,
        tenant: Optional[str] = None,
        at: _Time = None,
    ) -> Session: ...
    def restore(
        self,
        saved: bytes,
        session: str,
        persona: str,
        *,
        principal: Optional[str] = None,
        agent: Optional[str] = None,
        tenant: Optional[str] = None,
        at: _Time = None,
    ) -> tuple[Session, list[str]]: ...
    def decide_many(self, calls: Sequence[Call]) -> list[Decision]: ...
    def sweep(self, *, at: _Time = None) -> tuple[int, int]: ...

@final
class Session:
    @property
    def name(self) -> str: ...
    def decide(
        self,
        tool: str,
        args: _Object,
        *,
        context: Optional[_Object] = None,
        at: _Time = None,
        approved: Optional[bool] = None,
        id: Optional[str] = None,
        line: Optional[int] = None,
    ) -> Decision: ...
    def record(
        self,
        decision: Decision,
        *,
        ok: bool = True,
        content: Union[None, bytes, str, list[Any]] = None,
        structured: Optional[_Object] = None,
        labels: Sequence[str] = ...,
        at: _Time = None,
    ) -> Recorded: ...
    def report(self, event: str, args: Optional[_Object] = None, *, at: _Time = None) -> None: ...
    def save(self, *, at: _Time = None) -> bytes: ...
    def close(self) -> None: ...

@final
class Call:
    def __new__(
        cls,
        session: Session,
        tool: str,
        args: _Object,
        *,
        context: Optional[_Object] = None,
        at: _Time = None,
        approved: Optional[bool] = None,
        id: Optional[str] = None,
        line: Optional[int] = None,
    ) -> Call: ...

@final
class Decision:
    @property
    def verdict(self) -> Literal["allow", "ask", "deny"]: ...
    @property
    def admitted(self) -> bool: ...
    @property
    def code(self) -> str: ...
    @property
    def rule(self) -> Optional[str]: ...
    @property
    def rules(self) -> list[str]: ...
    @property
    def observed(self) -> list[str]: ...
    @property
    def message(self) -> Optional[str]: ...
    @property
    def who(self) -> list[str]: ...
    @property
    def labels(self) -> list[str]: ...
    @property
    def id(self) -> Optional[str]: ...
    @property
    def session_name(self) -> str: ...
    @property
    def step(self) -> int: ...
    @property
    def tool(self) -> str: ...
    @property
    def at(self) -> int: ...
    @property
    def frame(self) -> str: ...
    @property
    def redacted(self) -> Optional[bytes]: ...
    @property
    def unavailable(self) -> Optional[str]: ...
    def to_json(self) -> str: ...
    def __bool__(self) -> NoReturn: ...

@final
class Recorded:
    @property
    def withheld(self) -> bool: ...
    @property
    def content(self) -> Any: ...
    @property
    def structured(self) -> Any: ...
    @property
    def content_json(self) -> Optional[str]: ...
    @property
    def structured_json(self) -> Optional[str]: ...
    @property
    def labels(self) -> list[str]: ...
