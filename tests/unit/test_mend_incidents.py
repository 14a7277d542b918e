"""Reconcile finds incidents and rollbacks that stand still, and brings them on once."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.core.incident.naming import incident_execution, incident_id_of
from sluice.core.rollback.naming import rollback_execution
from sluice.model.commands import from_json
from sluice.model.commit import Commit
from sluice.model.incident import Answered, IncidentStatus
from sluice.model.incident_commands import WakeIncident
from sluice.model.rollback import Rollback, RollbackOutcome, RollbackPhase
from sluice.model.signal import Cause, SignalKind
from sluice.usecases.incident.remembered import incident_of, save_incident
from sluice.usecases.reconcile import Mended
from sluice.usecases.remembering import recall
from sluice.usecases.rollback.remembered import save_rollback
from tests.packages import REGION
from tests.trouble import ENDPOINT, TroubledWorld

ID = incident_id_of(REGION, ENDPOINT, 1)
HOUR = 3600


def a_world(**signal: Any) -> TroubledWorld:
    """An incident with its answer, ten minutes later."""
    world = TroubledWorld()
    world.say(**signal)
    world.clock.advance(600)
    return world


def changed(world: TroubledWorld, **changes: Any) -> None:
    """The incident's record changes."""
    known, now = incident_of(world.records, ID), world.clock.now()
    world.records.commit(Commit((save_incident(replace(known.value, **changes), known, now),)), at=now)


def answered(world: TroubledWorld, outcome: RollbackOutcome = RollbackOutcome.ASKED) -> None:
    """The rollback has ended."""
    known, now = recall(world.records, Rollback, world.rollback.id), world.clock.now()
    assert known is not None
    over = replace(known.value, phase=RollbackPhase.DONE, outcome=outcome)
    world.records.commit(Commit((save_rollback(over, known, now),)), at=now)


def resolved(world: TroubledWorld, **changes: Any) -> None:
    """A person has ended the incident."""
    answered(world)
    by = Answered("slack", world.clock.now())
    changed(world, status=IncidentStatus.RESOLVED, resolved=by, **changes)
    world.clock.advance(600)


def test_what_goes_on_by_itself_is_left_alone() -> None:
    world = a_world()
    commits = len(world.records.commits)

    assert world.reconcile() == Mended()
    assert len(world.records.commits) == commits


def test_what_was_recorded_and_never_started_is_started() -> None:
    world = a_world()
    started = list(world.incidents.started), list(world.rollbacks.started)
    world.incidents.started.clear()
    world.rollbacks.started.clear()

    mended = world.reconcile()

    assert (mended.incidents, mended.rollbacks) == (1, 1)
    assert (list(world.incidents.started), list(world.rollbacks.started)) == started
    assert (world.incident.attempt, world.rollback.attempt) == (1, 1)


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_what_has_died_is_begun_anew_once(status: str) -> None:
    world = a_world()
    world.incidents.broke[incident_execution(ID, 1)] = status
    world.rollbacks.broke[rollback_execution(world.rollback.id, 1)] = status

    mended = [world.reconcile(), world.reconcile()]

    assert [(m.incidents, m.rollbacks) for m in mended] == [(1, 1), (0, 0)]
    assert (world.incident.attempt, world.rollback.attempt) == (2, 2)
    assert incident_execution(ID, 2) in world.incidents.started
    assert rollback_execution(world.rollback.id, 2) in world.rollbacks.started
    notes = [record.subject for record in world.records.entries("platform")]
    assert notes == [f"incident/{ID}", f"rollback/{world.rollback.id}"]


def test_an_execution_that_does_not_know_of_news_is_told_again() -> None:
    world = a_world()
    answered(world)
    changed(world, told=False)
    world.clock.advance(600)

    world.reconcile()

    assert [from_json(message) for message in world.queue.sent] == [
        WakeIncident(ID, "reconcile has found news of it"),
    ]


def test_what_was_raised_while_another_answer_was_under_way_gets_its_own_though_no_command_said_so() -> None:
    world = a_world(source="monitor/data", kind=SignalKind.MONITOR, cause=Cause.DATA_QUALITY)
    world.say("alarm/errors")
    answered(world)
    world.clock.advance(600)

    mended = world.reconcile()

    assert mended.incidents == 1
    assert world.rollback.signal.source == "alarm/errors"
    assert world.incident.rounds == 2


def test_an_incident_that_is_over_is_brought_to_its_review() -> None:
    world = a_world()
    resolved(world)
    world.incidents.broke[incident_execution(ID, 1)] = "FAILED"

    mended = world.reconcile()

    assert mended.incidents == 1
    assert world.incident.attempt == 2


def test_an_incident_with_its_review_is_done() -> None:
    world = a_world()
    resolved(world, review="reviews/1.md")
    world.incidents.broke[incident_execution(ID, 1)] = "FAILED"

    assert world.reconcile() == Mended()
    assert world.incident.attempt == 1


def test_a_review_that_cannot_be_drafted_is_given_up_in_the_end() -> None:
    world = a_world()
    resolved(world)
    world.incidents.broke[incident_execution(ID, 1)] = "FAILED"
    rounds = 0
    while world.reconcile().incidents and rounds < 100:
        rounds += 1
        world.incidents.broke[incident_execution(ID, world.incident.attempt)] = "FAILED"
        world.clock.advance(600)

    notes = [record.body for record in world.records.entries("platform")]
    assert 6 * HOUR // 600 - 3 <= rounds <= 6 * HOUR // 600 + 3
    assert "its review could not be drafted" in notes[-1]
