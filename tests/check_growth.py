#!/usr/bin/env python3
"""How long checking takes, and how much memory, as a policy grows; and how long it takes again after an edit, with the answers of before (`--cache`).

In: the binary. Out: a table. The policies are made here, always the same ones for a size; seconds are of the whole process, the median of five runs where it is
an edit (each from the same answers). "permission": one condition says another number; "rule": one rule over histories is added.
Usage: check_growth.py BINARY [--rules 10,30,100,300,1000] [--keep DIR]
"""

import argparse
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time

PERSONAS_OF, TOOLS_OF, SEQUENCES_OF = 50, 5, 10
DOMAINS = ["acme.example", "partner.example", "bank.example", "press.example"]
AREAS = ["mail", "files", "pay", "repo", "tickets", "people", "stock", "plan", "site", "log"]


def tools(count):
    """Tools of ten areas, every fifth of which sends; every area returns a label of its own."""
    lines, names = [], []
    for number in range(count):
        area = AREAS[number % len(AREAS)]
        name = f"{area}.t{number // len(AREAS)}"
        names.append(name)
        lines.append(f"tool {name}(id: string, place: path, to: email, amount: int 0..=10000, urgent: bool?)")
    return lines, names


def condition(rng):
    return rng.choice([
        lambda: f'place under "/srv/{rng.choice(AREAS)}/{rng.randrange(40)}"',
        lambda: f'email(to).domain == "{rng.choice(DOMAINS)}"',
        lambda: f"amount <= {rng.randrange(1, 9999)}",
        lambda: f'id starts_with "{rng.choice("abcdef")}{rng.randrange(99)}-" and amount < {rng.randrange(10, 9999)}',
        lambda: f'id matches r"[A-Z]{{{rng.randrange(2, 5)}}}-[0-9]{{1,{rng.randrange(2, 8)}}}"',
        lambda: f'not (email(to).domain under "{rng.choice(DOMAINS)}") and urgent is present and urgent',
    ])()


def personas(rng, rules, names):
    """Every persona decides some tools with arms, so that nothing conflicts and nothing is left open."""
    lines = []
    for number in range(max(1, rules // PERSONAS_OF)):
        lines.append(f"persona role{number} {{")
        left = min(PERSONAS_OF, rules)
        mine = rng.sample(names, min(len(names), left))
        for name in mine:
            if left <= 0:
                break
            arms = min(left, rng.choice([1, 1, 2, 3]))
            left -= arms
            if arms == 1:
                lines.append(f"  allow {name} when {condition(rng)}" if rng.random() < 0.5 else f"  allow {name}")
                continue
            lines.append(f"  on {name} {{")
            for verdict in rng.sample(["allow", 'ask by "an owner"', "deny"], arms - 1):
                lines.append(f"    {condition(rng)} => {verdict},")
            lines.append("    otherwise => allow\n  }")
        lines.append("  otherwise deny\n}")
    return lines


def sequence(rng, number, names):
    a, b, c, d = rng.sample(names, 4)
    return rng.choice([
        f"forbid f{number} {{ {a} then[unless {c}] {b} }}",
        f"forbid f{number} {{ within {rng.randrange(1, 60)}m ({a} succeeds then {b}) }} => ask by \"an owner\"",
        f"forbid f{number} {{ {a} then {b} then {c} }}",
        f"forbid f{number} {{ {a}(to: ?who) then {b}(to: ?who) }}",
        f"require r{number} {{ {a} before {b} within {rng.randrange(1, 24)}h }} => ask by \"an owner\"",
        f"require r{number} {{ {a}(id: ?what) before {b}(id: ?what) reset by {c} }}",
        f"limit l{number}: {rng.randrange(2, 7)} ({a}, {b}) per session",
        f"limit l{number}: {rng.randrange(2, 7)} {d} when (amount > {rng.randrange(100, 9999)}) per session",
    ])


def policy(rules):
    rng = random.Random(rules)
    declared, names = tools(max(4, rules // TOOLS_OF))
    lines = ["language 1", *declared, *personas(rng, rules, names)]
    lines += [sequence(rng, number, names) for number in range(max(1, rules // SEQUENCES_OF))]
    return "\n".join(lines) + "\n"


def with_other_number(text):
    """The policy, the bound of one amount in the middle of it another one; nothing where it bounds none."""
    bounds = list(re.finditer(r"when amount <= (\d+)", text))
    if not bounds:
        return None
    bound = bounds[len(bounds) // 2]
    return f"{text[:bound.start(1)]}{max(1, int(bound.group(1)) - 1)}{text[bound.end(1):]}"


def with_more_rules(text):
    """The policy with one more rule over histories."""
    names = re.findall(r"^tool (\S+?)\(", text, re.MULTILINE)
    return f"{text}forbid fresh {{ {names[0]} then {names[1]} then {names[2]} }}\n"


def edited(binary, file, text, edit):
    """Seconds that a check takes after an edit, the median of five; nothing where the edit is none."""
    after = edit(text)
    if after is None:
        return "–"
    seconds = []
    for _ in range(5):
        with tempfile.TemporaryDirectory() as cache:
            write(file, text)
            timed([binary, "check", "--cache", cache, file])
            write(file, after)
            seconds.append(timed([binary, "check", "--cache", cache, file])[0])
    write(file, text)
    return f"{statistics.median(seconds):.2f}"


def write(file, text):
    with open(file, "w", encoding="utf-8") as out:
        out.write(text)


def timed(command):
    """Seconds, peak memory in MiB, exit code and output of a process."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - began, usage.ru_maxrss / 1024, process.returncode, output.decode()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--rules", default="10,30,100,300,1000")
    parser.add_argument("--keep", help="write the policies there, and keep them")
    options = parser.parse_args()
    place = options.keep or tempfile.mkdtemp(prefix="check-growth-")
    os.makedirs(place, exist_ok=True)
    print("| permission rules | personas | tools | sequence rules | seconds | MiB | after an edit: permission | rule | findings |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---|")
    for rules in map(int, options.rules.split(",")):
        file = os.path.join(place, f"{rules}.lever")
        text = policy(rules)
        write(file, text)
        seconds, memory, code, output = timed([options.binary, "check", file])
        if code not in (0, 1):
            sys.exit(f"{file}: exit {code}\n{output}")
        again = " | ".join(edited(options.binary, file, text, edit) for edit in (with_other_number, with_more_rules))
        said = output.strip().splitlines()[-1]
        print(f"| {rules} | {max(1, rules // PERSONAS_OF)} | {max(4, rules // TOOLS_OF)} | {max(1, rules // SEQUENCES_OF)} "
              f"| {seconds:.2f} | {memory:.0f} | {again} | {said} |", flush=True)


if __name__ == "__main__":
    main()
