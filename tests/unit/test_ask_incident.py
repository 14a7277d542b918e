"""What people ask of an incident: who may, what it changes, and that a press counts once."""

import json
from dataclasses import replace

import pytest

from sluice.core.rollback.naming import rollback_id_of
from sluice.errors import TransientFailure
from sluice.model.commit import Commit
from sluice.model.endpoint import EndpointRecord
from sluice.model.entry_kinds import EntryKind
from sluice.model.governing import Mode, RoleNeed
from sluice.model.ids import IncidentId, Micros, SlackUserId
from sluice.model.incident import IncidentStatus
from sluice.model.incident_commands import AskIncident
from sluice.model.incident_wish import IncidentWish
from sluice.model.rollback import RollbackOutcome
from sluice.model.signal import Cause
from sluice.usecases.record_decision import record_decision
from sluice.usecases.remembering import keep, recall
from tests.incidents import ANNA, BEN, CHEN, DORA, OLGA, IncidentWorld, paging
from tests.packages import CHANNEL, REGION, TEAM
from tests.trouble import ENDPOINT, troubled_policy

ACKNOWLEDGE, RESOLVE = IncidentWish.ACKNOWLEDGE, IncidentWish.RESOLVE
ROLL_BACK, CLEAR_HOLD = IncidentWish.ROLL_BACK, IncidentWish.CLEAR_HOLD
STRANGER = SlackUserId("U0ZOE")


def an_open_world(**policy: object) -> IncidentWorld:
    """An incident that Anna was called for, whose rollback asks people what to do."""
    world = IncidentWorld(paging(responders=(RoleNeed("sre", 1, (), "S0MLENG"),)), **policy)
    world.say()
    world.pass_minutes(1)
    world.end_rollback(RollbackOutcome.ASKED)
    world.work()
    return world


def hold(world: IncidentWorld) -> None:
    """The newest rollback of the incident holds the endpoint."""
    incident = world.incident
    holder = rollback_id_of(incident.id, incident.rounds)
    endpoint = EndpointRecord(REGION, ENDPOINT, incident.group, hold=f"{holder}: the return failed")
    world.records.commit(Commit((keep(None, endpoint, endpoint.id),)), at=world.clock.now())


def held(world: IncidentWorld) -> str:
    """Why the endpoint is on hold."""
    known = recall(world.records, EndpointRecord, f"{REGION}/{ENDPOINT}")
    return "" if known is None else known.value.hold


@pytest.mark.parametrize(
    "wish, person, allowed",
    [
        (ACKNOWLEDGE, STRANGER, True),
        (RESOLVE, ANNA, True),  # was called
        (RESOLVE, DORA, True),  # a responder, by the user group
        (RESOLVE, CHEN, True),  # may steer rollouts
        (RESOLVE, OLGA, True),  # owns the group
        (RESOLVE, BEN, False),  # is to be called next, and was not yet
        (RESOLVE, STRANGER, False),
        (ROLL_BACK, CHEN, True),
        (ROLL_BACK, ANNA, False),
        (ROLL_BACK, DORA, False),
    ],
)
def test_who_may_do_what(wish: IncidentWish, person: SlackUserId, *, allowed: bool) -> None:
    world = an_open_world()

    world.press(wish, person)
    world.work()

    refused = world.records.entries(f"group/{world.incident.group}", EntryKind.INCIDENT_ASK_REFUSED)
    assert (len(refused) == 0) is allowed
    (told,) = world.chat.told(person)
    assert ("Nothing was changed" in told) is not allowed


@pytest.mark.parametrize("wish", list(IncidentWish))
def test_somebody_of_another_workspace_may_do_nothing(wish: IncidentWish) -> None:
    world = an_open_world()
    before = world.incident

    world.press(wish, CHEN, team="T0OTHER")

    assert world.incident == before


def test_without_managers_nobody_may_have_production_taken_back() -> None:
    world = an_open_world()
    world.govern(troubled_policy(rollout=None))

    world.press(ROLL_BACK, CHEN)
    world.work()

    assert "names nobody" in world.chat.told(CHEN)[0]
    assert world.incident.rounds == 1


def test_a_second_person_who_acknowledges_is_told_who_has_it() -> None:
    world = an_open_world()
    world.press(ACKNOWLEDGE, ANNA)

    world.press(ACKNOWLEDGE, BEN)
    world.work()

    assert world.incident.acknowledged is not None
    assert world.incident.acknowledged.person == ANNA
    assert world.chat.told(BEN) == ["It is acknowledged already, by Anna."]
    assert world.kinds().count(EntryKind.INCIDENT_ACKNOWLEDGED) == 1


def test_a_press_that_is_told_twice_counts_once() -> None:
    world = an_open_world()
    asked = AskIncident(world.incident.id, ANNA, TEAM, CHANNEL, ACKNOWLEDGE, "", world.clock.now())

    record_decision(asked, world.deciding)
    once = world.incident
    record_decision(asked, world.deciding)

    assert world.incident == replace(once, told=False)
    assert world.kinds().count(EntryKind.INCIDENT_ACKNOWLEDGED) == 1


