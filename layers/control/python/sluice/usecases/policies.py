"""Which policy holds for a model group: the last accepted one, else the stack's default in `observe`."""

from collections.abc import Callable
from dataclasses import dataclass

from sluice.model.ids import GroupName, Micros
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.records import PolicyRecord
from sluice.ports import Records
from sluice.usecases.remembering import recall

type DefaultPolicy = Callable[[GroupName], PolicyInForce]

NEVER = Micros(2**63 - 1)
"""A moment after all others: nothing in a group without a policy was decided around Sluice before it is enrolled."""


@dataclass(frozen=True, slots=True)
class Held:
    """A policy with the moment since which Sluice answers for the group: never, while only the default holds."""

    policy: PolicyInForce
    since: Micros


def policy_held(records: Records, group: GroupName, default: DefaultPolicy) -> Held:
    """The policy in force for a group."""
    known = recall(records, PolicyRecord, group.lower())
    if known is None:
        return Held(default(group), NEVER)
    return Held(known.value.in_force, known.value.since)
