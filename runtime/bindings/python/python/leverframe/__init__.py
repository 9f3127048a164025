"""Decides the tool calls of AI agents by a compiled Leverframe policy.

>>> policy = Policy.load("support.frame")
>>> session = Sessions(policy).open("s1", "support")
>>> decision = session.decide("crm.get_customer", {"id": "c9"})
>>> if decision.admitted:
...     recorded = session.record(decision, content=call_the_tool())
"""

from ._native import Call, Decision, Policy, Recorded, Session, Sessions, __version__
from .errors import ApprovalNeeded, Denied, Error, Refused, Withheld
from .guard import guard

__all__ = [
    "ApprovalNeeded",
    "Call",
    "Decision",
    "Denied",
    "Error",
    "Policy",
    "Recorded",
    "Refused",
    "Session",
    "Sessions",
    "Withheld",
    "__version__",
    "guard",
]
