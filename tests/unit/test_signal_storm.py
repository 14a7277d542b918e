"""Ten thousand alarms over a thousand endpoints are a thousand incidents, each called for once."""

from collections import Counter

import pytest

from sluice.core.incident.grouping import Action
from sluice.model.response_rules import Severity
from sluice.model.signal import Cause
from tests.storms import StormWorld, a_storm


@pytest.mark.parametrize("endpoints", [50, pytest.param(1_000, marks=pytest.mark.slow)])
def test_a_storm_makes_one_incident_for_each_endpoint(endpoints: int) -> None:
    world = StormWorld()
    storm = a_storm(endpoints, 10 * endpoints, told_twice=2 * endpoints)

    actions = Counter(world.take(signal).action for signal in storm)

    assert actions == {Action.OPEN: endpoints, Action.JOIN: 9 * endpoints, Action.DUPLICATE: 2 * endpoints}
    incidents = world.kept()
    assert len({incident.endpoint for incident in incidents}) == len(incidents) == endpoints
    assert {len(incident.signals) for incident in incidents} == {10}
    assert {(incident.severity, incident.cause) for incident in incidents} == {(Severity.CRITICAL, Cause.AVAILABILITY)}
    assert len(world.rollbacks.started) == endpoints


def test_a_storm_that_is_told_again_calls_nobody_anew_and_writes_nothing() -> None:
    world = StormWorld()
    storm = a_storm(50, 500)
    for signal in storm:
        world.take(signal)
    world.attend()
    writes, pages = world.records.writes, world.pages()

    for signal in storm:
        world.take(signal)
    world.attend()

    assert (world.records.writes, world.pages()) == (writes, pages)
    assert pages == 50
