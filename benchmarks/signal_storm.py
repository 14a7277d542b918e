"""What do 10,000 alarms over 1,000 endpoints cost, a fifth of them told twice: incidents, pages, DynamoDB items?"""

import json
import sys
from collections import Counter
from pathlib import Path
from time import perf_counter, process_time

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "layers/control/python")]

from sluice.core.incident.grouping import Action  # noqa: E402  # the path is set first
from tests.storms import StormWorld, a_storm  # noqa: E402  # see above

ENDPOINTS = 1_000
ALARMS = 10_000
TOLD_TWICE = 2_000
LIMIT_WRITES = 6.0
"""DynamoDB items written for each alarm: its record, its ledger entry with the entry's key, a card, a command."""


def main() -> int:
    """Print one JSON line; 1 when there are not as many incidents and pages as endpoints, or too much is written."""
    world = StormWorld()
    storm = a_storm(ENDPOINTS, ALARMS, told_twice=TOLD_TWICE)
    started, cpu_started = perf_counter(), process_time()
    actions = Counter(world.take(signal).action for signal in storm)
    cpu_seconds, seconds = process_time() - cpu_started, perf_counter() - started
    reads, writes = world.records.reads, world.records.writes
    world.attend()
    incidents, pages = len(world.incidents.started), world.pages()
    per_alarm = writes / ALARMS
    print(
        json.dumps(
            {
                "benchmark": "signal_storm",
                "alarms": ALARMS,
                "duplicates": actions[Action.DUPLICATE],
                "endpoints": ENDPOINTS,
                "incidents": incidents,
                "pages": pages,
                "rollbacks": len(world.rollbacks.started),
                "signals_per_second": round(len(storm) / seconds),
                "signals_per_cpu_second": round(len(storm) / cpu_seconds),
                "reads_per_signal": round(reads / len(storm), 2),
                "writes_per_alarm": round(per_alarm, 2),
                "limit_writes_per_alarm": LIMIT_WRITES,
                "transactions_per_alarm": round(world.records.transactions / ALARMS, 2),
            }
        )
    )
    return 0 if incidents == pages == ENDPOINTS and per_alarm <= LIMIT_WRITES else 1


if __name__ == "__main__":
    sys.exit(main())
