#!/usr/bin/env python3
"""How long `verify` takes beside `build` and `check`, and how large a frame is with and without its certificate.

In: the binary. Out: a table: seconds of user time of the whole process (the median of five runs), bytes. The examples, and the policy of 1,000 rules that
check_growth.py makes (built with --unproven, since it holds findings on purpose, so its certificate makes no claims).
Usage: verify_times.py BINARY
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import check_growth  # noqa: E402

RUNS = 5
RULES = 1000


def seconds(command, allowed=(0,)):
    """User time of a command, the median of some runs."""
    times = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        if done.returncode not in allowed:
            sys.exit(f"{' '.join(command)} failed:\n{done.stderr.decode()}")
        times.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
    return statistics.median(times)


def row(binary, name, policy, folder, unproven):
    """One policy's line of the table."""
    frame, bare = os.path.join(folder, "with.frame"), os.path.join(folder, "without.frame")
    extra = ["--unproven"] if unproven else []
    check = seconds([binary, "check", policy], (0, 1))
    build = seconds([binary, "build", policy, "-o", frame, *extra])
    verify = seconds([binary, "verify", policy, frame])
    seconds([binary, "build", policy, "-o", bare, "--no-certificate", *extra])
    sizes = [os.path.getsize(path) for path in (bare, frame)]
    return f"| {name} | {check:.2f} | {build:.2f} | {verify:.3f} | {sizes[0]:,} | {sizes[1]:,} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    binary = os.path.abspath(parser.parse_args().binary)
    examples = os.path.join(HERE, "..", "examples")
    print("| policy | check, s | build, s | verify, s | frame, bytes | with certificate |")
    print("|---|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for name in sorted(os.listdir(examples)):
            policy = os.path.join(examples, name, "policy.lever")
            if os.path.exists(policy):
                print(row(binary, name, policy, folder, False), flush=True)
        large = os.path.join(folder, "large.lever")
        with open(large, "w", encoding="utf-8") as file:
            file.write(check_growth.policy(RULES))
        print(row(binary, f"{RULES} rules", large, folder, True))


if __name__ == "__main__":
    main()
