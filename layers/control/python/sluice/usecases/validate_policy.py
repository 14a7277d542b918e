"""A parameter may have changed: read it, judge a new text, put it into force or refuse it, keep its label right.

For policies, people and on-call schedules alike. Whatever event led here, the parameter as it is now decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from sluice.core.judge_document import Accepted, Refused, judge
from sluice.core.parameter_review import LabelCare, Review, label_care, review, text_digest
from sluice.errors import SluiceError
from sluice.model.commit import Commit
from sluice.model.parameter import LIVE, Address, Labelling, Parameter, ParameterRecord, address_of
from sluice.ports import Clock, Parameters, Records
from sluice.usecases.document_commits import Judging, accepted, deleted, label_moved, label_not_set, refused, save
from sluice.usecases.documents_in_force import claimed_by_other, contacts_in_force
from sluice.usecases.remembering import Known, recall, settling_races


class Outcome(StrEnum):
    """What became of a look at a parameter."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    DELETED = "deleted"
    UNCHANGED = "unchanged"
    STALE = "stale"
    IGNORED = "ignored"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Validation:
    """The outcome for one parameter, with the reason where there is one."""

    parameter: str
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Validating:
    """What validation works with; `channel` is the stack's, for documents without contacts."""

    records: Records
    parameters: Parameters
    clock: Clock
    channel: str


def validate_policy(name: str, world: Validating) -> Validation:
    """Look at one parameter by its name."""
    address = address_of(name)
    if address is None:
        return Validation(name, Outcome.IGNORED, "Sluice reads no document from this path")

    def attempt() -> Validation:
        # Remembered first, read second: if the record changes meanwhile, the write fails and all is read again.
        known = recall(world.records, ParameterRecord, name)
        return _look(address, known, world.parameters.read(name), world)

    return settling_races(attempt)


def validate_all(world: Validating) -> Iterator[Validation]:
    """Look at every parameter there is, then at those remembered that are gone; one that fails stops no other."""
    seen: set[str] = set()
    for parameter in world.parameters.read_all():
        seen.add(parameter.name)
        address = address_of(parameter.name)
        if address is not None:
            yield _guarded(address, parameter, world)
    remembered = [stored.key.id for stored in world.records.due(ParameterRecord.KIND, before=world.clock.now())]
    for name in remembered:
        address = address_of(name)
        if name not in seen and address is not None:
            yield _guarded(address, None, world)


def _guarded(address: Address, parameter: Parameter | None, world: Validating) -> Validation:
    """One parameter of many. A listing can be old, so anything new in it is looked at again by name."""
    try:
        known = recall(world.records, ParameterRecord, address.parameter)
        record = known.value if known else None
        found = review(parameter, record)
        settled = record is None or record.labelled_version == record.live_version
        if found in (Review.NOTHING, Review.STALE) or (found is Review.SAME and settled):
            return Validation(address.parameter, Outcome.UNCHANGED)
        return validate_policy(address.parameter, world)
    except SluiceError as error:
        return Validation(address.parameter, Outcome.FAILED, str(error)[:500])


def _look(
    address: Address, known: Known[ParameterRecord] | None, parameter: Parameter | None, world: Validating
) -> Validation:
    match review(parameter, known.value if known else None):
        case Review.NEW_TEXT if parameter is not None:
            return _judge(address, known, parameter, world)
        case Review.DELETED if known is not None:
            return _delete(address, known, world)
        case Review.SAME if known is not None:
            _keep_label(address, known, world)
            return Validation(address.parameter, Outcome.UNCHANGED)
        case Review.STALE:
            return Validation(address.parameter, Outcome.STALE, "a newer text was judged already")
        case _:
            return Validation(address.parameter, Outcome.UNCHANGED, "there is no such parameter")


def _judge(
    address: Address, known: Known[ParameterRecord] | None, parameter: Parameter, world: Validating
) -> Validation:
    verdict = _verdict(address, parameter, world)
    before = known.value if known and not known.value.deleted else None
    accepts = isinstance(verdict, Accepted)
    record = ParameterRecord(
        name=parameter.name,
        version=parameter.version,
        digest=text_digest(parameter.value),
        modified_at=parameter.modified_at,
        live_version=parameter.version if accepts else (before.live_version if before else None),
        labelled_version=before.labelled_version if before else None,
    )
    writer = world.parameters.written_by(parameter.name, parameter.version)
    judging = replace(_judging(address, known, record, world), written_by=writer)
    if isinstance(verdict, Refused):
        world.records.commit(refused(judging, verdict), at=judging.at)
        reason = "; ".join(str(p) for p in verdict.problems)
        return Validation(parameter.name, Outcome.REFUSED, reason)
    world.records.commit(accepted(judging, verdict, parameter, world.records), at=judging.at)
    committed = recall(world.records, ParameterRecord, parameter.name)
    if committed is not None:
        _keep_label(address, committed, world)
    return Validation(parameter.name, Outcome.ACCEPTED)


def _verdict(address: Address, parameter: Parameter, world: Validating) -> Accepted | Refused:
    verdict = judge(address, parameter)
    if isinstance(verdict, Accepted):
        problem = claimed_by_other(address, world.records)
        return Refused((problem,)) if problem else verdict
    return verdict


def _delete(address: Address, known: Known[ParameterRecord], world: Validating) -> Validation:
    record = replace(known.value, deleted=True, live_version=None, labelled_version=None)
    judging = _judging(address, known, record, world)
    world.records.commit(deleted(judging, was_live=known.value.live_version), at=judging.at)
    return Validation(address.parameter, Outcome.DELETED, "what was in force stays in force")


def _keep_label(address: Address, known: Known[ParameterRecord], world: Validating) -> None:
    """Let the label `live` sit on the version in force; tell of others who moved it."""
    record = known.value
    found = world.parameters.labelled(record.name, LIVE)
    care = label_care(record, found)
    judging = _judging(address, known, record, world)
    if care is LabelCare.REPORT and found is not None:
        world.records.commit(label_moved(judging, found), at=judging.at)
    if record.live_version is None:
        return
    done = Labelling.LABELLED
    if care is not LabelCare.NONE:
        done = world.parameters.label(record.name, record.live_version, LIVE)
    if done is Labelling.FULL:
        world.records.commit(label_not_set(judging), at=judging.at)
    if done is not Labelling.LABELLED:
        return
    if care is LabelCare.REPORT or record.labelled_version != record.live_version:
        labelled = replace(record, labelled_version=record.live_version)
        world.records.commit(Commit(saves=(save(known, labelled, judging.at),)), at=judging.at)


def _judging(
    address: Address, known: Known[ParameterRecord] | None, record: ParameterRecord, world: Validating
) -> Judging:
    owners = contacts_in_force(address, world.records)
    return Judging(address, known, record, owners, world.channel, world.clock.now())
