"""Who fills a role now: the people whom the policy names, and the members of its Slack user groups."""

from collections.abc import Sequence

from sluice.core.quorum import Members
from sluice.errors import PermanentFailure
from sluice.model.approval import RoleNeed
from sluice.model.ids import SlackUserId
from sluice.ports import Chat

ELSEWHERE = "Your Slack workspace is not the one that decides here. Nothing was changed."
"""What a presser of another workspace is told."""


def members_of(needs: Sequence[RoleNeed], chat: Chat) -> Members:
    """Role -> who may fill it now; raises TransientFailure when Slack cannot say."""
    return {need.role: frozenset(need.people) | _group(need, chat) for need in needs}


def unknown_groups(needs: Sequence[RoleNeed], members: Members) -> str:
    """Which roles have a user group that Slack knows nobody of, in words for who is refused; empty when none has."""
    empty = [f"{n.role} (user group {n.user_group})" for n in needs if n.user_group and not members.get(n.role, True)]
    return f" Slack names nobody for {', '.join(empty)}." if empty else ""


def not_of_these(needs: Sequence[RoleNeed], members: Members) -> str:
    """What a presser is told who fills none of the roles."""
    roles = ", ".join(dict.fromkeys(need.role for need in needs))
    told = f"By the policy of this group only {roles} may do this. Nothing was changed."
    return f"{told}{unknown_groups(needs, members)}"


def _group(need: RoleNeed, chat: Chat) -> frozenset[SlackUserId]:
    if need.user_group is None:
        return frozenset()
    try:
        return frozenset(SlackUserId(person) for person in chat.group_members(need.user_group))
    except PermanentFailure:
        return frozenset()  # a group that is gone has no members; it keeps nobody of another role from deciding
