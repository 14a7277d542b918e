"""`/sluice status`: what is under way is read from the lists of what is due, and told to the one who asked.

Whatever is under way stands on the list that reconcile walks, by kind; an endpoint on hold stands on one of its own. So
nothing is scanned, and what is over is not read.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from sluice.core.status import AT_MOST, Status, status_text
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.approval import Approval
from sluice.model.codec import decode
from sluice.model.commit import Commit
from sluice.model.endpoint import EndpointOwner, EndpointRecord
from sluice.model.ids import Micros
from sluice.model.incident import Incident
from sluice.model.records import PolicyRecord
from sluice.model.rollback import Rollback
from sluice.model.rollout import Rollout
from sluice.model.status_command import ShowStatus
from sluice.ports import Records
from sluice.usecases.deciding import Deciding
from sluice.usecases.messages import whisper
from sluice.usecases.remembering import recall

_READ = 500
"""Records of each list that are read: far more than go on at once."""
_ALL = Micros(2**62)
_PATIENCE = 5 * 1_000_000
"""Microseconds after which no more addresses of messages are asked for: the function has half a minute in all."""
type _Posted = Rollout | Approval | Incident

_ELSEWHERE = "Your Slack workspace is not the one that decides here."


def show_status(command: ShowStatus, world: Deciding) -> None:
    """Tell the person, and nobody else; the same command twice is one message."""
    text = _ELSEWHERE
    if not world.team or command.team == world.team:
        text = status_text(_status(command.about, world))
    key = f"status|{command.person}|{command.asked_at}"
    told = whisper(key, command.channel or command.person, command.person, text)
    world.records.commit(Commit(messages=(told,)), at=world.clock.now())


def _status(about: str, world: Deciding) -> Status:
    records, names = world.records, _names(about, world.records)
    rollouts = [r for r in _listed(Rollout, records) if not r.is_over and _is(names, r.request.group, r.endpoint)]
    held = [e for e in _listed(EndpointRecord, records) if e.hold and _is(names, e.group, e.name)]
    approvals = [a for a in _listed(Approval, records) if a.is_open and _is(names, a.group)]
    incidents = [i for i in _listed(Incident, records) if not i.is_over and _is(names, i.group, i.endpoint)]
    incidents.sort(key=lambda incident: (-incident.severity.rank, incident.opened_at))
    rollouts.sort(key=lambda rollout: rollout.requested_at)
    approvals.sort(key=lambda approval: approval.requested_at)
    known = any(recall(records, PolicyRecord, name) is not None for name in names)
    shown: list[_Posted] = [*incidents[:AT_MOST], *rollouts[:AT_MOST], *approvals[:AT_MOST]]
    posted = [*((str(record.id), record) for record in shown), *_left_behind(held[:AT_MOST], records)]
    return Status(about, known, rollouts, held, incidents, approvals, _links(posted, world))


def _names(about: str, records: Records) -> frozenset[str]:
    """The name that was asked about, and the group of the endpoint that it names; none for everything."""
    if not about:
        return frozenset()
    owner = recall(records, EndpointOwner, about.lower())
    return frozenset({about.lower()} | ({owner.value.group.lower()} if owner is not None else set()))


def _is(names: frozenset[str], *candidates: str) -> bool:
    return not names or any(candidate.lower() in names for candidate in candidates if candidate)


def _listed[T](kind: type[T], records: Records) -> list[T]:
    name: str = kind.KIND  # type: ignore[attr-defined]  # every record has its kind
    return [decode(kind, stored.body) for stored in islice(records.due(name, before=_ALL), _READ)]


def _left_behind(held: Iterable[EndpointRecord], records: Records) -> Iterator[tuple[str, _Posted]]:
    """By who left a hold, the rollout or the incident whose card has the button that clears it."""
    for holder in (endpoint.held_by[0] for endpoint in held):
        rollout = recall(records, Rollout, holder) if holder else None
        rollback = recall(records, Rollback, holder) if holder and rollout is None else None
        if rollout is not None:
            yield holder, rollout.value
        elif rollback is not None and rollback.value.incident_id:
            incident = recall(records, Incident, rollback.value.incident_id)
            if incident is not None:
                yield holder, incident.value


def _links(posted: Iterable[tuple[str, _Posted]], world: Deciding) -> dict[str, str]:
    """The addresses of the messages, as far as Slack gives them: votes wait behind this, so it is not waited for."""
    links, until = {}, world.clock.now() + _PATIENCE
    for record_id, record in posted:
        if record.message_ts is None:
            continue
        if world.clock.now() > until:
            break
        try:
            links[record_id] = world.chat.permalink(record.posted_in or record.channel, record.message_ts)
        except TransientFailure:
            break
        except PermanentFailure:
            continue
    return links
