"""Invariant (`invariant-ai`), as a process of the comparison.

In: `policy.iv`. Out: verdicts. The policy is parsed once; a decision begins with the text of the arguments and analyses the call as what is pending after the
messages so far. One event loop serves all decisions: the library's `analyze_pending` makes one for each, which is slower.
"""

import asyncio
import json
import os

os.environ["LOCAL_POLICY"] = "1"
# The bound of 100 steps a rule, which histories pass at once.
os.environ["INVARIANT_MAX_ITERATIONS"] = str(10**12)

from invariant.analyzer.policy import LocalPolicy  # noqa: E402  (the variable comes first)

import peer  # noqa: E402


def message(number, tool, arguments):
    function = {"name": tool, "arguments": arguments}
    return {"role": "assistant", "content": "", "tool_calls": [{"id": f"call_{number}", "type": "function", "function": function}]}


class Invariant:
    @staticmethod
    def source(case):
        return case.file("policy.iv")

    def __init__(self, source):
        self.policy = LocalPolicy.from_string(source)
        self.past, self.calls = [], []
        self.loop = asyncio.new_event_loop()

    def prepare(self, case):
        self.calls = case.calls

    def take(self, call):
        _, tool, args = call
        self.past.append(message(len(self.past), tool, json.loads(args)))

    def decide(self, index):
        persona, tool, args = self.calls[index]
        pending = [message(len(self.past), tool, json.loads(args))]
        result = self.loop.run_until_complete(self.policy.a_analyze_pending(self.past, pending, persona=persona))
        return not result.errors


if __name__ == "__main__":
    peer.serve(Invariant)
