"""Python values as the engine takes them. The native half calls these."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def encode(value: Any) -> bytes:
    """A value as JSON; what JSON does not know is refused, also where Python's own writer would make something of it."""
    _names(value)
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _names(value: Any) -> None:
    """Names of members that are no text would be written as text: two of them could become one, and none is what the tool is called with."""
    if isinstance(value, dict):
        for name, member in value.items():
            if not isinstance(name, str):
                raise TypeError(f"the name of a member must be text, not {type(name).__name__}")
            _names(member)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _names(item)


def millis(at: object) -> int:
    """A time in milliseconds since 1970."""
    if not isinstance(at, datetime):
        raise TypeError("a time must be an int of milliseconds since 1970, or a datetime")
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError("a datetime must have a time zone")
    return (at - _EPOCH) // timedelta(milliseconds=1)
