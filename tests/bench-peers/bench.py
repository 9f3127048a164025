#!/usr/bin/env python3
"""The engine beside other systems: makes the cases, runs each system as a process, checks that all verdicts are the expected ones, times, and prints.

In: what `run.sh` has built. Out: one table, what bounds it from above and below, and the exit code 1 where a system decides otherwise than expected.
Times: batches of decisions in turn, A B C A B C …, so that whatever else the machine does hits all; the median of them and the tenth percentile.
`QUICK=1` takes fewer batches and fewer lengths of history.
"""

import datetime
import os
import platform
import select
import statistics
import subprocess
import sys
import time

import cases

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "target", "cases")
QUICK = os.environ.get("QUICK") == "1"
RULES = [1, 10, 100, 1000]
SEQUENCES = 50
LENGTHS = [10, 1_000, 100_000] if QUICK else [10, 100, 1_000, 10_000, 100_000]
# Batches of each system in a column, and of ours where two cases of it are compared; nanoseconds that a batch should take, in whole rounds of all calls.
BATCHES, PAIRS, BATCH_NS = (21, 101, 3_000_000) if QUICK else (101, 501, 5_000_000)
# Seconds that a system may take in a column: for its batches, for taking in the history, for one answer.
SECONDS, GROWING, PATIENCE = (2, 10, 30) if QUICK else (8, 60, 120)
# A decision that takes longer is not repeated, and no longer history is tried.
LONGEST_NS = 1_000_000_000
PAIR_NS = 1_000_000
# A decision that takes longer is checked for the same verdict once and not twice.
LONG_NS = 50_000_000


def binary(*words):
    return [os.path.join(HERE, *words[0].split("/")), *words[1:]]


def python(name):
    return [os.path.join(HERE, "target", f"venv-{name}", "bin", "python"), os.path.join(HERE, f"{name}_peer.py")]


OURS = "Leverframe"
CEDAR, DOGWOOD = "Cedar 4.14.1", "Dogwood 1.1 (LocalTemporalEngine 1.1.1)"
SYSTEMS = {
    OURS: binary("target/release/leverframe-peer"),
    CEDAR: binary("target/release/cedar-peer"),
    "Cedar, sliced by the host [1]": binary("target/release/cedar-peer", "sliced"),
    "regorus 0.14.1, interpreter": binary("target/release/regorus-peer"),
    "regorus 0.14.1, virtual machine": binary("target/release/regorus-peer", "vm"),
    DOGWOOD: binary("dogwood/target/release/dogwood-peer"),
    "Invariant 0.3.5": python("invariant"),
    "AgentLTL 0.2.1": python("agentltl"),
}
ALL_FORMS, PLAIN_FORMS = f"{SEQUENCES} sequences", f"{SEQUENCES} sequences without `unless`"
NO_SEQUENCES = [name for name in SYSTEMS if name.startswith("Cedar")]
NOTES = """
[1] Cedar looks at every policy of its set. Here the host keeps a policy set for each action and hands over the one that matters: not Cedar's own doing, but within a host's reach.
[2] Cedar has no history: it cannot express a sequence, unless the host keeps the history and puts its conclusions into the context.
"""


WAITED_FOR = {"load": "loading", "verdicts": "a round of the calls", "time": "a batch", "history": "the history", "reload": "loading"}


class TooSlow(Exception):
    """Why a cell holds no time."""


class Process:
    """A system at work on one case."""

    def __init__(self, command, folder):
        self.child = subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ask("load", folder)

    def ask(self, *words):
        self.child.stdin.write(" ".join(map(str, words)) + "\n")
        self.child.stdin.flush()
        if not select.select([self.child.stdout], [], [], PATIENCE)[0]:
            self.stop()
            raise TooSlow(f"{WAITED_FOR[words[0]]} takes more than {PATIENCE} s")
        answer = self.child.stdout.readline().strip()
        if not answer:
            raise RuntimeError(f"{self.child.args} broke at {words}")
        return answer

    def stop(self):
        self.child.kill()
        self.child.wait()


