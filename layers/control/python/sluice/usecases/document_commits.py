"""What is written when a document is accepted, refused, deleted or mislabelled: records, ledger, notices."""

from dataclasses import dataclass

from sluice.core import document_notices
from sluice.core.card import Card
from sluice.core.judge_document import Accepted, Refused
from sluice.core.notices import policy_refused
from sluice.core.schedules_named import schedules_named
from sluice.model.codec import encode
from sluice.model.commit import Commit, Entry, Message, Save
from sluice.model.endpoint import EndpointOwner
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros, SlackUserId
from sluice.model.parameter import Address, Parameter, ParameterRecord
from sluice.model.people import People, PeopleRecord
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.records import PolicyRecord
from sluice.model.schedule import ScheduleRecord
from sluice.ports import Records
from sluice.usecases.messages import notice
from sluice.usecases.remembering import Known, keep, recall
from sluice.usecases.signals.named import named


@dataclass(frozen=True, slots=True)
class Judging:
    """One judgement about to be written: the record before and after, whom to tell, and when it is."""

    address: Address
    known: Known[ParameterRecord] | None
    record: ParameterRecord
    owners: tuple[SlackUserId, ...]
    channel: str
    at: Micros
    written_by: str | None = None

    @property
    def key(self) -> str:
        """Natural key of what was judged. The turn tells a text from the same one after the parameter was made anew."""
        turn = self.known.version if self.known else 0
        return f"{self.record.name}|{self.record.version}|{self.record.digest}|{turn}"


def accepted(judging: Judging, verdict: Accepted, parameter: Parameter, records: Records) -> Commit:
    """The document is in force from now on; whom a policy calls by a schedule that is not there yet is told."""
    written = {"text": parameter.value, "document_digest": verdict.digest, "written_by": judging.written_by}
    missing = _missing_schedules(verdict, records)
    body = {**_body(judging), **written, **({"missing_schedules": list(missing)} if missing else {})}
    return Commit(
        saves=(
            save(judging.known, judging.record, judging.at),
            _in_force(judging.address, verdict, records, judging.at),
            *_owned(verdict, records, judging.at),
        ),
        entries=(_entry(judging, _kind(judging, "Accepted"), judging.key, body),),
        messages=_told_of_schedules(judging, verdict, missing),
    )


def refused(judging: Judging, verdict: Refused) -> Commit:
    """The text is refused; it is not kept, since nobody knows what is in it."""
    owners = verdict.contacts or judging.owners
    problems = [encode(p) for p in verdict.problems]
    body = {**_body(judging), "problems": problems, "written_by": judging.written_by}
    card = policy_refused(judging.record.name, [str(p) for p in verdict.problems], owners)
    return Commit(
        saves=(save(judging.known, judging.record, judging.at),),
        entries=(_entry(judging, _kind(judging, "Refused"), judging.key, body),),
        messages=_notices(judging, f"refused|{judging.key}", card, owners),
    )


def deleted(judging: Judging, *, was_live: int | None) -> Commit:
    """The parameter is gone; what was in force stays."""
    body = {**_body(judging), "was_live": was_live}
    card = document_notices.parameter_deleted(judging.record.name, judging.owners, in_force=was_live is not None)
    return Commit(
        saves=(save(judging.known, judging.record, judging.at),),
        entries=(_entry(judging, _kind(judging, "ParameterDeleted"), judging.key, body),),
        messages=_notices(judging, f"deleted|{judging.key}", card, judging.owners),
    )


def label_moved(judging: Judging, found: int) -> Commit:
    """Somebody else labelled a version `live`."""
    live = judging.record.live_version
    card = document_notices.label_moved(judging.record.name, judging.owners, found=found, live=live)
    key = f"label|{judging.key}|{found}"
    return Commit(
        entries=(_entry(judging, EntryKind.LIVE_LABEL_MOVED, key, {**_body(judging), "labelled": found}),),
        messages=_notices(judging, key, card, judging.owners),
    )


def label_not_set(judging: Judging) -> Commit:
    """The version in force has no room for the label."""
    live = judging.record.live_version or 0
    card = document_notices.label_not_set(judging.record.name, judging.owners, live=live)
    key = f"label-full|{judging.record.name}|{live}|{judging.record.digest}"
    return Commit(
        entries=(_entry(judging, EntryKind.LIVE_LABEL_NOT_SET, key, _body(judging)),),
        messages=_notices(judging, key, card, judging.owners),
    )


def save(known: Known[ParameterRecord] | None, record: ParameterRecord, at: Micros) -> Save:
    """The write of a parameter's record. It is always due, so that reconcile finds parameters that vanished."""
    return keep(known, record, record.name, due_at=at)


def _in_force(address: Address, verdict: Accepted, records: Records, at: Micros) -> Save:
    match verdict.in_force:
        case PolicyInForce() as policy:
            known = recall(records, PolicyRecord, address.id.lower())
            since = known.value.since if known else at
            return keep(known, PolicyRecord(policy, verdict.text, since), address.id.lower())
        case People() as people:
            return keep(recall(records, PeopleRecord, address.id), PeopleRecord(people, verdict.text), address.id)
        case schedule:
            before = recall(records, ScheduleRecord, address.id)
            return keep(before, ScheduleRecord(schedule, verdict.text), address.id)


def _missing_schedules(verdict: Accepted, records: Records) -> tuple[str, ...]:
    """A policy may be written before the schedules that it names; until they are, nobody is called by them."""
    if not isinstance(verdict.in_force, PolicyInForce):
        return ()
    named = schedules_named(verdict.in_force)
    return tuple(name for name in named if recall(records, ScheduleRecord, name) is None)


def _told_of_schedules(judging: Judging, verdict: Accepted, missing: tuple[str, ...]) -> tuple[Message, ...]:
    if not missing or not isinstance(verdict.in_force, PolicyInForce):
        return ()
    owners = verdict.in_force.contacts
    card = document_notices.schedules_missing(judging.record.name, owners, missing)
    return _notices(judging, f"schedules|{judging.key}", card, owners)


def _owned(verdict: Accepted, records: Records, at: Micros) -> tuple[Save, ...]:
    """Whose endpoint a policy's target is, and whose alarms and monitors it names: their events lead to its group.

    The endpoint is always due: reconcile goes through all of them, for the events that did not come.
    """
    policy = verdict.in_force
    if not isinstance(policy, PolicyInForce):
        return ()
    if policy.rollout is None:
        return named(policy, records, at)
    name = policy.rollout.target.endpoint
    known, owner = recall(records, EndpointOwner, name.lower()), EndpointOwner(name, policy.group)
    owned = () if known is not None and known.value == owner else (keep(known, owner, name.lower(), due_at=at),)
    return (*owned, *named(policy, records, at))


def _kind(judging: Judging, happened: str) -> EntryKind:
    return EntryKind(f"{judging.address.subject}{happened}")


def _entry(judging: Judging, kind: EntryKind, key: str, body: dict[str, object]) -> Entry:
    return Entry(judging.address.chain, f"{kind}|{key}", kind, judging.record.name, body)


def _body(judging: Judging) -> dict[str, object]:
    record = judging.record
    return {
        "parameter": record.name,
        "version": record.version,
        "digest": record.digest,
        "modified_at": record.modified_at,
        "live_version": record.live_version,
    }


def _notices(judging: Judging, key: str, card: Card, owners: tuple[SlackUserId, ...]) -> tuple[Message, ...]:
    """To each owner directly, or to the stack's channel when there is none."""
    return tuple(notice(key, channel, card) for channel in (owners or (judging.channel,)))
