"""The command: compare all judges, show what was saved, or judge canaries recorded elsewhere."""

import os
import re
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from pathlib import Path

EPILOG = """\
A recorded canary is a line of JSON, with one value a minute:

  {"id": "a", "baseline": {"requests": [540, 551], "errors": [5, 6]},
   "canary": {"requests": [60, 58], "errors": [0, 1]},
   "history": {"requests": [602, 597, 610], "errors": [6, 4, 7]}}

`history` is the baseline's minutes before the canary, of any length, or null. A null value is a minute that is not
known: it is left out for both variants. Each line is answered by one, in order:

  {"id": "a", "roll_back_minute": null, "verdict_end": "extend"}

after a look at every minute; a line that cannot be understood by {"id": …, "line": 7, "error": "…"}. The exit code is
0 when every line was understood, and 1 when any was not.
"""
RUNS, QUICK_RUNS = 2000, 40


def main() -> int:
    """0 when all is well: every line understood, or every figure reached."""
    options = parsed(sys.argv[1:])
    if options.input:
        return _judge_recorded(options)
    return _show(options.show) if options.show else _compare(options)


def parsed(arguments: list[str]) -> Namespace:
    """What was asked for."""
    parser = ArgumentParser(
        prog="python -m benchmarks judge",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--input", metavar="FILE", help="judge the recorded canaries of a file; - is standard input")
    parser.add_argument("--alpha", type=_probability, default=0.01, help="false rollbacks allowed (0.01)")
    parser.add_argument("--quick", action="store_true", help="one scenario of each kind, few runs, held to no figure")
    parser.add_argument("--runs", type=int, help=f"runs of each scenario ({RUNS}; quick: {QUICK_RUNS})")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (one a core)")
    parser.add_argument("--only", type=re.compile, metavar="PATTERN", help="scenarios whose name matches")
    parser.add_argument("--judges", choices=("all", "ours", "others"), default="all", help="whose answers (all)")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="renew its results.jsonl, tables and plots")
    parser.add_argument("--show", type=Path, metavar="FOLDER", help="print the tables of saved results, draw them anew")
    return parser.parse_args(arguments)


def _probability(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise ValueError(text)
    return value


def _judge_recorded(options: Namespace) -> int:
    from benchmarks.judge.recorded import answer_all

    if options.input == "-":
        return answer_all(sys.stdin.buffer, sys.stdout, alpha=options.alpha, jobs=options.jobs)
    try:
        with Path(options.input).open("rb") as lines:
            return answer_all(lines, sys.stdout, alpha=options.alpha, jobs=options.jobs)
    except OSError as missing:
        print(f"{options.input}: {missing.strerror}", file=sys.stderr)
        return 2


def _compare(options: Namespace) -> int:
    from benchmarks.judge.comparison import Extent, Judges, compare
    from benchmarks.judge.saved import save, tables_of
    from benchmarks.judge.scenarios import all_scenarios, few_scenarios
    from benchmarks.judge.targets import reached
    from benchmarks.judge.timing import measure

    timing = measure()
    print(timing.line, flush=True)
    chosen = few_scenarios() if options.quick else all_scenarios()
    chosen = [scenario for scenario in chosen if not options.only or options.only.search(scenario.name)]
    runs = options.runs or (QUICK_RUNS if options.quick else RUNS)
    cells = []
    extent = Extent(runs, options.alpha, options.jobs, Judges(options.judges))
    for cell in compare(chosen, extent):
        print(cell.line, flush=True)
        cells.append(cell)
    if options.save:
        save(options.save, cells)
    print(tables_of(cells), file=sys.stderr)
    return 0 if timing.reached and (options.quick or options.only or reached(cells)) else 1


def _show(folder: Path) -> int:
    from benchmarks.judge.saved import show

    print(show(folder))
    return 0
