"""The answers of cvc5 to SMT-LIB scripts.

In: MILLISECONDS, the time that one query may take, and paths of scripts, one a line, on standard input. Out: a line `ANSWER<tab>PATH` each, in that order;
ANSWER is sat, unsat, unknown, or error with what cvc5 said. Invariant: a script is given to cvc5 as it stands, its `:status` left out, so that no answer
leans on the one that is expected.

Usage: second_opinion.py MILLISECONDS < PATHS
"""

import sys

import cvc5

ANSWERS = {"sat", "unsat", "unknown"}


def answer(path: str, milliseconds: str) -> str:
    terms = cvc5.TermManager()
    solver = cvc5.Solver(terms)
    solver.setOption("strict-parsing", "true")
    solver.setOption("tlimit-per", milliseconds)
    symbols = cvc5.SymbolManager(terms)
    parser = cvc5.InputParser(solver, symbols)
    with open(path, encoding="utf-8") as script:
        lines = [line for line in script if not line.startswith("(set-info :status")]
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, "".join(lines), path)
    said = []
    while not (command := parser.nextCommand()).isNull():
        said.extend(command.invoke(solver, symbols).split("\n"))
    said = [line for line in said if line and line != "success"]
    return said[0] if len(said) == 1 and said[0] in ANSWERS else f"error: {said}"


def main() -> None:
    milliseconds = sys.argv[1]
    for line in sys.stdin:
        path = line.rstrip("\n")
        try:
            said = answer(path, milliseconds)
        except RuntimeError as error:
            said = "error: " + " ".join(str(error).split())
        print(f"{said}\t{path}", flush=True)


main()
