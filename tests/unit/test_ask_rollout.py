"""Somebody asks something of a rollout: who may is heard once, the record and the ledger say so, and the judge looks."""

import json
from dataclasses import replace
from typing import Any

import pytest

from sluice.errors import TransientFailure
from sluice.model.codec import encode
from sluice.model.commit import Commit
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import ApprovalId, Micros, RolloutId, SlackUserId
from sluice.model.rollout import Phase, Rollout, RolloutAnswer, RolloutOutcome, Route, WishKind
from sluice.model.rollout_commands import AskRollout
from sluice.usecases.record_decision import record_decision
from sluice.usecases.remembering import recall
from sluice.usecases.rollout.remembered import save
from tests.approvals import NOW
from tests.fakes.deaths import Died, Life
from tests.packages import ANNA, BEN, CHAIN, CHANNEL, CHEN
from tests.rollout_records import MINUTE, ROLLOUT, a_rollout, an_ask, rules
from tests.world import World

LOOK = ApprovalId(f"look-{ROLLOUT}")
STRANGER = SlackUserId("U0ZOE")


def a_world(**changes: Any) -> World:
    """A rollout is under way, and its look waits."""
    world = World()
    keep_rollout(world, a_rollout(**changes))
    world.tokens.put(LOOK, world.waiting.wait(), expires=NOW)
    return world


def keep_rollout(world: World, rollout: Rollout) -> None:
    known = recall(world.records, Rollout, ROLLOUT)
    world.records.commit(Commit((save(rollout, known, NOW),)), at=NOW)


def rollout_of(world: World) -> Rollout:
    known = recall(world.records, Rollout, ROLLOUT)
    assert known is not None
    return known.value


def bodies(world: World) -> list[dict[str, Any]]:
    return [json.loads(record.body) for record in world.records.entries(CHAIN)]


def ask(world: World, *asks: AskRollout) -> None:
    for command in asks:
        record_decision(command, world.deciding)


@pytest.mark.parametrize("person", [BEN, CHEN])
def test_a_person_of_a_role_or_of_its_user_group_is_heard(person: SlackUserId) -> None:
    world = a_world()

    ask(world, an_ask(WishKind.ROLL_BACK, "refused payments", person=person))

    wish = rollout_of(world).wish
    assert wish is not None
    assert (wish.kind, wish.person, wish.reason) == (WishKind.ROLL_BACK, person, "refused payments")
    assert wish.name == {BEN: "Ben", CHEN: "Chen"}[person]


def test_the_ledger_says_who_asked_for_what_why_and_in_which_step() -> None:
    world = a_world()

    ask(world, an_ask(WishKind.ROLL_BACK, " refused payments "))

    [body] = bodies(world)
    assert world.kinds() == [EntryKind.ROLLOUT_ASKED]
    assert (body["asked"], body["person"], body["name"]) == ("roll_back", BEN, "Ben")
    assert (body["reason"], body["phase"], body["step"], body["endpoint"]) == (
        "refused payments",
        "step",
        1,
        "fraud-prod",
    )


def test_the_look_is_woken_and_told_to_look_again() -> None:
    world = a_world()

    ask(world, an_ask(WishKind.PAUSE))

    assert world.waiting.answers == {"token-1": {"route": "again", "reason": ""}}


def test_the_presser_is_told_and_the_card_is_drawn_anew() -> None:
    world = a_world()

    ask(world, an_ask(WishKind.PAUSE))
    world.deliver()

    [card] = [shown for shown in world.chat.messages.values() if shown.channel == CHANNEL]
    assert "Paused in step 2 of 3" in json.dumps(card.blocks)
    [told] = world.chat.told(BEN)
    assert told.startswith("It is paused")


@pytest.mark.parametrize("kind", [WishKind.PAUSE, WishKind.ROLL_BACK])
def test_the_same_press_twice_is_one(kind: WishKind) -> None:
    world = a_world()

    ask(world, *[an_ask(kind, "because")] * 2)
    world.deliver()

    assert world.kinds() == [EntryKind.ROLLOUT_ASKED]
    assert len(world.chat.told(BEN)) == 1


def test_two_who_press_at_once_are_both_heard_and_a_return_wins() -> None:
    world = a_world()

    world.meanwhile(lambda: ask(world, an_ask(WishKind.ROLL_BACK, "refused payments", person=CHEN)))
    ask(world, an_ask(WishKind.PAUSE))

    wish = rollout_of(world).wish
    assert wish is not None
    assert (wish.kind, wish.person) == (WishKind.ROLL_BACK, CHEN)
    assert world.kinds() == [EntryKind.ROLLOUT_ASKED, EntryKind.ROLLOUT_ASK_REFUSED]


@pytest.mark.parametrize(
    "command, words",
    [
        (an_ask(WishKind.ROLL_BACK, "because", person=STRANGER), "only sre, ml_engineering may do this"),
        (an_ask(WishKind.ROLL_BACK, "because", person=ANNA), "only sre, ml_engineering may do this"),
        (an_ask(WishKind.PAUSE, team="T0OTHER"), "workspace"),
        (an_ask(WishKind.PROMOTE_NOW, "  "), "A reason is needed"),
        (an_ask(WishKind.GO_ON), "not paused"),
    ],
)
def test_whoever_may_not_ask_is_refused_told_why_and_on_record(command: AskRollout, words: str) -> None:
    world = a_world()
    before = rollout_of(world)

    ask(world, command)
    world.deliver()

    [told] = world.chat.told(command.person)
    [body] = bodies(world)
    assert (rollout_of(world), world.waiting.answers) == (before, {})
    assert world.kinds() == [EntryKind.ROLLOUT_ASK_REFUSED]
    assert words in told
    assert (body["person"], body["why"]) == (command.person, told)


