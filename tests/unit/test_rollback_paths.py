"""From a signal to what served before, seen to serve again: the whole machine, over fakes."""

from sluice.model.package import RegistryStatus
from sluice.model.rollback import Decision, RollbackOutcome
from tests.rollbacks import RollbackWorld


def test_what_served_before_serves_again_and_is_seen_to() -> None:
    world = RollbackWorld()
    before, bad = world.config_of(7), world.config_of(8)
    assert world.seen.config == bad

    world.ring()
    world.pass_minutes(12)
    world.calm()
    ended = world.end_rollback()

    assert (ended.decision, ended.outcome, ended.verified) == (Decision.ROLL_BACK, RollbackOutcome.RECOVERED, True)
    assert world.seen.config == before
    assert world.seen.settled
    assert world.endpoint.holder is None
    assert world.endpoint.good is not None
    assert (world.endpoint.good.config, world.endpoint.good.version) == (before, 7)
    assert world.status_of(8) is RegistryStatus.REJECTED
    assert [(each.version, each.until != 0) for each in world.history] == [(0, True), (7, True), (8, True), (7, False)]