class Lane:
    """A system in one column: its process, how many decisions a batch has, what they took."""

    def __init__(self, name, process, events):
        self.name, self.process, self.batches, self.spent = name, process, [], 0
        self.calls, self.round_ns = 0, 0
        if events:
            taken = int(process.ask("history", events, GROWING))
            if taken < events:
                raise TooSlow(f"only {taken:,} events taken in after {GROWING} s")

    def check(self, expected):
        """Twice, since the second round meets what the first one left; once where a round is long."""
        self.calls = len(expected)
        for _ in range(2):
            began = time.perf_counter_ns()
            verdicts = self.process.ask("verdicts")
            self.round_ns = time.perf_counter_ns() - began
            if verdicts != expected:
                sys.exit(f"{self.name} decides otherwise than expected:\n{verdicts}\n{expected}")
            if self.round_ns > LONG_NS * self.calls:
                break
        if self.round_ns > LONGEST_NS * self.calls:
            raise TooSlow(f"{self.round_ns / self.calls / 1e9:.1f} s a decision")

    def warm(self, batch_ns):
        if self.round_ns < batch_ns:
            self.round_ns = max(1, int(self.process.ask("time", 10 * self.calls)) // 10)
        self.decisions = max(1, batch_ns // self.round_ns) * self.calls
        if self.round_ns < LONG_NS:
            self.process.ask("time", self.decisions)

    def batch(self):
        """One more, as long as there is time; three at least, one where a round is long."""
        at_least = 1 if self.round_ns > SECONDS * 1_000_000_000 else 3
        if len(self.batches) >= at_least and self.spent > SECONDS * 1_000_000_000:
            return
        took = int(self.process.ask("time", self.decisions))
        self.batches.append(took / self.decisions)
        self.spent += took

    def result(self):
        ordered = sorted(self.batches)
        return statistics.median(ordered), ordered[len(ordered) // 10]


def in_turn(lanes, batches, batch_ns):
    for lane in lanes:
        lane.warm(batch_ns)
    for _ in range(batches):
        for lane in lanes:
            lane.batch()


def column(processes, expected, events, given_up):
    """Nanoseconds by system; why not, where there are none. Who is too slow once is not asked about longer histories."""
    lanes, cells = [], {}
    for name, process in list(processes.items()):
        try:
            lane = Lane(name, process, events)
            lane.check(expected)
            lanes.append(lane)
        except TooSlow as reason:
            cells[name] = given_up[name] = str(reason)
            processes.pop(name).stop()
    in_turn(lanes, BATCHES, BATCH_NS)
    cells.update((lane.name, lane.result()) for lane in lanes)
    return cells


def started(names, folder, given_up):
    """Processes that have loaded the case; a system that does not get that far is given up."""
    processes = {}
    for name in names:
        try:
            processes[name] = Process(SYSTEMS[name], folder)
        except TooSlow as reason:
            given_up[name] = str(reason)
    return processes


def finished(processes):
    for process in processes.values():
        process.stop()


def permission_columns(names, columns, loads):
    given_up = {}
    for rules in RULES:
        folder = os.path.join(CASES, f"permissions-{rules}")
        expected = cases.write_permissions(folder, rules)
        processes = started([name for name in names if name not in given_up], folder, given_up)
        columns[f"{rules:,} rules" if rules > 1 else "1 rule"] = {**given_up, **column(processes, expected, 0, given_up)}
        if rules == RULES[-1]:
            loads.update((name, statistics.median(int(process.ask("reload")) for _ in range(3))) for name, process in processes.items())
        finished(processes)
        print(f"  permissions, {rules:,} rules: done", file=sys.stderr)


def sequence_columns(names, columns, title, folder, forms, lengths):
    folder = os.path.join(CASES, folder)
    expected = cases.write_sequences(folder, SEQUENCES, forms, lengths)
    given_up = dict.fromkeys(NO_SEQUENCES, "[2]")
    processes = started([name for name in names if name not in given_up], folder, given_up)
    for length in lengths:
        columns[f"{title}, {length:,} events"] = {**given_up, **column(processes, expected[length], length, given_up)}
        print(f"  {title}, {length:,} events: done", file=sys.stderr)
    finished(processes)


def against(first, second):
    """How much dearer a decision of the second is, both ours: the median over pairs of short batches, one directly after the other."""
    lanes = []
    for folder, expected, events in (first, second):
        lane = Lane(OURS, Process(SYSTEMS[OURS], folder), events)
        lane.check(expected)
        lanes.append(lane)
    in_turn(lanes, PAIRS, PAIR_NS)
    finished({lane: lane.process for lane in lanes})
    (few, _), (many, _) = (lane.result() for lane in lanes)
    return few, many, statistics.median(after / before for before, after in zip(*(lane.batches for lane in lanes)))


def growth_of_rules():
    """The same calls and the same ten rules, alone and among a thousand."""
    few, many = (os.path.join(CASES, name) for name in ("permissions-10", "permissions-1000-same"))
    expected = cases.write_permissions(few, 10)
    cases.write_permissions(many, 1000)
    return against((few, expected, 0), (many, cases.with_calls_of(many, 10, 1000), 0))


def growth_of_history():
    folder = os.path.join(CASES, "sequences")
    expected = cases.write_sequences(folder, SEQUENCES, cases.FORMS, [10, 100_000])
    return against((folder, expected[10], 10), (folder, expected[100_000], 100_000))


def frame_load():
    """Nanoseconds of Policy::load of the frame of 1,000 rules: median and tenth percentile."""
    process = Process(SYSTEMS[OURS], os.path.join(CASES, "permissions-1000"))
    times = sorted(int(process.ask("reload")) for _ in range(101))
    process.stop()
    return statistics.median(times), times[10]


def allocations(case, events):
    command = binary("target/release/allocations", os.path.join(CASES, case), str(events))
    times, size, decisions = map(int, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
    return times / decisions, size / decisions


def shown(nanoseconds):
    for bound, unit in ((1e3, "ns"), (1e6, "µs"), (1e9, "ms")):
        if nanoseconds < bound:
            value = nanoseconds / bound * 1e3
            return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"
    return f"{nanoseconds / 1e9:.3g} s"


def cell(result, ours):
    if not isinstance(result, tuple):
        return result if result.startswith("[") else f"– ({result})"
    median, tenth = result
    return f"{shown(median)} · {shown(tenth)}" + ("" if result is ours else f" · ×{median / ours[0]:,.3g}" if median / ours[0] < 1000 else f" · ×{median / ours[0]:,.0f}")


def table(names, columns, loads):
    print(f"| a decision: median · tenth percentile · × ours | {' | '.join(columns)} | loading 1,000 rules |")
    print("|---|" + "---|" * (len(columns) + 1))
    for name in names:
        cells = [cell(cells[name], cells[OURS]) if name in cells else "–" for cells in columns.values()]
        print(f"| {name} | {' | '.join(cells)} | {shown(loads[name]) if name in loads else '–'} |")


def bar(what, value, bound, at_least, unit="", undisturbed=""):
    """One bar, met or not by the medians; beside it the same by the tenth percentiles, which other work on the machine disturbs less."""
    met = value >= bound if at_least else value <= bound
    sign = "≥" if at_least else "≤"
    word = "PASS" if met else "below" if at_least else "above"
    print(f"| {what} | {value:,.2f}{unit} | {undisturbed} | {sign} {bound:g}{unit} | {word} |")


def bars(columns, grown, load):
    def ratio(what, name, name_of_column, bound):
        other, ours = columns[name_of_column].get(name), columns[name_of_column][OURS]
        median, tenth = (theirs / own for theirs, own in zip(other, ours)) if isinstance(other, tuple) else (float("nan"),) * 2
        bar(f"{what}: {name} / ours", median, bound, True, undisturbed=f"{tenth:,.2f}")
    print("\n| bar | by medians | by tenth percentiles | wanted | |\n|---|---|---|---|---|")
    ratio("1,000 rules", CEDAR, "1,000 rules", 500)
    ratio("1 rule", CEDAR, "1 rule", 15)
    for forms in (ALL_FORMS, PLAIN_FORMS):
        ratio(f"{forms}, 1,000 events", DOGWOOD, f"{forms}, 1,000 events", 500)
    bar("ours: 1,000 rules / 10 rules, the same calls", grown["rules"][2], 1.3, False)
    bar("ours: 100,000 events / 10 events", grown["events"][2], 1.1, False)
    bar("ours: loading the frame of 1,000 rules, median", load[0] / 1e6, 2, False, " ms")


def ours_alone(grown, load, allocated):
    few, many, _ = grown["rules"]
    print(f"\nOurs, the same calls: {shown(few)} among 10 rules, {shown(many)} among 1,000. ", end="")
    few, many, _ = grown["events"]
    print(f"After 10 events {shown(few)}, after 100,000 {shown(many)}. Loading the frame: median {shown(load[0])}, tenth percentile {shown(load[1])}.")
    for what, (times, size) in allocated.items():
        print(f"Allocations a decision, {what}: {times:.2f}, {size:.0f} bytes.")


def missing():
    """Systems that could not be set up, and why."""
    absent = {}
    for name, command in SYSTEMS.items():
        if not os.path.exists(command[0]):
            log = os.path.join(HERE, "target", f"venv-{os.path.basename(command[-1]).removesuffix('_peer.py')}.log")
            reason = open(log, encoding="utf-8").read().strip()[-600:] if os.path.exists(log) else f"{command[0]} was not built"
            absent[name] = reason
    return absent


def main():
    absent = missing()
    if OURS in absent:
        sys.exit(absent[OURS])
    names = [name for name in SYSTEMS if name not in absent]
    columns, loads = {}, {}
    permission_columns(names, columns, loads)
    sequence_columns(names, columns, ALL_FORMS, "sequences", cases.FORMS, LENGTHS)
    sequence_columns(names, columns, PLAIN_FORMS, "sequences-plain", cases.PLAIN, [10, 1_000, 100_000])
    grown = {"rules": growth_of_rules(), "events": growth_of_history()}
    load = frame_load()
    allocated = {"1,000 rules": allocations("permissions-1000", 0), "50 sequence rules, 1,000 events": allocations("sequences", 1000)}
    now = datetime.datetime.now(datetime.timezone.utc)
    print(f"{now:%Y-%m-%d %H:%M} UTC, {processor()}, {os.cpu_count()} cores, {platform.platform()}, load {os.getloadavg()[0]:.1f}{', QUICK' if QUICK else ''}\n")
    table(names, columns, loads)
    print(NOTES.rstrip())
    for name, reason in absent.items():
        print(f"{name} could not be set up: {reason}")
    bars(columns, grown, load)
    ours_alone(grown, load, allocated)


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
