"""A function that dies at any moment of an incident: the same end, nobody called twice in a round, one review."""

import json
from collections import Counter
from contextlib import suppress

import pytest

from sluice.model.incident import IncidentStatus
from sluice.model.incident_wish import IncidentWish
from sluice.model.rollback import RollbackOutcome
from tests.fakes.deaths import Died, Life
from tests.incidents import ANNA, IncidentWorld
from tests.packages import CHANNEL, GROUP
from tests.trouble import a_signal

SAMPLE = 17
"""Every so many moments are tried: a prime, so that the moments differ in kind."""


def play(ends_at: int = 0) -> IncidentWorld:
    """Two levels are called, Anna takes it, production has gone back, all is quiet; one function dies on the way."""
    world = IncidentWorld()
    world.revive(Life(ends_at))
    _taken(world, raised=True)
    world.pass_minutes(12)
    world.press(IncidentWish.ACKNOWLEDGE, ANNA)
    world.pass_minutes(3)
    world.end_rollback(RollbackOutcome.RECOVERED)
    _taken(world, raised=False)
    world.pass_minutes(15)
    return world


def _taken(world: IncidentWorld, *, raised: bool) -> None:
    """A signal whose admission dies comes again, as from SQS."""
    at = world.clock.now()
    signal = a_signal(at=at, raised=raised, key=f"{at}|{raised}")
    with suppress(Died):
        world.take(signal)
        return
    world.take(signal)


MOMENTS = play().life.lived


def test_there_is_a_life_to_be_lost() -> None:
    assert MOMENTS > 100


@pytest.mark.parametrize("moment", range(1, MOMENTS + 1, SAMPLE))
def test_whatever_dies_on_the_way_the_end_is_the_same(moment: int) -> None:
    world = play(moment)

    incident = world.incident
    assert incident.status is IncidentStatus.RESOLVED
    assert incident.acknowledged is not None
    assert incident.review in world.reviews.kept
    assert len(world.reviews.kept) == 1
    assert world.run.status == "SUCCEEDED"
    assert incident.rounds == 1


@pytest.mark.parametrize("moment", range(3, MOMENTS + 1, SAMPLE))
def test_whatever_dies_on_the_way_each_round_of_pages_is_ordered_once_and_delivered(moment: int) -> None:
    world = play(moment)

    calls = [target for _, target in world.calls()]
    assert sorted(calls) == sorted([ANNA, "U0BEN", "pagerduty"])
    assert {alert.status for alert in world.pager.alerts} == {"resolved"}
    assert len(world.pager.alerts) == 1
    pages = [row for row in world.records.outbox.values() if row.message.kind.value == "page"]
    assert {row.state for row in pages} == {"sent"}


@pytest.mark.parametrize("moment", range(2, MOMENTS + 1, SAMPLE))
def test_whatever_dies_on_the_way_each_fact_is_on_record_once(moment: int) -> None:
    world = play(moment)

    facts = Counter(entry.key for entry in world.ledger())
    kinds = Counter(entry.kind for entry in world.ledger())
    assert set(facts.values()) == {1}
    assert kinds["IncidentOpened"] == kinds["IncidentAcknowledged"] == kinds["IncidentResolved"] == 1
    assert kinds["PeoplePaged"] == 2
    notices = [json.dumps(list(shown.blocks)) for shown in world.chat.messages.values() if shown.channel == CHANNEL]
    assert GROUP in "".join(notices)
