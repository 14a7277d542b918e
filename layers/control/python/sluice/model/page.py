"""A page: what one target is told of an incident. It is drawn when it is delivered, from what is true then."""

from dataclasses import dataclass
from enum import StrEnum

from sluice.model.ids import IncidentId, Micros
from sluice.model.response_rules import Severity


class PageAction(StrEnum):
    """What a page says; the first three are `event_action` of PagerDuty's Events API v2."""

    TRIGGER = "trigger"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    UPDATE = "update"
    """News of an incident that was paged before: no new call."""


@dataclass(frozen=True, slots=True)
class PageOrder:
    """The body of a PAGE message of the outbox: whom to tell what. `round` tells repeats apart.

    `target` is as in `Level.to`, with a schedule already resolved to the person on call. `anew` says that somebody took
    it and fell silent: everybody is to be called as for the first time.
    """

    incident_id: IncidentId
    target: str
    action: PageAction
    round: int
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Everything a person needs, drawn for one target. `facts` and `links` are by label, in the order to be read.

    `summary` is one line of at most 1,024 characters (PagerDuty's limit). `source` is the endpoint, `component` the
    model group, `group_name` the team, `klass` the cause.
    """

    dedup_key: str
    action: PageAction
    severity: Severity
    summary: str
    source: str
    component: str
    group_name: str
    klass: str
    at: Micros
    facts: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
