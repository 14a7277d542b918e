"""Whether roles can be filled with distinct people: one person counts for one role only."""

from collections.abc import Sequence

from sluice.model.approval import RoleNeed
from sluice.model.ids import SlackUserId


def unfilled_role(needs: Sequence[RoleNeed]) -> int | None:
    """Position of a role that stays short however people are shared out, or None.

    Roles filled by a user group count as filled: their members are known only to Slack. Augmenting paths
    (Kuhn's matching of places with people); the sizes are those of a policy, so its cubic cost does not matter.
    """
    seats = [(role, need) for role, need in enumerate(needs) if need.user_group is None for _ in range(need.count)]
    holder: dict[SlackUserId, int] = {}
    for seat, (role, _) in enumerate(seats):
        if not _seat(seat, [need for _, need in seats], holder, set()):
            return role
    return None


def _seat(seat: int, seats: Sequence[RoleNeed], holder: dict[SlackUserId, int], asked: set[SlackUserId]) -> bool:
    """Find a person for a seat, moving others to another seat of theirs where that helps."""
    for person in seats[seat].people:
        if person in asked:
            continue
        asked.add(person)
        if person not in holder or _seat(holder[person], seats, holder, asked):
            holder[person] = seat
            return True
    return False
