"""An agent's tools, guarded.

    leverframe build support.lever -o support.frame
    python support.py support.frame
"""

from __future__ import annotations

import asyncio
import sys

from leverframe import ApprovalNeeded, Decision, Denied, Policy, Sessions, guard


def main(frame: str) -> None:
    session = Sessions(Policy.load(frame)).open("s1", "support", principal="u7")

    @guard(session, tool="crm.find")
    def find(name: str) -> dict[str, str]:
        return {"name": name, "order": "o1"}

    @guard(session, tool="notes.read")
    def read(page: str) -> str:
        return f"{page}: use key_a1b2c3d4 for the archive"

    @guard(session, tool="payments.refund")
    def refund(amount: int, order: str) -> str:
        return f"{amount} refunded for {order}"

    def a_lead_says_yes(decision: Decision) -> bool:
        print("asked:", ", ".join(decision.who))
        return True

    @guard(session, tool="payments.refund", approve=a_lead_says_yes)
    async def refund_by_lead(amount: int, order: str) -> str:
        return f"{amount} refunded for {order}, approved"

    for attempt in (
        lambda: refund(20, "o1"),
        lambda: find("Ada"),
        lambda: read("archive"),
        lambda: refund(20, "o1"),
        lambda: refund(500, "o1"),
        lambda: asyncio.run(refund_by_lead(500, "o1")),
        lambda: refund(20, "o1"),
    ):
        try:
            print("done:", attempt())
        except Denied as denied:
            print("denied:", denied)
        except ApprovalNeeded as needed:
            print("not approved:", needed)


if __name__ == "__main__":
    main(sys.argv[1])
