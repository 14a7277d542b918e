"""The documents in force, as records keep them: people, schedules, and who answers for a policy."""

from sluice.model.ids import SlackUserId
from sluice.model.parameter import POLICIES, Address, ParameterRecord, Subject
from sluice.model.people import People, PeopleRecord
from sluice.model.records import PolicyRecord
from sluice.model.refusal import Problem
from sluice.model.schedule import Schedule, ScheduleRecord
from sluice.ports import Records
from sluice.usecases.remembering import recall


def people_in_force(records: Records) -> People:
    """Who is who; nobody while no valid `/sluice/people` was ever written."""
    known = recall(records, PeopleRecord, "people")
    return known.value.in_force if known else People()


def schedule_in_force(records: Records, name: str) -> Schedule | None:
    """An on-call schedule by its name, or None when no valid one was ever written."""
    known = recall(records, ScheduleRecord, name)
    return known.value.in_force if known else None


def contacts_in_force(address: Address, records: Records) -> tuple[SlackUserId, ...]:
    """Contacts of the policy in force; nobody for people and schedules, which belong to the platform."""
    if address.subject is not Subject.POLICY:
        return ()
    known = recall(records, PolicyRecord, address.id.lower())
    return known.value.in_force.contacts if known else ()


def claimed_by_other(address: Address, records: Records) -> Problem | None:
    """Whether another spelling of the group's name is in force: SageMaker does not tell the two apart in ARNs."""
    if address.subject is not Subject.POLICY:
        return None
    known = recall(records, PolicyRecord, address.id.lower())
    if known is None or known.value.in_force.group == address.id:
        return None
    other = f"{POLICIES}/{known.value.in_force.group}"
    standing = recall(records, ParameterRecord, other)
    if standing is None or standing.value.deleted:
        return None
    return Problem("", f"{other} governs this group already; SageMaker does not tell the two names apart")
