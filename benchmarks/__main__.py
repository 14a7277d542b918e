"""Runs a benchmark by its name, such as `python -m benchmarks judge --help`; without a name, says which there are."""

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "layers/control/python")]


def main(arguments: Sequence[str]) -> int:
    """What the benchmark answers: 0 when its figures are reached; 2 when there is none of that name."""
    modules = benchmarks()
    name, *rest = arguments or [""]
    if name not in modules:
        print(f"usage: python -m benchmarks {{{','.join(modules)}}}", file=sys.stderr)
        return 2
    sys.argv = [f"python -m benchmarks {name}", *rest]
    answer: int = import_module(modules[name]).main()
    return answer


def benchmarks() -> dict[str, str]:
    """The module of each benchmark by its name: a file here, or `command` of a folder."""
    files = {path.stem: f"benchmarks.{path.stem}" for path in HERE.glob("[a-z]*.py")}
    folders = {path.parent.name: f"benchmarks.{path.parent.name}.command" for path in HERE.glob("*/command.py")}
    return dict(sorted((files | folders).items()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