def test_who_is_called_again_after_silence_can_take_it_once_more() -> None:
    world = IncidentWorld(paging(silence_s=1800))
    world.say()
    world.pass_minutes(1)
    world.press(ACKNOWLEDGE, ANNA)
    world.pass_minutes(31)

    world.press(ACKNOWLEDGE, BEN)
    world.pass_minutes(29)

    assert world.incident.acknowledged is not None
    assert world.incident.acknowledged.person == BEN
    assert [target for _, target in world.calls()] == [ANNA, ANNA]


def test_a_late_press_does_not_take_what_came_after_it() -> None:
    world = an_open_world()
    world.press(ACKNOWLEDGE, BEN)
    pressed_at = world.clock.now()
    world.say("alarm/down", cause=Cause.AVAILABILITY)

    world.press(ACKNOWLEDGE, ANNA, pressed_at=Micros(pressed_at))
    world.work()

    assert world.incident.status is IncidentStatus.OPEN
    assert "got worse" in world.chat.told(ANNA)[0]


@pytest.mark.parametrize("wish", [RESOLVE, ROLL_BACK])
def test_what_needs_a_reason_is_refused_without_one(wish: IncidentWish) -> None:
    world = an_open_world()

    world.press(wish, CHEN, "  ")
    world.work()

    assert not world.incident.is_over
    assert world.incident.rounds == 1
    assert world.chat.told(CHEN) == ["A reason is needed. Nothing was changed."]


def test_it_cannot_be_ended_while_sluice_is_at_work_on_production() -> None:
    world = IncidentWorld()
    world.say()
    world.pass_minutes(1)

    world.press(RESOLVE, ANNA)
    world.work()

    assert not world.incident.is_over
    assert "come to its end first" in world.chat.told(ANNA)[0]


def test_a_person_has_production_taken_back() -> None:
    world = an_open_world()

    world.press(ROLL_BACK, CHEN, "refused payments since noon")
    world.work()

    rollback = world.rollback
    assert world.incident.rounds == 2
    assert rollback.demand is not None
    assert (rollback.demand.person, rollback.demand.name, rollback.demand.reason) == (
        CHEN,
        "Chen",
        "refused payments since noon",
    )
    assert rollback.signal.source == "alarm/errors"
    assert f"{rollback.id}-1" in world.rollbacks.started


def test_a_rollback_that_is_asked_for_twice_is_one() -> None:
    world = an_open_world()
    asked = AskIncident(world.incident.id, CHEN, TEAM, CHANNEL, ROLL_BACK, "now", world.clock.now())

    record_decision(asked, world.deciding)
    record_decision(asked, world.deciding)
    world.press(ROLL_BACK, CHEN, "once more")
    world.work()

    assert world.incident.rounds == 2
    assert world.chat.told(CHEN)[-1] == "Sluice is at work on production already. Nothing was changed."


def test_in_observe_nothing_is_taken_back() -> None:
    world = an_open_world(mode=Mode.OBSERVE)

    world.press(ROLL_BACK, CHEN)
    world.work()

    assert "only observed" in world.chat.told(CHEN)[0]


def test_a_hold_is_cleared_by_who_may_and_the_incident_can_end_then() -> None:
    world = an_open_world()
    hold(world)
    world.clear()
    world.pass_minutes(10)
    still_open = not world.incident.is_over

    world.press(CLEAR_HOLD, ANNA)
    refused = held(world)
    world.press(CLEAR_HOLD, CHEN, "the configuration is there again")
    world.pass_minutes(10)

    assert still_open
    assert refused
    assert held(world) == ""
    assert world.incident.is_over
    assert EntryKind.HOLD_CLEARED in world.kinds()
    assert any("cleared the hold" in str(shown.blocks) for shown in world.chat.messages.values())


def test_a_hold_of_something_else_is_not_cleared_by_this_incident() -> None:
    world = an_open_world()
    endpoint = EndpointRecord(REGION, ENDPOINT, world.incident.group, hold="a-rollout: the return failed")
    world.records.commit(Commit((keep(None, endpoint, endpoint.id),)), at=world.clock.now())

    world.press(CLEAR_HOLD, CHEN)
    world.work()

    assert held(world)
    assert world.chat.told(CHEN) == ["Nothing that this incident left holds the endpoint any more."]


def test_an_incident_that_is_not_known_here_is_told_so() -> None:
    world = an_open_world()

    world.press(ACKNOWLEDGE, ANNA, incident_id=IncidentId("0" * 32))
    world.work()

    assert "not known here" in world.chat.told(ANNA)[0]


def test_a_user_group_that_slack_cannot_name_now_is_asked_again() -> None:
    world = an_open_world()
    world.chat.fail(TransientFailure("slack is down"))

    with pytest.raises(TransientFailure):
        world.press(RESOLVE, DORA)
    world.press(RESOLVE, DORA)

    assert world.incident.is_over


def test_the_ledger_says_who_asked_for_what_and_why() -> None:
    world = an_open_world()
    world.press(RESOLVE, ANNA, "the feature store was late")

    (entry,) = world.records.entries(f"group/{world.incident.group}", EntryKind.INCIDENT_RESOLVED)

    body = json.loads(entry.body)
    assert (body["person"], body["name"], body["reason"], body["via"]) == (
        ANNA,
        "Anna",
        "the feature store was late",
        "slack",
    )
