"""Makes a record of sessions for `spend.lever`: as many as are asked for, in an order that mixes them, the same for the same seed.

Usage: python synthesise.py SESSIONS SEED > record.jsonl
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from typing import Any


def session(number: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """The lines of a session, in their order."""
    # A principal has a few sessions, a tenant a few principals; some sessions do not say whose they are.
    principal = number // 4
    keys: dict[str, str] = {}
    if chance.random() < 0.95:
        keys["principal"] = f"u{principal}"
    if chance.random() < 0.9:
        keys["tenant"] = f"t{principal // 2}"
    name = f"s{number}"
    for step in range(chance.randint(2, 20)):
        tool, args = chance.choice(
            [
                ("crm.find", {"name": chance.choice(["Ada", "Zoë", 'a "quoted" name'])}),
                ("payments.refund", {"amount": chance.choice([5, 300, 499, 700, 1001, 2.5]), "order": f"o{step}"}),
                ("mail.send", {"to": "a@b.example", "body": "text\n" * chance.randint(0, 3)}),
                ("mail.send", {"to": "c@d.example", "body": ""}),
                ("files.delete", {}),
            ]
        )
        line: dict[str, Any] = {"session": name, "persona": "support", "tool": tool, "args": args, **keys}
        if chance.random() < 0.2:
            line["approved"] = chance.random() < 0.7
        result = {"ok": chance.random() < 0.8, "content": "text"}
        turn = chance.random()
        if turn < 0.3:
            line["result"] = result
        elif turn < 0.6:
            line["id"] = f"{name}.{step}"
        yield line
        if "id" in line:
            if chance.random() < 0.3:
                yield {"session": name, "persona": "support", "tool": "crm.find", "args": {"name": "Ada"}, **keys}
            yield {"result_of": line["id"], "result": result}
        if chance.random() < 0.03:
            yield {"session": name, "event": "user.revoked"}


def record(sessions: int, seed: int) -> Iterator[str]:
    """A record's lines: the sessions mixed, times going on, some lines without one, some blank."""
    chance = random.Random(seed)
    waiting = [iter(list(session(number, chance))) for number in range(sessions)]
    running, at = waiting[:20], 1_790_000_000_000
    del waiting[:20]
    while running:
        at += chance.choice([1, 100, 2_000, 5_000])
        chosen = chance.randrange(len(running))
        line = next(running[chosen], None)
        if line is None:
            running[chosen : chosen + 1] = [waiting.pop(0)] if waiting else []
            continue
        if chance.random() < 0.6:
            line["at"] = at
        yield json.dumps(line, ensure_ascii=False)
        if chance.random() < 0.02:
            yield ""


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    for line in record(int(sys.argv[1]), int(sys.argv[2])):
        sys.stdout.buffer.write(line.encode("utf-8") + b"\n")


if __name__ == "__main__":
    main()
