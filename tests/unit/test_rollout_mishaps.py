"""Rollouts among mishaps drawn by a seed: whatever comes, each ends in bounded time, in a known state."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random

import pytest

from sluice.core.rollout.configs import CANDIDATE
from sluice.errors import EndpointBusy, TransientFailure
from sluice.model.approval import Mode
from sluice.model.endpoint import ScalingSeen
from sluice.model.package import RegistryStatus
from sluice.model.rollout import RolloutOutcome, WishKind
from sluice.model.rollout_rules import GuardrailKind, Guardrails, Queueing, RolloutRules, Step, Strategy
from tests.fakes.deaths import Life
from tests.packages import ARN
from tests.rollouts import ENDPOINT, PRODUCTION, RolloutWorld, rules

QUICK, MANY = 24, 1000
ALARM = "fraud-5xx"
PORTS = ("metrics", "alarms", "registry", "endpoints", "scaling")
MAINTENANCE_S = 600
SHADOW = Step(100, 600, 3600)
GUARDED = rules(
    strategy=Strategy.GUARDRAILS, steps=(), guardrails=Guardrails(GuardrailKind.CANARY, size_percent=25, wait_s=1800)
)
PLANS = (rules(), rules(shadow=SHADOW), GUARDED, replace(GUARDED, shadow=SHADOW))
SCALED = ScalingSeen(f"endpoint/{ENDPOINT}/variant/{PRODUCTION}", 2, 20)


@dataclass
class Trouble:
    """A rollout, and what befalls it; `told` are the mishaps that came."""

    seed: int
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.draw = Random(self.seed)  # noqa: S311  # mishaps, not secrets
        self.world = RolloutWorld(self._plan(), mode=self.draw.choice((Mode.ENFORCE, Mode.ENFORCE, Mode.RECOMMEND)))
        rate = self.draw.choice((0.01, 0.01, 0.03, 0.08))
        self.world.traffic.early = 0.25
        self.world.traffic.rates |= {CANDIDATE: rate, "fraud-scoring-v7-f1": rate}
        self.world.scaling.targets[ENDPOINT, PRODUCTION] = SCALED
        self.world.revive(Life(self.draw.choice((0, self.draw.randrange(1, 700)))))
        self.id = self.world.request()

    def _plan(self) -> RolloutRules:
        draw = self.draw
        alarms = draw.choice(((), (ALARM,)))
        return replace(draw.choice(PLANS), alarms=alarms, queueing=draw.choice(list(Queueing)), give_up_after_s=7200)

    def play(self) -> None:
        """Mishaps at moments that the seed says, and then peace, until SageMaker is done and a person has answered."""
        for _ in range(self.draw.randrange(1, 5)):
            self.world.pass_minutes(self.draw.choice((0.5, 2, 5, 8, 13, 30)), until=self.over)
            if not self.over():
                self._mishap()
        for port in PORTS:
            getattr(self.world, port).down = None
        for _ in range(12):
            self.world.pass_minutes(90, until=self.over)
            self._answered()
        self.world.pass_minutes(2 * MAINTENANCE_S / 60)

    def over(self) -> bool:
        """Whether it has ended."""
        return self.world.rollout(self.id).is_over

    def _mishap(self) -> None:
        name = self.draw.choice(sorted(MISHAPS))
        self.told.append(f"{name} in {self.world.rollout(self.id).phase.value}")
        with suppress(EndpointBusy):
            MISHAPS[name](self)

    def _answered(self) -> None:
        """A person answers, and reconcile takes up what died."""
        if (not self.over() or self.world.rollout(self.id).leftovers) and self.world.machines[-1].status != "RUNNING":
            self.world.restart(self.id)
        rollout = self.world.rollout(self.id)
        if rollout.paused_at is not None:
            self.world.press(self.id, WishKind.GO_ON)
        if rollout.asked:
            self.world.press(self.id, WishKind.ROLL_BACK if rollout.asked == "roll_back" else WishKind.ADVANCE)


def _press(trouble: Trouble) -> None:
    trouble.world.press(trouble.id, trouble.draw.choice(list(WishKind)))


def _withdraw(trouble: Trouble) -> None:
    registry = trouble.world.registry
    registry.put(replace(registry.packages[ARN.key], status=RegistryStatus.REJECTED))


def _scale(trouble: Trouble) -> None:
    trouble.world.endpoints.somebody_scales(ENDPOINT, {PRODUCTION: trouble.draw.choice((2, 3, 6, 12))})


def _maintain(trouble: Trouble) -> None:
    if trouble.world.endpoints.endpoints[ENDPOINT].under_way is None:
        trouble.world.endpoints.maintain(ENDPOINT, MAINTENANCE_S)


def _dark(trouble: Trouble) -> None:
    getattr(trouble.world, trouble.draw.choice(PORTS)).down = TransientFailure("Throttling")


def _stop(trouble: Trouble) -> None:
    if trouble.world.machines[-1].status == "RUNNING":
        trouble.world.machines[-1].abort()
        trouble.world.restart(trouble.id)


def _replace(trouble: Trouble) -> None:
    trouble.world.restart(trouble.id)


MISHAPS: dict[str, Callable[[Trouble], None]] = {
    "a press": _press,
    "an alarm": lambda trouble: trouble.world.alarms.ring(ALARM),
    "an approval withdrawn": _withdraw,
    "scaling": _scale,
    "maintenance": _maintain,
    "darkness": _dark,
    "an execution stopped": _stop,
    "an execution replaced": _replace,
    "a refusal": lambda trouble: trouble.world.endpoints.refuse(),
}


def _confirm(seed: int) -> None:
    trouble = Trouble(seed)
    trouble.play()

    world, rollout = trouble.world, trouble.world.rollout(trouble.id)
    at = f"seed {seed}: {trouble.told}, {rollout.outcome}: {rollout.because}"
    back = rollout.snapshot is None or world.seen.config == rollout.snapshot.config_name
    ends = {str(sorted(detail.items())) for event, detail in world.bus.events if event == "RolloutFinished"}
    assert rollout.is_over, at
    assert world.endpoint.holder is None, at
    assert world.endpoint.waiting is None, at
    assert rollout.outcome not in (RolloutOutcome.HELD, RolloutOutcome.DIVERGED), at
    assert back is (rollout.outcome is not RolloutOutcome.PROMOTED), at
    assert world.seen.settled, at
    assert not world.alarms.plans, at
    assert len(ends) == 1, at
    assert world.scaling.targets[ENDPOINT, PRODUCTION] == SCALED, at
    assert "Error:" not in rollout.because, at


@pytest.mark.parametrize("seed", range(QUICK))
def test_a_rollout_among_mishaps_ends_in_a_known_state(seed: int) -> None:
    _confirm(seed)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_many_rollouts_among_mishaps_end_in_a_known_state() -> None:
    for seed in range(QUICK, MANY):
        _confirm(seed)
