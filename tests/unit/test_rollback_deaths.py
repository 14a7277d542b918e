"""A function that dies at any moment of a rollback: the same end, with each effect once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from sluice.model.endpoint import ScalingSeen
from sluice.model.governing import Mode
from sluice.model.package import RegistryStatus
from sluice.model.response_rules import RollbackRules
from sluice.model.rollback import RollbackOutcome
from sluice.model.signal import Cause, SignalKind
from tests.fakes.deaths import Life
from tests.fakes.serving import End
from tests.rollbacks import ALARM, PIPELINE, RollbackWorld
from tests.rollouts import ENDPOINT, PRODUCTION

SAMPLE = 97
"""Every so many moments are tried by default: a prime, so that the moments differ in kind."""
SCALED = ScalingSeen(f"endpoint/{ENDPOINT}/variant/{PRODUCTION}", 2, 20)


def _alarm(world: RollbackWorld) -> None:
    world.ring()


def _monitor(world: RollbackWorld) -> None:
    world.say("monitor/daily", kind=SignalKind.MONITOR, cause=Cause.DATA_QUALITY)


def _silence(world: RollbackWorld) -> None:
    world.endpoints.end_next(End.RETURNS, "no capacity for ml.m5.large")
    world.ring()


def _deleted(world: RollbackWorld) -> None:
    world.forget(world.config_of(7), model=True)
    world.ring()


def _busy(world: RollbackWorld) -> None:
    world.endpoints.maintain(ENDPOINT, 600)
    world.ring()


def _other_type(world: RollbackWorld) -> None:
    """Version 8 got another instance type by hand of its rollout; scaling has to survive the way back."""
    world.scaling.targets[ENDPOINT, PRODUCTION] = SCALED
    content = world.endpoints.configs[world.config_of(8)]
    variants = [{**v, "InstanceType": "ml.m6i.large"} for v in content["ProductionVariants"]]
    document = {**content, "ProductionVariants": variants}
    world.endpoints.configs[world.config_of(8)] = document
    world.remember(8, document=document)
    world.ring()


@dataclass(frozen=True)
class Way:
    """A rollback that goes one way: how it begins, and where it ends."""

    outcome: RollbackOutcome
    begins: Callable[[RollbackWorld], None] = _alarm
    calm: bool = True
    serves: int = 7
    rejected: bool = True
    world: dict[str, Any] = field(default_factory=dict)


HELD, BACK = RollbackOutcome.HELD, RollbackOutcome.RECOVERED
TRAINED = RollbackRules(on=(), pipeline=PIPELINE, retrain_on=(Cause.DATA_QUALITY,))
WAYS = {
    "back": Way(BACK),
    "made again": Way(BACK, _deleted),
    "busy": Way(BACK, _busy),
    "other type": Way(BACK, _other_type),
    "no help": Way(RollbackOutcome.NOT_RECOVERED, calm=False, rejected=False),
    "silence": Way(HELD, _silence, serves=8, rejected=False),
    "nowhere": Way(HELD, serves=7, rejected=False, world={"promoted": (7,)}),
    "training": Way(RollbackOutcome.RETRAINING, _monitor, serves=8, rejected=False, world={"back": TRAINED}),
    "observed": Way(RollbackOutcome.RECORDED, serves=8, rejected=False, world={"mode": Mode.OBSERVE}),
}


def _played(way: Way, ends_at: int) -> tuple[RollbackWorld, Life]:
    world = RollbackWorld(**({"back": RollbackRules(recover_within_s=900)} | way.world))
    world.endpoints.effects.clear()
    life = world.revive(Life(ends_at))
    way.begins(world)
    world.pass_minutes(12 if way.begins is not _busy else 24)
    if way.calm and ALARM in world.alarms.ringing and not world.rollback.is_over:
        world.alarms.ringing.discard(ALARM)
    world.end_rollback()
    world.pass_minutes(3)
    return world, life


def _confirm_known_end(name: str, moment: int) -> None:
    way = WAYS[name]

    world, life = _played(way, moment)

    at = f"{name}, moment {moment}"
    ends = [d["outcome"] for event, d in world.bus.events if event == "RollbackFinished"]
    newest = max(each.version for each in world.history)
    status = RegistryStatus.REJECTED if way.rejected else RegistryStatus.APPROVED
    assert [each.outcome for each in world.answers] == [way.outcome], at
    assert world.seen.config == world.config_of(way.serves), at
    assert world.seen.settled, at
    assert world.endpoints.repeated() == [], at
    assert world.endpoint.holder is None, at
    assert bool(world.endpoint.hold) is (way.outcome is HELD), at
    assert ends[:1] == [way.outcome.value], at
    assert len([r for r in world.ledger() if r.kind == "RollbackFinished"]) == 1, at
    assert len(world.pipelines) == (way.outcome is RollbackOutcome.RETRAINING), at
    assert world.status_of(newest) is status, at
    assert [each.version for each in world.history if not each.until] == [way.serves], at
    assert way.begins is not _other_type or world.scaling.targets[ENDPOINT, PRODUCTION] == SCALED, at
    assert life.lived >= moment, at


@pytest.mark.parametrize("name", sorted(WAYS))
def test_some_deaths_lead_to_the_same_end(name: str) -> None:
    moments = _played(WAYS[name], 0)[1].lived

    assert moments > 20
    for moment in range(1, moments + 1, SAMPLE):
        _confirm_known_end(name, moment)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", sorted(WAYS))
def test_every_death_leads_to_the_same_end(name: str) -> None:
    moments = _played(WAYS[name], 0)[1].lived

    for moment in range(1, moments + 1):
        _confirm_known_end(name, moment)


@pytest.mark.parametrize("state", ["TakeBack", "AwaitRecovery", "ConfirmRecovery", "RejectPackage", "ConcludeRollback"])
def test_an_execution_that_is_aborted_anywhere_is_followed_by_one_that_ends_it(state: str) -> None:
    world = RollbackWorld()
    world.endpoints.effects.clear()
    world.ring()
    run = next(iter(world.runs_of_rollbacks.runs.values()))
    for _ in range(40):
        run.reach(state)
        if run.state == state:
            break
        world.pass_minutes(0.5)
    run.abort()

    world.restart_rollback()
    world.pass_minutes(12)
    world.calm()
    ended = world.end_rollback()

    assert ended.outcome is BACK
    assert world.endpoints.repeated() == []
    assert world.status_of(8) is RegistryStatus.REJECTED