def test_nobody_may_steer_what_the_policy_gives_to_nobody() -> None:
    world = a_world(rules=rules(managers=()))

    ask(world, an_ask())
    world.deliver()

    assert ["names nobody" in told for told in world.chat.told(BEN)] == [True]


def test_a_user_group_that_is_gone_is_named_to_who_is_refused() -> None:
    world = a_world()
    world.chat.groups.clear()

    ask(world, an_ask(person=CHEN))
    world.deliver()

    assert "Slack names nobody for ml_engineering (user group S0MLENG)" in world.chat.told(CHEN)[0]


def test_while_slack_cannot_say_who_is_who_the_press_is_kept_for_later() -> None:
    world = a_world()
    world.chat.fail(TransientFailure("usergroups.users.list: ratelimited"))

    with pytest.raises(TransientFailure):
        ask(world, an_ask(person=CHEN))

    assert world.kinds() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"phase": Phase.DONE, "outcome": RolloutOutcome.PROMOTED, "replaced": True},
        {"phase": Phase.PROMOTING, "outcome": RolloutOutcome.PROMOTED},
        {"phase": Phase.RETURNING, "outcome": RolloutOutcome.RETURNED},
    ],
)
@pytest.mark.parametrize("kind", WishKind)
def test_a_press_on_an_old_card_is_answered_and_changes_nothing(changes: dict[str, Any], kind: WishKind) -> None:
    world = a_world(**changes)
    before = rollout_of(world)

    ask(world, an_ask(kind, "because"))
    world.deliver()

    assert rollout_of(world) == before
    assert world.waiting.answers == {}
    assert ["Nothing was changed" in told for told in world.chat.told(BEN)] == [True]


def test_a_press_on_a_card_of_another_installation_is_answered() -> None:
    world = a_world()

    ask(world, an_ask(rollout_id=RolloutId("0" * 32)))
    world.deliver()

    assert ["not known here" in told for told in world.chat.told(BEN)] == [True]


def test_whoever_sent_the_form_is_told_in_the_channel_of_the_card() -> None:
    world = a_world(posted_in="C0DETOUR", message_ts="1.2")

    ask(world, an_ask(WishKind.ROLL_BACK, "because", channel=""))
    world.deliver()

    assert [(channel, person) for channel, person, _ in world.chat.whispers] == [("C0DETOUR", BEN)]


def test_a_pause_is_on_the_record_at_once_and_does_not_count_as_time_of_the_step() -> None:
    world = a_world()

    ask(world, an_ask(WishKind.PAUSE))
    paused = rollout_of(world)
    ask(world, an_ask(WishKind.GO_ON, pressed_at=Micros(NOW + 12 * MINUTE)))

    assert paused.paused_at == NOW + 9 * MINUTE
    assert (rollout_of(world).paused_at, rollout_of(world).paused_s) == (None, 180)


def test_a_look_that_waits_no_longer_is_fine() -> None:
    world = a_world()
    world.waiting.give_up("token-1")

    ask(world, an_ask(WishKind.PAUSE))

    assert rollout_of(world).paused_at is not None
    assert world.waiting.answers == {}


def test_a_rollout_whose_look_has_not_begun_is_asked_all_the_same() -> None:
    world = a_world(phase=Phase.PREPARING)
    world.tokens.forget(LOOK)

    ask(world, an_ask(WishKind.ROLL_BACK, "because"))

    assert rollout_of(world).wish is not None


def test_a_look_that_has_decided_gets_its_answer_and_not_another_look() -> None:
    world = a_world(phase=Phase.SHIFTING, answer=RolloutAnswer(Route.SHIFT, "good enough"))

    ask(world, an_ask(WishKind.PAUSE))

    assert world.waiting.answers == {"token-1": {"route": "shift", "reason": "good enough"}}
    assert rollout_of(world).answered is True


def test_a_wish_survives_the_death_of_its_function_at_any_moment() -> None:
    for moment in range(1, 60):
        world = a_world()
        life = world.revive(Life(moment))
        try:
            ask(world, an_ask(WishKind.ROLL_BACK, "because"))
        except Died:
            world.revive()
            ask(world, an_ask(WishKind.ROLL_BACK, "because"))

        wish = rollout_of(world).wish
        assert wish is not None, moment
        assert world.kinds() == [EntryKind.ROLLOUT_ASKED], moment
        assert world.waiting.answers == {"token-1": {"route": "again", "reason": ""}}, moment
        if life.lived < moment:
            return
    raise AssertionError("it never lived to its end")


def test_what_is_asked_can_be_read_back_from_the_record() -> None:
    world = a_world()

    ask(world, an_ask(WishKind.PAUSE))

    kept = rollout_of(world)
    assert encode(replace(kept, wish=None, heard=None, paused_at=None)) == encode(a_rollout())
