"""The cases of the comparison: rules, calls, what went before, and what each call's verdict must be.

In: nothing; always the same cases. Out: folders with `calls.jsonl`, `history.jsonl`, `expected`, and the rules in each system's language (`languages.py`).
The expected verdicts are worked out here from the rules themselves, so that systems that agree with each other also have to be right.
"""

import json
import os
import random

import languages

AREAS = ["mail", "files", "pay", "repo", "tickets", "people", "stock", "plan", "site", "log"]
KINDS = ["invoice", "letter", "report", "ticket", "memo", "order"]
DOMAINS = ["acme.example", "partner.example", "bank.example", "press.example"]
REGIONS = ["north", "south", "east", "west", "centre", "coast"]
LABELS = ["internal", "checked", "urgent", "draft", "final", "legal"]
RULES_OF_PERSONA = 200
CALLS = 64


# --- Permissions: each rule allows one persona one tool, on two conditions ---

def conditions(number):
    """Two of the six forms, another pair for the next rule; the texts and numbers are of the rule."""
    rng = random.Random(number)
    forms = [
        ("below", "amount", rng.randrange(100, 9000)),
        ("equals", "kind", rng.choice(KINDS)),
        ("prefix", "place", f"/srv/{rng.choice(AREAS)}/{rng.randrange(40)}/"),
        ("like", "to", f"@{rng.choice(DOMAINS)}"),
        ("among", "region", sorted(rng.sample(REGIONS, 3))),
        ("has", "labels", rng.choice(LABELS)),
    ]
    first = number % 6
    second = (first + 1 + (number // 6) % 5) % 6
    return [forms[first], forms[second]]


def tools(count):
    return [f"{AREAS[number % len(AREAS)]}.t{number // len(AREAS)}" for number in range(count)]


def permissions(count):
    """Rules of as many personas as are needed, each over four fifths of the tools."""
    names = tools(max(1, min(count, RULES_OF_PERSONA) * 5 // 4))
    rule = lambda number: {
        "persona": f"role{number // RULES_OF_PERSONA}",
        "tool": names[(number // RULES_OF_PERSONA * 50 + number % RULES_OF_PERSONA) % len(names)],
        "conditions": conditions(number),
    }
    return names, [rule(number) for number in range(count)]


def some_arguments(rng):
    return {
        "amount": rng.randrange(10_000),
        "kind": rng.choice(KINDS),
        "place": f"/srv/{rng.choice(AREAS)}/{rng.randrange(40)}/{rng.randrange(1000)}.txt",
        "to": f"{rng.choice(['ann', 'bob', 'cyd'])}.{rng.randrange(100)}@{rng.choice(DOMAINS)}",
        "region": rng.choice(REGIONS),
        "labels": rng.sample(LABELS, 3),
    }


def fulfil(args, condition, rng):
    form, field, value = condition
    args[field] = {
        "below": lambda: rng.randrange(value),
        "equals": lambda: value,
        "prefix": lambda: f"{value}{rng.randrange(1000)}.txt",
        "like": lambda: f"dee.{rng.randrange(100)}{value}",
        "among": lambda: rng.choice(value),
        "has": lambda: rng.sample([label for label in LABELS if label != value], 2) + [value],
    }[form]()


def break_one(args, condition, rng):
    form, field, value = condition
    args[field] = {
        "below": lambda: rng.randrange(value, 10_000),
        "equals": lambda: rng.choice([kind for kind in KINDS if kind != value]),
        "prefix": lambda: f"/tmp{value}{rng.randrange(1000)}.txt",
        "like": lambda: f"dee.{rng.randrange(100)}{value}.evil.example",
        "among": lambda: rng.choice([region for region in REGIONS if region not in value]),
        "has": lambda: rng.sample([label for label in LABELS if label != value], 3),
    }[form]()


def holds(args, condition):
    form, field, value = condition
    given = args[field]
    return {
        "below": lambda: given < value,
        "equals": lambda: given == value,
        "prefix": lambda: given.startswith(value),
        "like": lambda: given.endswith(value),
        "among": lambda: given in value,
        "has": lambda: value in given,
    }[form]()


def permission_calls(names, rules):
    """Half of them fulfil a rule, the others break one of its conditions or are of a tool that the persona has no rule on."""
    rng = random.Random(len(rules))
    step = max(1, len(rules) // (CALLS // 2))
    calls = []
    for number in range(CALLS):
        rule = rules[(number // 2 * step + number // 2 // len(rules)) % len(rules)]
        args = some_arguments(rng)
        for condition in rule["conditions"]:
            fulfil(args, condition, rng)
        tool = rule["tool"]
        if number % 2 == 1:
            break_one(args, rng.choice(rule["conditions"]), rng)
        mine = {other["tool"] for other in rules if other["persona"] == rule["persona"]}
        without = [name for name in names if name not in mine]
        if number % 16 == 15 and without:
            tool = rng.choice(without)
        calls.append({"persona": rule["persona"], "tool": tool, "args": args})
    return calls


def permitted(rules, call):
    return any(rule["persona"] == call["persona"] and rule["tool"] == call["tool"]
               and all(holds(call["args"], condition) for condition in rule["conditions"]) for rule in rules)


# --- Sequences: fifty rules over ten tools that read, approve, test ... and ten that send, delete, deploy ... ---

SOURCES = [f"work.s{number}" for number in range(10)]
SINKS = [f"work.k{number}" for number in range(10)]
COMMON, CLEARS, APPROVES, RARE = SOURCES[:6], SOURCES[6], SOURCES[7], SOURCES[8:]
IDS = [f"order-{number}" for number in range(16)]
AGENT = "agent"
# So that the shortest history already has calls that are admitted.
BEGINNING = [*((tool, IDS[0]) for tool in COMMON), *((APPROVES, name) for name in (IDS[0], IDS[5], IDS[10])), (CLEARS, IDS[0])]


FORMS = ["forbid", "unless", "require", "same"]
# Without the form that asks for what happened last: systems that keep a list of what happened are quicker then.
PLAIN = ["forbid", "require", "same"]


def sequence_rule(number, forms):
    """Of the forms one each in turn: B never after A; never after A unless C lies between; only after A; only after A of the same id.
    Half of the sinks are forbidden by what is common, the others only by what is rare, so that both verdicts come."""
    rng = random.Random(number)
    sink = SINKS[number % len(SINKS)]
    stopped = number % len(SINKS) < 5
    common, rare = rng.choice(COMMON), rng.choice(RARE)
    return {
        "forbid": {"form": "forbid", "first": common if stopped else rare, "then": sink},
        "unless": {"form": "unless", "first": common, "but": rare if stopped else CLEARS, "then": sink},
        "require": {"form": "require", "first": common, "then": sink},
        "same": {"form": "same", "first": APPROVES, "then": sink},
    }[forms[number // len(SINKS) % len(forms)]]


def sequences(count, forms):
    return [sequence_rule(number, forms) for number in range(count)]


class History:
    """What the rules may ask of the admitted calls so far."""

    def __init__(self):
        self.length, self.last, self.seen = 0, {}, set()

    def add(self, call):
        self.last[call["tool"]] = self.length
        self.seen.add((call["tool"], call["args"]["id"]))
        self.length += 1

    def admits(self, rules, call):
        return not any(rule["then"] == call["tool"] and self.breaks(rule, call) for rule in rules)

    def breaks(self, rule, call):
        first = self.last.get(rule["first"], -1)
        if rule["form"] == "forbid":
            return first >= 0
        if rule["form"] == "unless":
            return first >= 0 and first > self.last.get(rule["but"], -1)
        if rule["form"] == "require":
            return first < 0
        return (rule["first"], call["args"]["id"]) not in self.seen


def sequence_call(tool, name, rng):
    return {"persona": AGENT, "tool": tool, "args": {"id": name, "amount": rng.randrange(10_000), "note": f"as agreed, no. {rng.randrange(1000)}"}}


def history(rules, length):
    """Admitted calls; each length that is measured ends with the tool that clears."""
    rng, past, calls = random.Random(7), History(), []
    ends = {10 ** power - 1 for power in range(1, 7)}
    while len(calls) < length:
        if len(calls) < len(BEGINNING):
            call = sequence_call(*BEGINNING[len(calls)], rng)
        elif len(calls) in ends:
            call = sequence_call(CLEARS, rng.choice(IDS), rng)
        else:
            tool = rng.choice(SINKS) if rng.random() < 0.2 else APPROVES if rng.random() < 0.3 else rng.choice(COMMON)
            call = sequence_call(tool, rng.choice(IDS), rng)
        if past.admits(rules, call):
            past.add(call)
            calls.append(call)
    return calls


def sequence_calls():
    """Calls that rules remember, what clears last of them; then calls that rules judge. So a round of them leaves every verdict as it was."""
    rng = random.Random(11)
    remembered = [sequence_call(tool, IDS[0], rng) for tool in [*COMMON, APPROVES, CLEARS]]
    return remembered + [sequence_call(sink, name, rng) for name in [IDS[0], IDS[5], IDS[10], "order-unknown"] for sink in SINKS]


# --- Writing them down ---

def lines(folder, name, calls):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
        out.writelines(json.dumps(call, separators=(",", ":")) + "\n" for call in calls)


def text(folder, name, content):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
        out.write(content)


def word(verdicts):
    return "".join("a" if admitted else "d" for admitted in verdicts)


def write_permissions(folder, count):
    """The expected verdicts of the calls."""
    os.makedirs(folder, exist_ok=True)
    names, rules = permissions(count)
    calls = permission_calls(names, rules)
    lines(folder, "calls.jsonl", calls)
    for file, content in languages.permissions(names, rules).items():
        text(folder, file, content)
    return word(permitted(rules, call) for call in calls)


def with_calls_of(folder, fewer, count):
    """Puts the calls of a smaller case beside the rules of a larger one, which hold the same rules for them; the expected verdicts."""
    calls = permission_calls(*permissions(fewer))
    lines(folder, "calls.jsonl", calls)
    _, rules = permissions(count)
    return word(permitted(rules, call) for call in calls)


def write_sequences(folder, count, forms, lengths):
    """The expected verdicts of the calls after each length of history."""
    os.makedirs(folder, exist_ok=True)
    rules, calls = sequences(count, forms), sequence_calls()
    before = history(rules, max(lengths))
    lines(folder, "calls.jsonl", calls)
    lines(folder, "history.jsonl", before)
    for file, content in languages.sequences(SOURCES + SINKS, rules).items():
        text(folder, file, content)
    text(folder, "rules.json", json.dumps(rules))
    expected, past = {}, History()
    for number, call in enumerate(before, 1):
        past.add(call)
        if number in lengths:
            expected[number] = word(past.admits(rules, probe) for probe in calls)
    return expected
