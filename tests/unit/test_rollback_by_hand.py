"""A manager takes a promoted version back from the card of its rollout, without any incident."""

from sluice.model.ids import Micros, RolloutId
from sluice.model.response_rules import Severity
from sluice.model.rollback import Rollback, RollbackOutcome
from sluice.model.rollout import WishKind
from sluice.model.rollout_commands import AskRollout
from sluice.usecases.incident.hearing_out import held_endpoint
from sluice.usecases.record_decision import record_decision
from tests.fakes.serving import End
from tests.packages import BEN, CHANNEL, CHEN, TEAM
from tests.rollbacks import RollbackWorld, rollout_of
from tests.rollouts import rules

EIGHT, SEVEN = rollout_of(8), rollout_of(7)


def _buttons(world: RollbackWorld, rollout_id: RolloutId) -> list[str]:
    """What the card of a rollout offers, as Slack shows it now."""
    rollout = world.rollout(rollout_id)
    shown = world.chat.messages[rollout.message_ts or ""]
    rows = [block for block in shown.blocks if block["type"] == "actions"]
    return [element["text"]["text"] for row in rows for element in row["elements"]]


def _ended(world: RollbackWorld) -> Rollback:
    world.pass_minutes(60, until=lambda: world.rollback.is_over)
    world.work()
    return world.rollback


def test_the_card_of_the_version_that_serves_offers_it_and_no_other_does() -> None:
    world = RollbackWorld()
    world.work()

    assert _buttons(world, EIGHT) == ["Roll back…"]
    assert _buttons(world, SEVEN) == []


def test_what_served_before_serves_again_on_a_managers_word() -> None:
    world = RollbackWorld()

    world.press(EIGHT, WishKind.ROLL_BACK, "customers complain")
    ended = _ended(world)

    assert (ended.outcome, ended.verified, ended.incident_id) == (RollbackOutcome.RETURNED, True, "")
    assert ended.demand is not None
    assert (ended.demand.person, ended.demand.reason) == (CHEN, "customers complain")
    assert world.seen.config == world.config_of(7)
    assert world.history[-1].decided_by == CHEN
    assert "RollbackRequested" in [record.kind for record in world.ledger()]


def test_afterwards_the_card_of_what_serves_again_offers_it() -> None:
    world = RollbackWorld(promoted=(6, 7, 8))

    world.press(EIGHT, WishKind.ROLL_BACK, "customers complain")
    _ended(world)
    world.work()

    assert _buttons(world, EIGHT) == []
    assert _buttons(world, SEVEN) == ["Roll back…"]


def test_a_press_that_comes_twice_is_one_rollback() -> None:
    world = RollbackWorld()
    asked = AskRollout(EIGHT, CHEN, TEAM, CHANNEL, WishKind.ROLL_BACK, "customers complain", world.clock.now())

    for _ in range(3):
        record_decision(asked, world.deciding)
    _ended(world)

    assert len(world.answers) == 1
    assert world.runs_of_rollbacks.asked >= 3


def test_of_two_managers_who_press_the_second_finds_it_done() -> None:
    world = RollbackWorld(promoted=(6, 7, 8))

    world.press(EIGHT, WishKind.ROLL_BACK, "customers complain")
    world.press(EIGHT, WishKind.ROLL_BACK, "I see it, too")
    world.pass_minutes(60, until=lambda: all(each.is_over for each in world.answers))

    assert [each.outcome for each in world.answers] == [RollbackOutcome.RETURNED, RollbackOutcome.NOT_NEEDED]
    assert world.seen.config == world.config_of(7)


def test_who_may_not_steer_rollouts_takes_nothing_back() -> None:
    world = RollbackWorld()

    record_decision(
        AskRollout(EIGHT, BEN, TEAM, CHANNEL, WishKind.ROLL_BACK, "because", world.clock.now()), world.deciding
    )
    world.work()

    assert world.answers == []
    assert world.rollout(EIGHT).heard is None


def test_without_a_reason_nothing_is_taken_back() -> None:
    world = RollbackWorld()

    world.press(EIGHT, WishKind.ROLL_BACK, "  ")
    world.work()

    assert world.answers == []


def test_a_version_that_serves_no_more_is_not_taken_back() -> None:
    world = RollbackWorld()

    world.press(SEVEN, WishKind.ROLL_BACK, "customers complain")
    world.work()

    assert world.answers == []
    assert "Another version serves by now" in world.chat.told(CHEN)[-1]


def test_an_endpoints_first_version_has_nothing_to_go_back_to() -> None:
    world = RollbackWorld(rules(), first=True, promoted=(7,))
    world.work()

    assert _buttons(world, SEVEN) == []


def test_what_a_person_asks_for_is_found_by_reconcile_until_it_is_over() -> None:
    world = RollbackWorld()
    world.press(EIGHT, WishKind.ROLL_BACK, "customers complain")

    due = [stored.key.id for stored in world.records.due(Rollback.KIND, before=Micros(world.clock.at + 10**9))]
    _ended(world)

    assert due == [world.rollback.id]
    assert list(world.records.due(Rollback.KIND, before=Micros(world.clock.at + 10**12))) == []


def test_a_persons_rollback_that_fails_opens_an_incident_whose_card_clears_the_hold() -> None:
    world = RollbackWorld()
    world.endpoints.end_next(End.RETURNS, "no capacity")
    world.press(EIGHT, WishKind.ROLL_BACK, "customers complain")

    ended = _ended(world)

    assert ended.outcome is RollbackOutcome.HELD
    assert world.endpoint.held_by[0] == ended.id
    assert [seen.source for seen in world.incident.signals] == [f"rollback/{ended.id}"]
    assert world.incident.severity is Severity.CRITICAL
    held = held_endpoint(world.records, world.incident)
    assert held is not None
    assert held.value.hold == world.endpoint.hold
