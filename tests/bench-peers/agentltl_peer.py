"""AgentLTL (`agentltl`), as a process of the comparison.

In: `rules.json`. Out: verdicts. Rules over histories are its past-time formulas; permissions are call patterns in Python, the extension that its documentation
names, in an enforcer for each persona. A decision begins with the text of the arguments; what is refused by `PERSISTENT_BLOCK` is denied.
"""

import json
import logging

from agentltl import (
    CallPattern, Constraint, ConstraintSeverity, Enforcer, ForAll, Globally, Implies, Matches, Not, Now, Once, Previous, Since, ToolPattern, Var,
)

import peer

# A line in the log for each refusal is not what is measured.
logging.getLogger("agentltl").setLevel(logging.CRITICAL)

HOLDS = {
    "below": lambda given, value: given < value,
    "equals": lambda given, value: given == value,
    "prefix": lambda given, value: given.startswith(value),
    "like": lambda given, value: given.endswith(value),
    "among": lambda given, value: given in value,
    "has": lambda given, value: value in given,
}


class Breaks(CallPattern):
    """A call of the tool that does not fulfil the conditions."""

    def __init__(self, tool, conditions):
        self.tools, self.tool, self.conditions = (tool,), tool, conditions

    def match(self, name, args):
        return name == self.tool and not all(HOLDS[form](args[field], value) for form, field, value in self.conditions)


class Unknown(CallPattern):
    """A call of a tool that there is no rule for."""

    def __init__(self, known):
        self.known = frozenset(known)

    def match(self, name, args):
        return name not in self.known


def permissions(rules):
    """Constraints by persona."""
    found = {}
    for number, rule in enumerate(rules):
        never = Globally(Not(Matches(Breaks(rule["tool"], rule["conditions"]))))
        found.setdefault(rule["persona"], []).append(Constraint(f"r{number}", never))
    for persona, constraints in found.items():
        known = [rule["tool"] for rule in rules if rule["persona"] == persona]
        constraints.append(Constraint("known", Globally(Not(Matches(Unknown(known))))))
    return found


def ids(trace, metrics, position):
    return [trace.calls[position].args["id"]]


def sequence(rule):
    first, then = Now(rule["first"]), Now(rule["then"])
    if rule["form"] == "same":
        of = lambda tool: Matches(ToolPattern(tool, {"id": Var("v")}))
        return ForAll("v", ids, Implies(of(rule["then"]), Previous(Once(of(rule["first"])))))
    return {
        "forbid": lambda: Implies(then, Not(Previous(Once(first)))),
        "unless": lambda: Implies(then, Not(Previous(Since(Not(Now(rule["but"])), first)))),
        "require": lambda: Implies(then, Previous(Once(first))),
    }[rule["form"]]()


def sequences(rules):
    return {"agent": [Constraint(f"r{number}", Globally(sequence(rule))) for number, rule in enumerate(rules)]}


class AgentLtl:
    @staticmethod
    def source(case):
        return case.file("rules.json")

    def __init__(self, source):
        rules = json.loads(source)
        by_persona = permissions(rules) if "persona" in rules[0] else sequences(rules)
        block = ConstraintSeverity.PERSISTENT_BLOCK
        self.enforcers = {persona: Enforcer(constraints, default_severity=block) for persona, constraints in by_persona.items()}
        self.calls = []

    def prepare(self, case):
        self.calls = case.calls

    def take(self, call):
        persona, tool, args = call
        self.enforcers[persona].record_completed(tool, json.loads(args))

    def decide(self, index):
        persona, tool, args = self.calls[index]
        return self.enforcers[persona].check(tool, json.loads(args)).allowed


if __name__ == "__main__":
    peer.serve(AgentLtl)
