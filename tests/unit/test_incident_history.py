"""An execution of Step Functions ends at 25,000 events of history: an incident of weeks has to stay well below."""

import pytest

from sluice.model.incident import IncidentStatus
from sluice.model.rollback import RollbackOutcome
from sluice.usecases.incident import attend_incident
from tests.incidents import ANNA, IncidentWorld, paging, routes
from tests.machine import Execution

LIMIT = 25_000
DAY = 24 * 60
SHORTEST_REPEAT_S = 300
"""What a policy may ask for (model/policy_paging.py)."""


def test_three_weeks_without_an_answer_are_few_events() -> None:
    world = IncidentWorld(paging(routes=routes((0, (ANNA,))), repeat_s=SHORTEST_REPEAT_S))
    world.say()

    world.pass_minutes(21 * DAY)

    (run,) = world.machines.values()
    assert run.history < LIMIT / 2
    assert world.calls()[-1][0] > 21 * DAY - 4 * 60 - 5


def test_the_turns_of_an_execution_leave_room_for_a_try_again_in_each_of_them() -> None:
    world = IncidentWorld()
    world.say()
    world.pass_minutes(5)
    before, turns = world.run.history, world.run.entered.count("AttendIncident")

    world.pass_minutes(120)

    a_turn = (world.run.history - before) / (world.run.entered.count("AttendIncident") - turns)
    assert attend_incident.TURNS * (a_turn + 2 * 4) < LIMIT


def test_an_alarm_that_comes_and_goes_for_days_goes_on_in_another_execution(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attend_incident, "TURNS", 10)
    world = IncidentWorld()
    world.say()
    world.end_rollback(RollbackOutcome.RETURNED)

    for _ in range(20):
        world.pass_minutes(6)
        world.clear()
        world.pass_minutes(4)
        world.say()
    world.pass_minutes(5)

    *before, last = world.machines.values()
    assert len(before) >= 2
    assert {run.status for run in before} == {"SUCCEEDED"}
    assert max(map(_turns, (*before, last))) <= 11
    assert (last.status, last.state) == ("RUNNING", "AwaitWord")
    assert world.incident.status is IncidentStatus.OPEN
    minutes = [minute for minute, target in world.calls() if target == ANNA]
    assert len(minutes) == len(set(minutes))


def _turns(run: Execution) -> int:
    return run.entered.count("AttendIncident")
