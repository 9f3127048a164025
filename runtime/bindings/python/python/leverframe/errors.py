"""Errors of the package.

An error is never an answer to a call: nothing may be done because of one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from ._native import Decision

__all__ = ["ApprovalNeeded", "Denied", "Error", "Refused", "Withheld"]


class Error(Exception):
    """Something was not done. ``code`` is stable: ``LFxxxx`` where a frame was not loaded, else a word."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.message} ({self.code})"


class Refused(Exception):
    """A guarded function was not called."""

    def __init__(self, decision: "Decision") -> None:
        super().__init__(decision)
        self.decision = decision

    def __str__(self) -> str:
        reason = self.decision.message or self.decision.rule or self.decision.code
        return f"{self.decision.tool}: {self.decision.verdict} ({reason})"


class Denied(Refused):
    """The call was denied, or the human who was asked has refused it."""


class ApprovalNeeded(Refused):
    """The call needs a human's approval and has none; ``decision.who`` says whose."""


class Withheld(Exception):
    """A guarded function was called, and what came of it may not be given on. ``remainder`` is what of it may: usually nothing."""

    def __init__(self, tool: str, reason: str, remainder: Optional[Any] = None) -> None:
        super().__init__(tool, reason)
        self.tool = tool
        self.reason = reason
        self.remainder = remainder

    def __str__(self) -> str:
        return f"{self.tool}: the result is withheld ({self.reason})"
