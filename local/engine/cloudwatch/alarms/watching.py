"""Alarms over time: each is evaluated every simulated minute, in step with what else happens on the simulated clock.

What an alarm sets off (its event, its actions) is done by the ticker, in order and outside of any lock: it may call
back into the engine, and no request may wait for that.
"""

import contextvars
from collections import deque
from collections.abc import Callable
from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import cloudwatch

from local import clock
from local.engine import lockstep
from local.engine.cloudwatch import queries, series
from local.engine.cloudwatch.alarms import alarm_events, records
from local.engine.cloudwatch.alarms.evaluation import EXTRA_PERIODS, Finding, evaluate
from local.engine.cloudwatch.queries import Window
from local.engine.cloudwatch.series import SeriesKey

_MINUTE_S = 60.0
_SHORT_STEP_S = 10.0
"""How often alarms are evaluated, those on periods under a minute more often."""

_LONG_S = 600.0
"""A stretch of time worth looking ahead over: an alarm without any data in it stays as it is."""

_next: Any = AccountRegionScopedDict()  # alarm name -> moment of its next evaluation
_told: Any = AccountRegionScopedDict()  # alarm name -> the state that the last event told
_waiting: deque[tuple[contextvars.Context, Callable[[], None]]] = deque()


class Alarms:
    """The alarms as a part of what happens in lockstep."""

    def due(self, until: float) -> float | None:
        """The next evaluation of any alarm of this account and region."""
        first = min(_next.values(), default=None)
        return float(first) if first is not None and first <= until else None

    def turn(self, at: float) -> None:
        """Evaluate the alarms that are due."""
        for name in [name for name, moment in _next.items() if moment <= at]:
            alarm = cloudwatch._alarms.get(name)
            if alarm is None:
                _next.pop(name, None)
                continue
            _evaluate(alarm, at)
            _next[name] = _following(alarm, at)

    def places(self) -> set[tuple[str, str]]:
        """The accounts and regions that have alarms."""
        return {key[:2] for key in list(cloudwatch._alarms._data)}


def alarm_state(name: str) -> str | None:
    """The state of an alarm of this account and region now, None if there is no such alarm."""
    lockstep.catch_up()
    alarm = cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name)
    return str(alarm["StateValue"]) if alarm else None


def set_state(alarm: dict[str, Any], finding: Finding, at: float) -> None:
    """Bring an alarm into a state; a new state is told and acted upon."""
    before = alarm["StateValue"]
    alarm |= {"StateReason": finding.reason, "StateReasonData": finding.reason_data}
    if before == finding.state:
        return
    alarm |= {"StateValue": finding.state, "StateUpdatedTimestamp": at, "StateTransitionedTimestamp": at}
    cloudwatch._record_history(alarm["AlarmName"], before, finding.state, finding.reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, finding.state, finding.reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def watch(alarm: dict[str, Any]) -> None:
    """Evaluate an alarm, new or changed, from now on; note the state that it has before it first changes."""
    name = alarm["AlarmName"]
    _next[name] = clock.now()
    if name not in _told:
        _told[name] = alarm_events.state_of(alarm)


def tell(alarm: dict[str, Any], act: Callable[[], None]) -> None:
    """Let the ticker send the event of a state and then take the alarm's actions."""
    name = alarm["AlarmName"]
    unchecked = {"value": "INSUFFICIENT_DATA", "reason": "Unchecked: Initial alarm creation"}
    before = _told.get(name) or {**unchecked, "timestamp": alarm_events.state_of(alarm)["timestamp"]}
    _told[name] = alarm_events.state_of(alarm)
    entry = alarm_events.state_changed(alarm, before)
    later(lambda: alarm_events.put(entry))
    later(act)


def later(act: Callable[[], None]) -> None:
    """Let the ticker do something, in the account and region of this call."""
    _waiting.append((contextvars.copy_context(), act))


def act() -> None:
    """Do what waits; for the ticker alone."""
    while _waiting:
        context, waiting = _waiting.popleft()
        context.run(waiting)


def forget(name: str | None = None) -> None:
    """Forget what was noted about an alarm that is gone, or about all."""
    for notes in (_next, _told):
        if name is None:
            notes.clear()
        else:
            notes.pop(name, None)


def _evaluate(alarm: dict[str, Any], at: float) -> None:
    rule, asked = records.rule_of(alarm), records.queries_of(alarm)
    step = min(rule.period_s, 60)
    end = int(at // step) * step
    start = end - rule.period_s * (rule.periods + EXTRA_PERIODS)
    found = queries.answered(asked, Window(start, end, at))
    values = found[next(q["Id"] for q in asked if q.get("ReturnData", True))]
    recent = [(second, values.get(second)) for second in range(start, end, rule.period_s)]
    finding = evaluate(rule, recent, at=at)
    if finding is not None:
        set_state(alarm, finding, at)


def _following(alarm: dict[str, Any], at: float) -> float:
    """The next evaluation; after a long jump of the clock, the last one of the jump if nothing came until then."""
    rule = records.rule_of(alarm)
    step = _MINUTE_S if rule.period_s >= _MINUTE_S else _SHORT_STEP_S
    now = clock.now()
    if now - at < _LONG_S or _has_data(alarm, at - rule.period_s * (rule.periods + EXTRA_PERIODS), now):
        return at + step
    return at + (now - at) // step * step


def _has_data(alarm: dict[str, Any], start: float, end: float) -> bool:
    metrics = [q["MetricStat"]["Metric"] for q in records.queries_of(alarm) if q.get("MetricStat")]
    keys = [SeriesKey.parsed(metric) for metric in metrics]
    return any(series.is_simulated(key) or series.read(key, int(start), int(end), at=end) for key in keys)
