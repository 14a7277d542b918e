"""An incident: one problem of production, from its first signal to its end, with who was called and who came."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from sluice.model.governing import Mode, Tier
from sluice.model.ids import EPOCH, GroupName, IncidentId, Micros, RollbackId, SlackUserId
from sluice.model.response_rules import PagingRules, Severity
from sluice.model.signal import Cause, Finding, SignalKind


class IncidentStatus(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class SignalSeen:
    """What one source has said within an incident. `raised_at` are the moments of its last raises, the newest last.

    `inhibited` says that a worse signal explains it (an endpoint that is down has no latency worth a word). `keys` are
    its newest signals, hashed. `cleared_at` is the newest clear; a source that flaps stays raised after it until it was
    quiet for a while. `answered_at` is the moment of the raise that a rollback was asked for last, 0: none was.
    `severity` is that of its worst raise.
    """

    source: str
    kind: SignalKind
    cause: Cause
    raised: bool
    first_at: Micros
    last_at: Micros
    times: int
    summary: str
    findings: tuple[Finding, ...] = ()
    raised_at: tuple[Micros, ...] = ()
    inhibited: bool = False
    keys: tuple[str, ...] = ()
    cleared_at: Micros = EPOCH
    answered_at: Micros = EPOCH
    severity: Severity = Severity.INFO


@dataclass(frozen=True, slots=True)
class Answered:
    """Who took it, or ended it. `via` is `slack`, `pagerduty` or `signal`; a person of PagerDuty has a name only."""

    via: str
    at: Micros
    person: SlackUserId | None = None
    name: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """What changed production last before the incident: the version, who approved it, and what its canary found."""

    version: int = 0
    package_arn: str = ""
    config: str = ""
    release_id: str = ""
    rollout_id: str = ""
    at: Micros = EPOCH
    approved_by: tuple[str, ...] = ()
    canary: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """Everything known of one incident (record kind `incident`, id = incident id).

    `number` counts the incidents of its endpoint, `reopened` how often this one came back. `paged` are the targets that
    were paged so far, `level` the number of the level that was paged last (0: none yet), `pages` counts rounds of
    pages, `paged_at` is when the last one was due. `attempt` counts executions; `told` says that the one that waits
    knows of the newest change. `rollback` is the newest answer to its signals, `rounds` counts them. `review` is the
    key of the review draft in the archive. `quiet_since` is when its last signal was cleared, 0 while one is raised.
    `called_since` is since when people are called this time: it came back, or got worse; 0: since it was opened.
    `routed` is the route of `paging` by which they were paged last. `taken_in` is the round of pages after which
    somebody acknowledged last. `word_at` is when somebody last said something to it. `worsened_by` is the rollback
    whose bad end has raised the severity, `heard_of` the newest one whose end was told to whoever was paged.
    """

    KIND: ClassVar[str] = "incident"

    id: IncidentId
    number: int
    group: GroupName
    region: str
    endpoint: str
    tier: Tier
    mode: Mode
    team: str
    channel: str
    paging: PagingRules
    cause: Cause
    severity: Severity
    summary: str
    opened_at: Micros
    last_at: Micros
    status: IncidentStatus = IncidentStatus.OPEN
    signals: tuple[SignalSeen, ...] = ()
    changed: Changed = Changed()
    quiet_since: Micros = EPOCH
    reopened: int = 0
    level: int = 0
    pages: int = 0
    paged_at: Micros = EPOCH
    paged: tuple[str, ...] = ()
    called_since: Micros = EPOCH
    routed: int | None = None
    taken_in: int = 0
    word_at: Micros = EPOCH
    worsened_by: RollbackId | None = None
    heard_of: RollbackId | None = None
    acknowledged: Answered | None = None
    resolved: Answered | None = None
    rollback: RollbackId | None = None
    rounds: int = 0
    attempt: int = 1
    told: bool = True
    review: str = ""
    posted_in: str | None = None
    message_ts: str | None = None
    early: Mapping[str, Micros] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.status is IncidentStatus.RESOLVED

    @property
    def dedup_key(self) -> str:
        """What tells it from every other at PagerDuty, on the bus and in webhooks; the same when it comes back."""
        return f"sluice/{self.id}"


@dataclass(frozen=True, slots=True)
class EndpointIncidents:
    """Which incident of an endpoint is the newest (record kind `endpoint_incidents`, id = `REGION/lower-case name`)."""

    KIND: ClassVar[str] = "endpoint_incidents"

    region: str
    endpoint: str
    newest: IncidentId
    number: int


@dataclass(frozen=True, slots=True)
class IncidentThread:
    """The incident whose card is a message of Slack's (record kind `incident_thread`, id = `CHANNEL/TS`)."""

    KIND: ClassVar[str] = "incident_thread"

    incident_id: IncidentId


@dataclass(frozen=True, slots=True)
class Freeze:
    """The open incidents that hold back releases of a group (record kind `freeze`, id = lower-case group name)."""

    KIND: ClassVar[str] = "freeze"

    group: str
    incidents: tuple[IncidentId, ...] = ()
