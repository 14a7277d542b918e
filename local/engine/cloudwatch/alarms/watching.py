"""Alarms over time: each is evaluated every simulated minute, also for the minutes that a jump of the clock skipped.

Whoever reads an alarm's state brings the alarms up to date first. What an alarm sets off (its event, its actions) is
done by the ticker alone, in order: it may call back into the engine, and no request may wait for that.
"""

import contextvars
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, set_request_account_id, set_request_region
from ministack.services import cloudwatch

from local import clock
from local.engine.cloudwatch import queries
from local.engine.cloudwatch.alarms import alarm_events, records
from local.engine.cloudwatch.alarms.evaluation import EXTRA_PERIODS, Finding, evaluate
from local.engine.cloudwatch.queries import Window

_MOST_BEHIND = 240
"""Evaluations that are made up for after a jump; what lies further back is not looked at."""

_lock = threading.RLock()
_looked: Any = AccountRegionScopedDict()  # alarm name -> (its configuration's time, time of its last evaluation)
_told: Any = AccountRegionScopedDict()  # alarm name -> the state that the last event told
_waiting: deque[tuple[contextvars.Context, Callable[[], None]]] = deque()


def alarm_state(name: str) -> str | None:
    """The state of an alarm of this account and region now, None if there is no such alarm."""
    catch_up()
    alarm = cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name)
    return str(alarm["StateValue"]) if alarm else None


def catch_up() -> None:
    """Evaluate the alarms of this account and region for every minute up to now."""
    now = clock.now()
    with _lock:
        for alarm in cloudwatch._alarms.values():
            for at in _due(alarm, now):
                _evaluate(alarm, at)


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


def remember(alarm: dict[str, Any]) -> None:
    """Note the state that an alarm has before it first changes."""
    if alarm["AlarmName"] not in _told:
        _told[alarm["AlarmName"]] = alarm_events.state_of(alarm)


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


def forget(name: str | None = None) -> None:
    """Forget what was noted about an alarm that is gone, or about all."""
    for notes in (_looked, _told):
        if name is None:
            notes.clear()
        else:
            notes.pop(name, None)


def tick() -> None:
    """Evaluate all alarms and do what they set off; for the ticker alone."""
    for account, region in {key[:2] for key in list(cloudwatch._alarms._data)}:
        set_request_account_id(account)
        set_request_region(region)
        catch_up()
    while _waiting:
        context, act = _waiting.popleft()
        context.run(act)


def _due(alarm: dict[str, Any], now: float) -> list[float]:
    """The moments of the evaluations that are due; the first is now, for a new configuration too."""
    name, configured = alarm["AlarmName"], alarm["AlarmConfigurationUpdatedTimestamp"]
    step = 60.0 if records.rule_of(alarm).period_s >= 60 else 10.0
    seen = _looked.get(name)
    if seen is None or seen[0] != configured:
        due = [now]
    else:
        behind = int((now - seen[1]) // step)
        due = [seen[1] + step * n for n in range(max(1, behind - _MOST_BEHIND + 1), behind + 1)]
    if due:
        _looked[name] = (configured, due[-1])
    return due


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
