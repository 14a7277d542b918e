"""What is said at PagerDuty counts as if it was pressed here, and what is pressed here is told there."""

from collections.abc import Callable

import pytest

from sluice.model.entry_kinds import EntryKind
from sluice.model.incident import IncidentStatus
from sluice.model.incident_wish import IncidentWish
from sluice.model.rollback import RollbackOutcome
from tests.incidents import ANNA, BEN, IncidentWorld

ACKNOWLEDGE, RESOLVE = IncidentWish.ACKNOWLEDGE, IncidentWish.RESOLVE


def test_pagerduty_hears_who_took_it_in_slack() -> None:
    world = IncidentWorld()
    world.say()
    world.pass_minutes(11)

    world.press(ACKNOWLEDGE, BEN)

    assert [(action, target) for _, action, target in world.paged()][3:] == [("acknowledge", "pagerduty")]


@pytest.mark.parametrize("wish, action", [(ACKNOWLEDGE, "acknowledge"), (RESOLVE, "resolve")])
def test_what_was_said_at_pagerduty_is_not_echoed_there(wish: IncidentWish, action: str) -> None:
    world = IncidentWorld()
    world.say()
    world.pass_minutes(11)
    world.end_rollback(RollbackOutcome.ASKED)

    world.at_pagerduty(wish)

    assert world.incident.status is not IncidentStatus.OPEN
    assert (action, "pagerduty") not in [(said, target) for _, said, target in world.paged()]


def test_what_pagerduty_tells_twice_or_late_counts_once() -> None:
    world = IncidentWorld()
    world.say()
    world.pass_minutes(11)
    at = world.clock.now()

    world.at_pagerduty(ACKNOWLEDGE, at=at)
    once = world.incident
    world.at_pagerduty(ACKNOWLEDGE, at=at)
    world.at_pagerduty(ACKNOWLEDGE, event_id="evt-2")

    assert world.incident.acknowledged == once.acknowledged
    assert world.kinds().count(EntryKind.INCIDENT_ACKNOWLEDGED) == 1


def test_an_end_at_pagerduty_that_comes_late_does_not_end_what_has_come_back() -> None:
    world = IncidentWorld()
    world.say()
    world.pass_minutes(1)
    world.end_rollback(RollbackOutcome.ASKED)
    at = world.clock.now()
    world.press(RESOLVE, ANNA)
    world.pass_minutes(5)
    world.say()

    world.at_pagerduty(RESOLVE, at=at)

    assert world.incident.status is IncidentStatus.OPEN
    assert world.incident.reopened == 1


def test_who_resolves_at_pagerduty_while_sluice_is_at_work_has_it() -> None:
    world = IncidentWorld()
    world.say()
    world.pass_minutes(11)

    world.at_pagerduty(RESOLVE)

    assert world.incident.status is IncidentStatus.ACKNOWLEDGED


def _acknowledges(world: IncidentWorld) -> Callable[[], object]:
    return lambda: world.press(ACKNOWLEDGE, ANNA)


def test_an_acknowledgement_that_races_the_escalation_keeps_everybody_else_from_being_called() -> None:
    """The execution has read the incident, and writes the next level's page while somebody acknowledges."""
    world = IncidentWorld()
    world.say()
    world.pass_minutes(9.9)
    world.meanwhile(_acknowledges(world))

    world.pass_minutes(60)

    assert world.calls() == [(0, ANNA)]
    assert world.incident.status is IncidentStatus.ACKNOWLEDGED


def test_an_acknowledgement_right_after_the_escalation_stops_its_pages_before_they_leave() -> None:
    world = IncidentWorld()
    world.say()
    world.pass_minutes(9.9)
    world.clock.advance(30)
    world._run()  # the level is called, and its pages wait in the outbox

    world.press(ACKNOWLEDGE, ANNA)
    world.pass_minutes(5)

    assert [target for _, target in world.calls()] == [ANNA, BEN, "pagerduty"]
    assert [event["event_action"] for event in world.pager.events] == ["acknowledge"]
    assert not [text for text in world.chat.texts(f"D{BEN[1:]}") if "taken by" not in text]
