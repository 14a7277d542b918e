"""A role's Slack user group was deleted, or emptied, after the policy named it."""

from sluice.model.approval import ApprovalStatus, Choice, RoleNeed
from tests.packages import BEN, CHEN, DORA, a_policy
from tests.world import World


def asked(*needs: RoleNeed) -> World:
    """A world in which people are asked, where Slack knows no user group any more."""
    world = World(a_policy(approvers=needs))
    world.chat.groups.clear()
    world.register()
    world.work()
    return world


DATA_SCIENCE, GONE = RoleNeed("data_science", 1, (BEN,)), RoleNeed("ml_engineering", 1, user_group="S0MLENG")


def test_who_is_refused_for_it_is_told_why() -> None:
    world = asked(DATA_SCIENCE, GONE)

    world.vote(CHEN)
    world.work()

    [told] = world.chat.told(CHEN)
    assert told.startswith("You are not an approver of this model group by its policy. Nothing was counted.")
    assert told.endswith(" Slack names nobody for ml_engineering (user group S0MLENG).")


def test_people_of_another_role_can_still_decide() -> None:
    world = asked(DATA_SCIENCE, GONE)

    world.vote(BEN, Choice.REJECT, "recall is too low")
    world.work()

    assert world.approval.status is ApprovalStatus.REJECTED


def test_who_is_refused_for_another_reason_hears_of_no_group() -> None:
    world = World(a_policy(approvers=(DATA_SCIENCE, GONE)))
    world.register()
    world.work()

    world.vote(DORA, Choice.REJECT, " ")
    world.work()

    assert "Slack names nobody" not in world.chat.told(DORA)[0]
