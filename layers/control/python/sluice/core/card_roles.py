"""Who of which role has approved and who still has to, in words for a card."""

from sluice.core.quorum import assign, counting
from sluice.core.slack_text import code, group_mention, mentions
from sluice.model.approval import Approval, Choice, RoleNeed
from sluice.model.ids import SlackUserId


def role_lines(approval: Approval) -> list[str]:
    """One line a role: how many of how many, who is counted for it, and while it is open who can still decide."""
    filled = assign(approval.needs, [v for v in counting(approval) if v.choice is Choice.APPROVE])
    return [_line(approval, need, tuple(filled[need.role])) for need in approval.needs]


def _line(approval: Approval, need: RoleNeed, approved_by: tuple[SlackUserId, ...]) -> str:
    missing = need.count - len(approved_by)
    counted = f"{code(need.role, 60)} {len(approved_by)} of {need.count} approved"
    if missing <= 0:
        return f"✅ {counted}: {mentions(approved_by)}" if approved_by else f"✅ {counted}"
    so_far = f": {mentions(approved_by)}" if approved_by else ""
    if not approval.is_open:
        return f"▫️ {counted}{so_far}"
    return f"⏳ {counted}{so_far} · waiting for {missing} of {_candidates(approval, need, approved_by)}"


def _candidates(approval: Approval, need: RoleNeed, approved_by: tuple[SlackUserId, ...]) -> str:
    # The registrant is left out: nobody should be asked for what would be refused.
    people = [p for p in need.people if p not in approved_by and p != approval.registrant.person]
    parts = [mentions(people)] if people else []
    if need.user_group:
        parts.append(group_mention(need.user_group))
    return " or ".join(parts) or "nobody: the policy names no one else"
