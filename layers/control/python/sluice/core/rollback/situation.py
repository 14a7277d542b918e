"""Everything that the decision about a rollback looks at, and what it comes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sluice.model.endpoint import EndpointRecord, EndpointSeen
from sluice.model.governing import Mode
from sluice.model.ids import Micros
from sluice.model.package import ModelPackage
from sluice.model.production import ProductionRecord, Served
from sluice.model.response_rules import RollbackRules
from sluice.model.rollback import Decision, Rollback, RollbackOutcome
from sluice.model.rollout import Rollout


@dataclass(frozen=True, slots=True)
class Situation:
    """One moment. `seen` is None where there is no such endpoint.

    `raised` says whether what was raised still is, `raised_at` when its source was raised within the incident,
    `settled` that a person has ended the incident meanwhile: whatever they saw to is not undone by itself.
    `packages` are those of the ways back, by ARN, as the registry describes them now; None for one that is gone.
    `held_by_rollout` tells which kind of holder the endpoint's lock has. `handed` is the rollout that the signal was
    handed over to.
    """

    rollback: Rollback
    mode: Mode
    rules: RollbackRules
    production: ProductionRecord
    endpoint: EndpointRecord
    seen: EndpointSeen | None
    now: Micros
    raised: bool = True
    raised_at: tuple[Micros, ...] = ()
    settled: bool = False
    packages: Mapping[str, ModelPackage | None] = field(default_factory=dict)
    held_by_rollout: bool = False
    handed: Rollout | None = None

    @property
    def automatic(self) -> bool:
        """Whether no person asked for it: then the mode and the limits count."""
        return self.rollback.demand is None

    @property
    def last_raised(self) -> Micros:
        """The newest moment at which its source was raised."""
        return max((*self.raised_at, self.rollback.signal.at))


@dataclass(frozen=True, slots=True)
class Decided:
    """What follows, with the reason in words.

    `left` is what serves and is meant by the signal, `target` what is to serve instead. With `wait_s` it is decided
    again after so many seconds, without `decision` because another rollback has its turn. `outcome` is set where
    nothing is to be brought about any more; without `decision` there was no need of any.
    """

    decision: Decision | None
    reason: str
    left: Served | None = None
    target: Served | None = None
    rejects: bool = False
    wait_s: int = 0
    outcome: RollbackOutcome | None = None
