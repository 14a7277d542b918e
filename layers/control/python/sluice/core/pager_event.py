"""What somebody did at PagerDuty, read strictly from a signed webhook (V3). Pure.

Shape: PagerDuty, "Webhooks overview" (developer-docs, docs/webhooks/01-Overview.md). `incident_key` of an incident is
the dedup key of the event that opened it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sluice.core.slack_text import one_line
from sluice.core.strict_json import strict_json
from sluice.errors import InvalidInput
from sluice.model.ids import IncidentId, Micros
from sluice.model.incident_commands import PagerSaid
from sluice.model.incident_wish import IncidentWish

MAX_BODY: Final = 256 * 1024
"""Bytes: PagerDuty drops webhooks that are larger."""
_KINDS: Final = {"incident.acknowledged": IncidentWish.ACKNOWLEDGE, "incident.resolved": IncidentWish.RESOLVE}
_KEY: Final = re.compile(r"sluice/(?P<id>[0-9a-f]{32})(/[1-9][0-9]{0,5})?", re.ASCII)
"""The dedup key of an incident, or that of one of the times that it came back (`core/incident/page_forms.py`)."""
_EVENT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_NAME: Final = 100
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class NothingToDo:
    """A genuine webhook that Sluice does nothing about, and why."""

    reason: str


def read_pager_event(body: bytes) -> PagerSaid | NothingToDo:
    """Read a webhook; raises InvalidInput for whatever does not have PagerDuty's form."""
    if len(body) > MAX_BODY:
        raise InvalidInput("the body is larger than PagerDuty sends")
    event = _object(_whole(strict_json(body)), "event")
    kind = _KINDS.get(_text(event, "event_type"))
    if kind is None:
        return NothingToDo(f"nothing follows from {one_line(_text(event, 'event_type'))[:_NAME]}")
    key = _object(event, "data").get("incident_key")
    ours = _KEY.fullmatch(key) if isinstance(key, str) else None
    if ours is None:
        return NothingToDo("the incident is none of Sluice's")
    name = _person(event)
    if name is None:
        return NothingToDo("no person did it: PagerDuty itself, or Sluice by its events")
    return PagerSaid(IncidentId(ours["id"]), kind, name, _event_id(event), _moment(event))


def _person(event: Mapping[str, Any]) -> str | None:
    """Who did it; None for what was done by no person, such as Sluice's own acknowledgements that come back."""
    agent = event.get("agent")
    if not isinstance(agent, Mapping) or agent.get("type") not in ("user_reference", "user"):
        return None
    return one_line(_text(agent, "summary"))[:_NAME] or "somebody"


def _event_id(event: Mapping[str, Any]) -> str:
    event_id = _text(event, "id")
    if not _EVENT_ID.fullmatch(event_id):
        raise InvalidInput("the id is not as PagerDuty makes them")
    return event_id


def _moment(event: Mapping[str, Any]) -> Micros:
    text = _text(event, "occurred_at")
    if not _MOMENT.fullmatch(text):
        raise InvalidInput("occurred_at does not have the form of a moment")
    try:
        at = (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError) as error:
        raise InvalidInput("occurred_at is no moment") from error
    if at < 0:
        raise InvalidInput("occurred_at is no moment of this age")
    return Micros(at)


def _whole(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidInput("the body is not an object")
    return value


def _object(source: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = source.get(name)
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{name} is not an object")
    return value


def _text(source: Mapping[str, Any], name: str) -> str:
    value = source.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidInput(f"{name} is not a text")
    return value
