"""A rollout: one approved package on its way to one endpoint, from the lock to its one outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from sluice.model.endpoint import EndpointConfig, LastKnownGood, ScalingSeen
from sluice.model.governing import Mode, Tier
from sluice.model.ids import EPOCH, Digest, GroupName, Micros, RolloutId, SlackUserId
from sluice.model.judging import MetricVerdict, Verdict
from sluice.model.rollout_rules import RolloutRules


class Phase(StrEnum):
    """Where a rollout stands."""

    REQUESTED = "requested"
    QUEUED = "queued"
    PREPARING = "preparing"
    SHADOW = "shadow"
    SHIFTING = "shifting"
    STEP = "step"
    GUARDED = "guarded"
    WATCHING = "watching"
    PROMOTING = "promoting"
    RETURNING = "returning"
    DONE = "done"


LOOKED_AT = frozenset({Phase.SHADOW, Phase.STEP, Phase.GUARDED, Phase.WATCHING})
"""Phases in which the judge looks, and something may wake it."""


class RolloutOutcome(StrEnum):
    """How a rollout can end."""

    PROMOTED = "promoted"
    RETURNED = "returned"
    """Taken back because of the model: its package is to be rejected."""
    UNDECIDED = "undecided"
    """Taken back for want of evidence: neither passed nor failed."""
    WITHDRAWN = "withdrawn"
    """Taken back with nothing said against the model: no longer approved, or not deployed yet when a person said so."""
    REFUSED = "refused"
    """Never begun: pre-flight said no; the reason says what to do."""
    SUPERSEDED = "superseded"
    DIVERGED = "diverged"
    """Somebody else changed the endpoint meanwhile: nothing was overwritten."""
    HELD = "held"
    """The return failed: no rollout on this endpoint until a person clears it."""
    FAILED = "failed"
    """Taken back because AWS could not do a step (capacity, an update that failed): no fault of the model."""
    OBSERVED = "observed"


class Route(StrEnum):
    """The one field that the machine's choices compare."""

    WAIT = "wait"
    CREATE = "create"
    SHADOW = "shadow"
    CANDIDATE = "candidate"
    GUARDED = "guarded"
    WATCH = "watch"
    SHIFT = "shift"
    AGAIN = "again"
    COMPLETE = "complete"
    PROMOTE = "promote"
    RETURN = "return"
    CONCLUDE = "conclude"


class WishKind(StrEnum):
    """What a person can ask of a rollout: while it runs, or of one that was refused."""

    PAUSE = "pause"
    GO_ON = "go_on"
    ADVANCE = "advance"
    PROMOTE_NOW = "promote_now"
    ROLL_BACK = "roll_back"
    TRY_AGAIN = "try_again"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asked for; the next look does it."""

    kind: WishKind
    person: SlackUserId
    name: str
    reason: str
    at: Micros


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What served before the first change. Without `config` the endpoint did not exist."""

    config: EndpointConfig | None
    instances: int = 0
    scaling: ScalingSeen | None = None
    good: LastKnownGood | None = None

    @property
    def config_name(self) -> str:
        """Name of the configuration to go back to; empty when there was none."""
        return "" if self.config is None else str(self.config["EndpointConfigName"])


@dataclass(frozen=True, slots=True)
class RolloutRequest:
    """What the event RolloutRequested says: the approved package, and the evidence that people approved."""

    rollout_id: RolloutId
    release_id: str
    package_arn: str
    group: GroupName
    version: int
    generation: int
    region: str
    digest: Digest
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LookRecord:
    """The last look: what the judge said, and of how many minutes."""

    number: int
    at: Micros
    verdict: Verdict
    sentence: str
    metrics: tuple[MetricVerdict, ...] = ()
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class RolloutAnswer:
    """What a look hands to the waiting machine, or the end hands to the release."""

    route: Route
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rollout:
    """Everything known of one rollout (record kind `rollout`, id = rollout id).

    `attempt` counts executions: another is started when one dies; `planned_by` is the one that made the plan.
    `tries` counts how often people had it tried again after it was refused, the last time at `tried_at`: that gives
    it time to wait anew, but no place before what was requested after it (`requested_at`). `instances` carry all
    traffic at the time of the last change: scaling may have added some since the snapshot. `step` is the index of
    the present step; `phase_since` begins its bake, not counting `paused_s`. `looks` counts looks of the whole
    rollout. `alarms_gone` are those of the policy that did not exist at the last look. `moved` says that SageMaker
    has finished an update that it guards. `reminded` says that people know that the present pause, or question,
    ends soon. `wish` is what is still to be done, `heard` the last that was taken up. `answer` is what the waiting
    look is owed; `answered` says that it got it. `asked` is set while `recommend` waits for a person. `outcome` is
    set as soon as it is decided, before it is brought about; `emptied` says of a return that nobody is served by
    the candidate any more; `returned` that the last known good serves again; `rejects` that the model was found at
    fault, whatever became of its return; `told` that the release knows the outcome; `leftovers` that alarms or
    configurations of its own are still there; `ended_at` is when its end was recorded; `unscaled` that the endpoint
    may not scale as before; `replaced` that its promoted version serves no more. `rules` are those of the policy at
    the begin: a policy that changes later is for the next one.
    """

    KIND: ClassVar[str] = "rollout"

    request: RolloutRequest
    mode: Mode
    tier: Tier
    channel: str
    rules: RolloutRules | None = None
    phase: Phase = Phase.REQUESTED
    phase_since: Micros = EPOCH
    requested_at: Micros = EPOCH
    tried_at: Micros = EPOCH
    begun_at: Micros = EPOCH
    attempt: int = 1
    tries: int = 0
    planned_by: int = 0
    fence: int = 0
    step: int = 0
    snapshot: Snapshot | None = None
    instances: int = 0
    model: str = ""
    shadow_config: str = ""
    candidate_config: str = ""
    final_config: str = ""
    looks: int = 0
    look: LookRecord | None = None
    next_look_at: Micros = EPOCH
    alarms_gone: tuple[str, ...] = ()
    moved: bool = False
    watched_variant: str = ""
    pins: Mapping[str, float] | None = None
    wish: Wish | None = None
    heard: Wish | None = None
    paused_at: Micros | None = None
    paused_s: int = 0
    reminded: bool = False
    asked: str = ""
    answer: RolloutAnswer | None = None
    answered: bool = False
    emptied: bool = False
    returned: bool = False
    rejects: bool = False
    outcome: RolloutOutcome | None = None
    because: str = ""
    told: bool = False
    leftovers: bool = False
    ended_at: Micros = EPOCH
    unscaled: bool = False
    cleared_by: SlackUserId | None = None
    replaced: bool = False
    posted_in: str | None = None
    message_ts: str | None = None

    @property
    def id(self) -> RolloutId:
        """Its id."""
        return self.request.rollout_id

    @property
    def endpoint(self) -> str:
        """Name of the endpoint that it is for; empty while no policy has said so."""
        return "" if self.rules is None else self.rules.target.endpoint

    @property
    def is_over(self) -> bool:
        """Whether nothing will happen any more."""
        return self.phase is Phase.DONE

    @property
    def makes_endpoint(self) -> bool:
        """Whether nothing served before: this version makes the endpoint."""
        return self.snapshot is not None and self.snapshot.config is None

    @property
    def is_faulty(self) -> bool:
        """Whether the model was found at fault, so that its package is to be rejected."""
        return self.rejects or self.outcome is RolloutOutcome.RETURNED

    @property
    def is_last_step(self) -> bool:
        """Whether the present step is followed by promotion."""
        return self.rules is None or self.step >= len(self.rules.steps) - 1
