"""The policy of groups that have none, as decisions read it."""

from functools import cache

from sluice.core.policy_text import default_policy
from sluice.model.ids import GroupName
from sluice.model.policy_in_force import PolicyInForce


@cache
def default_policy_in_force(text: str, group: GroupName) -> PolicyInForce:
    """The stack's default policy for a group; raises DocumentRefused when its text is no valid policy."""
    return default_policy(text).in_force(group)
