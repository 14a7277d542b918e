"""What a rollout's checks look at before take-off, and what they answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sluice.core.rollout.configs import production_variant
from sluice.model.endpoint import EndpointConfig, EndpointSeen
from sluice.model.metric_query import AlarmState
from sluice.model.package import ModelPackage
from sluice.model.rollout import Rollout, Snapshot
from sluice.model.rollout_rules import EndpointKind, RolloutRules


class CheckStatus(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    """The rollout is refused."""
    WAIT = "wait"
    """It passes by itself."""
    UNKNOWN = "unknown"
    """It cannot be told: no refusal."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check; the sentence of one that did not pass says what to do."""

    name: str
    status: CheckStatus
    sentence: str


@dataclass(frozen=True, slots=True)
class Quota:
    """How many instances of a type endpoints may use, and use now; None where that cannot be told."""

    limit: int | None
    in_use: int | None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is looked at.

    `settings` are those of the model that serves (role, network), empty when it is gone, None when it was not read;
    `several_models` says that it is a multi-model one. `quotas` are by instance type. `alarms` are the
    states of the team's alarms, of those that exist.
    """

    package: ModelPackage | None
    rollout: Rollout
    rules: RolloutRules
    seen: EndpointSeen | None
    snapshot: Snapshot
    quotas: Mapping[str, Quota] = field(default_factory=dict)
    settings: Mapping[str, Any] | None = None
    several_models: bool = False
    alarms: Mapping[str, AlarmState] = field(default_factory=dict)

    @property
    def config(self) -> EndpointConfig | None:
        """The configuration that serves."""
        return self.snapshot.config

    @property
    def variant(self) -> Mapping[str, Any] | None:
        """The production variant as it is configured."""
        return None if self.config is None else production_variant(self.config, self.rules.target.variant)

    @property
    def has_instances(self) -> bool:
        """Whether its kind of endpoint has instances to count."""
        return self.rules.target.kind is not EndpointKind.SERVERLESS


def passed(name: str, sentence: str = "") -> Check:
    """It is as it should be."""
    return Check(name, CheckStatus.PASSED, sentence)


def failed(name: str, sentence: str) -> Check:
    """The rollout is refused."""
    return Check(name, CheckStatus.FAILED, sentence)


def unknown(name: str, sentence: str) -> Check:
    """It cannot be told."""
    return Check(name, CheckStatus.UNKNOWN, sentence)


def blocking(checks: Sequence[Check]) -> tuple[Check, ...]:
    """The checks for which the rollout is refused."""
    return tuple(check for check in checks if check.status is CheckStatus.FAILED)
