"""What the Python peers share: the commands of `src/peer.rs`, answered the same way.

In: lines `load FOLDER`, `reload`, `history EVENTS SECONDS`, `verdicts`, `time DECISIONS`. Out: a line each.
"""

import json
import os
import sys
import time


class Case:
    def __init__(self, folder):
        self.folder = folder
        self.calls = self.read("calls.jsonl")
        self.history = self.read("history.jsonl") if os.path.exists(os.path.join(folder, "history.jsonl")) else []

    def read(self, name):
        """Persona, tool and the text of the arguments of each call."""
        with open(os.path.join(self.folder, name), encoding="utf-8") as lines:
            calls = [(line, json.loads(line)) for line in lines]
        return [(call["persona"], call["tool"], line[line.index('"args":') + 7:line.rindex("}")]) for line, call in calls]

    def file(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as text:
            return text.read()


class Running:
    """A peer is a class with `source(case)`, then `Peer(source)`, `prepare(case)`, `take(call)` and `decide(index)`."""

    def __init__(self, kind, folder):
        self.kind = kind
        self.case = Case(folder)
        self.source = kind.source(self.case)
        self.peer = kind(self.source)
        self.peer.prepare(self.case)
        self.taken, self.next = 0, 0

    def reload(self):
        began = time.perf_counter_ns()
        self.kind(self.source)
        return time.perf_counter_ns() - began

    def grow(self, events, seconds):
        began = time.monotonic()
        while self.taken < events and time.monotonic() - began < seconds:
            self.peer.take(self.case.history[self.taken])
            self.taken += 1
        return self.taken

    def verdicts(self):
        return "".join("a" if self.peer.decide(index) else "d" for index in range(len(self.case.calls)))

    def time(self, decisions):
        calls = len(self.case.calls)
        began = time.perf_counter_ns()
        for _ in range(decisions):
            self.peer.decide(self.next)
            self.next = (self.next + 1) % calls
        return time.perf_counter_ns() - began

    def obey(self, command, *numbers):
        numbers = map(int, numbers)
        return {"reload": self.reload, "history": self.grow, "verdicts": self.verdicts, "time": self.time}[command](*numbers)


def serve(kind):
    running = None
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        command, *words = line.split()
        if command == "load":
            running, answer = Running(kind, words[0]), "loaded"
        else:
            answer = running.obey(command, *words)
        print(answer, file=answers, flush=True)
