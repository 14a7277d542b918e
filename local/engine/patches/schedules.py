"""EventBridge rules on a schedule and EventBridge Scheduler fire on the simulated clock, looked at every 50 ms."""

import time
from datetime import UTC, datetime
from typing import Any

from ministack.services import eventbridge, scheduler

from local import clock
from local.engine.patches.expected import replace

_LOOK_S = 0.05
"""Real time between two looks, short enough that a jump of the clock is followed at once."""


class _Time:
    """The module `time` as the services see it: simulated, except for the pause between two looks."""

    sleep = staticmethod(time.sleep)

    @staticmethod
    def time() -> float:
        """Simulated seconds since the epoch."""
        return clock.now()


class _Datetime(datetime):
    """The class `datetime` with a simulated now."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        """The simulated time."""
        return datetime.fromtimestamp(clock.now(), tz or UTC)


def apply() -> None:
    """Let both services read the simulated clock; queues stay on real time, since their consumers work in it."""
    replace(scheduler, "time", _Time)
    replace(scheduler, "_SCHEDULE_TICK_INTERVAL", _LOOK_S)
    replace(eventbridge, "_now_ts", clock.now, parameters="")
    replace(eventbridge, "datetime", _Datetime)
    replace(eventbridge, "_SCHEDULER_TICK_INTERVAL", _LOOK_S)
