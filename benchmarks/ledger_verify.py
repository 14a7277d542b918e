"""How long does it take to verify 100,000 ledger records beside their export, and how much memory does it need?"""

import json
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, process_time

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "layers/control/python")]

from sluice.adapters.ledger_lines import line_of, record_of_line  # noqa: E402  # the path is set first
from sluice.core.verify_ledger import Read, verify  # noqa: E402  # see above
from tests.chains import FRAUD, chain_of  # noqa: E402  # see above

RECORDS = 100_000
LIMIT_S = 5.0


def main() -> int:
    """Print one JSON line; 1 when it took longer than the figure to be reached."""
    lines = [line_of(record) for record in chain_of(RECORDS)]
    started, cpu_started = perf_counter(), process_time()
    verification = verify(FRAUD, _read(lines), exported=_read(lines))
    seconds, cpu_seconds = perf_counter() - started, process_time() - cpu_started
    print(
        json.dumps(
            {
                "benchmark": "ledger_verify",
                "records": verification.records,
                "holds": verification.holds,
                "seconds": round(seconds, 2),
                "cpu_seconds": round(cpu_seconds, 2),
                "limit_seconds": LIMIT_S,
                "peak_extra_kb": _peak_kb(lines[: RECORDS // 10]),
            }
        )
    )
    # One thread without input or output: its CPU time is the time on a machine that does nothing else.
    return 0 if verification.holds and cpu_seconds <= LIMIT_S else 1


def _peak_kb(lines: list[bytes]) -> int:
    tracemalloc.start()
    verify(FRAUD, _read(lines), exported=_read(lines))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak // 1024


def _read(lines: list[bytes]) -> Iterator[Read]:
    return (record_of_line(line, seq=seq) for seq, line in enumerate(lines, start=1))


if __name__ == "__main__":
    sys.exit(main())
