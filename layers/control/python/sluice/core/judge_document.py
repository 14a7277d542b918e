"""A parameter's text becomes a document in force, or a refusal with every problem in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from pydantic import TypeAdapter, ValidationError

from sluice.core.policy_text import parse_text, read_document
from sluice.model.document_fields import SlackPerson
from sluice.model.ids import Digest, GroupName, SlackUserId
from sluice.model.parameter import Address, Parameter, Subject
from sluice.model.people import People
from sluice.model.people_document import PeopleDocument
from sluice.model.policy import PolicyDocument
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.refusal import DocumentRefused, Problem
from sluice.model.schedule import Schedule
from sluice.model.schedule_document import ScheduleDocument

_CONTACTS: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[SlackPerson, ...])


@dataclass(frozen=True, slots=True)
class Accepted:
    """A valid document: the view that decisions read, and its canonical text."""

    in_force: PolicyInForce | People | Schedule
    text: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class Refused:
    """An invalid one: what is wrong, and whom it names as its contacts, as far as that can be read."""

    problems: tuple[Problem, ...]
    contacts: tuple[SlackUserId, ...] = ()


def judge(address: Address, parameter: Parameter) -> Accepted | Refused:
    """Judge the text of a parameter."""
    if parameter.type != "String":
        return Refused((Problem("", f"should be a parameter of type String, not {parameter.type}"),))
    try:
        return _accepted(address, parameter)
    except DocumentRefused as refused:
        return Refused(refused.problems, _contacts(parameter.value))


def _accepted(address: Address, parameter: Parameter) -> Accepted:
    match address.subject:
        case Subject.POLICY:
            policy = read_document(PolicyDocument, parameter.value)
            view = policy.in_force(GroupName(address.id), parameter_version=parameter.version)
            return Accepted(view, policy.canonical, policy.digest)
        case Subject.PEOPLE:
            people = read_document(PeopleDocument, parameter.value)
            return Accepted(people.in_force, people.canonical, people.digest)
        case Subject.SCHEDULE:
            schedule = read_document(ScheduleDocument, parameter.value)
            return Accepted(schedule.in_force(address.id), schedule.canonical, schedule.digest)
        case _:
            assert_never(address.subject)


def _contacts(text: str) -> tuple[SlackUserId, ...]:
    """Contacts of a refused policy, so that who wrote it is told; nobody when that part is wrong as well."""
    try:
        owner: Any = parse_text(text).values.get("owner")
        return tuple(SlackUserId(c) for c in _CONTACTS.validate_python(_field(owner, "contacts"))[:20])
    except (DocumentRefused, ValidationError):
        return ()


def _field(values: Any, name: str) -> Any:
    return values.get(name, ()) if isinstance(values, Mapping) else ()
