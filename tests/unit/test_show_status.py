"""`/sluice status`: one person is told what is under way, on hold and waiting, and where to find it."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.core.status import AT_MOST
from sluice.errors import TransientFailure
from sluice.model.commit import Commit
from sluice.model.endpoint import EndpointOwner
from sluice.model.ids import GroupName, Micros, RolloutId
from sluice.model.rollout import RolloutOutcome
from sluice.model.status_command import ShowStatus
from sluice.usecases.record_decision import record_decision
from sluice.usecases.remembering import keep
from sluice.usecases.rollout.remembered import save, save_endpoint
from tests.approvals import NOW
from tests.packages import ARN, BEN, CHANNEL, CHEN, GROUP, TEAM, a_policy
from tests.rollout_records import ENDPOINT, REQUEST, ROLLOUT, a_rollout, an_endpoint, ended
from tests.world import World


def a_world(*saves: Any) -> World:
    """A group with a policy, and what is remembered beside it."""
    world = World(a_policy())
    owner = EndpointOwner(ENDPOINT, GROUP)
    world.records.commit(Commit((keep(None, owner, ENDPOINT.lower()), *saves)), at=NOW)
    return world


def asks(world: World, about: str = "", **changes: Any) -> str:
    """What Ben is told when he asks."""
    asked = ShowStatus(BEN, TEAM, CHANNEL, about, world.clock.now())
    record_decision(replace(asked, **changes), world.deciding)
    world.deliver()
    return world.chat.told(BEN)[-1]


def a_posted_rollout(world: World, **changes: Any) -> None:
    """A rollout that is under way, with its message."""
    posted = world.chat.post(CHANNEL, text="its card")
    shown = a_rollout(posted_in=posted.channel, message_ts=posted.ts, **changes)
    world.records.commit(Commit((save(shown, None, NOW),)), at=NOW)


def test_a_rollout_is_told_with_step_traffic_verdict_and_its_message() -> None:
    world = a_world()
    a_posted_rollout(world)

    told = asks(world)

    assert f"`{GROUP}` version *7* → `{ENDPOINT}`" in told
    assert "step 2 of 3 at 25 %, 25 % of the traffic. Not decided yet." in told
    assert "<https://sluice.slack.com/archives/C0MODELS/p" in told


def test_a_pause_and_a_question_show() -> None:
    world = a_world(save(a_rollout(paused_at=NOW), None, NOW))
    other = replace(REQUEST, rollout_id=RolloutId("9" * 32))
    world.records.commit(Commit((save(a_rollout(request=other, asked="advance"), None, NOW),)), at=NOW)

    told = asks(world)

    assert "⏸" in told
    assert "waits for a person to agree" in told


def test_an_endpoint_on_hold_comes_first_with_the_reason_and_where_it_is_cleared() -> None:
    hold = an_endpoint(hold=f"{ROLLOUT}: no room for it")
    world = a_world(save_endpoint(hold, None, NOW))
    posted = world.chat.post(CHANNEL, text="its card")
    left = ended(RolloutOutcome.HELD, "no room", told=True, posted_in=posted.channel, message_ts=posted.ts)
    world.records.commit(Commit((save(left, None, NOW),)), at=NOW)
    a_posted_rollout(world, request=replace(REQUEST, rollout_id=RolloutId("9" * 32)))

    lines = asks(world).splitlines()

    assert lines[0].startswith("*On hold")
    assert lines[1].startswith(f"🚨 `{ENDPOINT}`")
    assert "no room for it" in lines[1]
    assert "|message>" in lines[1]


def test_a_pending_approval_is_told_with_what_it_waits_for() -> None:
    world = World(a_policy())
    world.register()
    world.work()

    told = asks(world)

    assert "*Waiting for a decision*" in told
    assert f"`{GROUP}` version *{ARN.version}*: asks 1 " in told
    assert "|message>" in told


def test_what_is_over_or_decided_is_not_told() -> None:
    world = a_world(save(ended(RolloutOutcome.PROMOTED), None, NOW), save_endpoint(an_endpoint(), None, NOW))

    assert asks(world) == "Nothing is under way."


@pytest.mark.parametrize("about", [GROUP, GROUP.upper(), ENDPOINT, ENDPOINT.upper()])
def test_a_group_or_its_endpoint_can_be_named(about: str) -> None:
    other = replace(REQUEST, rollout_id=RolloutId("9" * 32), group=GroupName("other"))
    world = a_world()
    a_posted_rollout(world)
    world.records.commit(Commit((save(a_rollout(request=other, rules=None), None, NOW),)), at=NOW)

    told = asks(world, about)

    assert f"`{GROUP}`" in told
    assert "`other`" not in told


def test_of_a_name_that_nobody_knows_that_is_said() -> None:
    world = a_world()

    assert "No policy in force is about `nothing-of-ours`" in asks(world, "nothing-of-ours")
    assert asks(world, GROUP) == f"Nothing is under way for `{GROUP}`."


def test_a_name_with_markup_stays_a_name() -> None:
    assert "<!channel>" not in asks(a_world(), "<!channel>")


def test_many_are_told_of_in_part_with_their_number() -> None:
    world = a_world()
    for n in range(AT_MOST + 3):
        request = replace(REQUEST, rollout_id=RolloutId(f"{n:032x}"))
        world.records.commit(Commit((save(a_rollout(request=request), None, NOW),)), at=NOW)

    told = asks(world)

    assert told.count("🚚") == AT_MOST
    assert "…and 3 more" in told


def test_only_the_one_who_asked_is_told_and_once() -> None:
    world = a_world()
    asked = ShowStatus(BEN, TEAM, CHANNEL, "", world.clock.now())

    record_decision(asked, world.deciding)
    record_decision(asked, world.deciding)
    world.deliver()

    assert (len(world.chat.told(BEN)), world.chat.told(CHEN), world.chat.messages) == (1, [], {})


def test_people_of_another_workspace_are_told_nothing() -> None:
    world = a_world(save(a_rollout(), None, NOW))

    assert GROUP not in asks(world, team="T0OTHER")


def test_where_the_bot_is_not_the_answer_comes_as_a_direct_message() -> None:
    world = a_world()
    world.chat.closed["C0ELSEWHERE"] = "channel_not_found"

    record_decision(ShowStatus(BEN, TEAM, "C0ELSEWHERE", "", NOW), world.deciding)
    world.deliver()

    assert world.chat.texts(f"D{BEN[1:]}") == ["Nothing is under way."]


def test_without_an_address_from_slack_the_answer_comes_without_a_link() -> None:
    world = a_world()
    a_posted_rollout(world)
    world.chat.fail(TransientFailure("chat.getPermalink: ratelimited"))

    told = asks(world)

    assert f"`{GROUP}`" in told
    assert "|message>" not in told


def test_the_listing_reads_no_more_than_what_is_due() -> None:
    """Whatever is over and told is on no list: a status costs what goes on, not what ever went on."""
    world = a_world(save(ended(RolloutOutcome.PROMOTED, told=True), None, NOW))

    listed = [stored.key.id for stored in world.records.due("rollout", before=Micros(2**62))]

    assert listed == []


def test_a_slack_that_does_not_answer_is_asked_for_one_address_and_no_more() -> None:
    """Each was waited for, and the votes behind the answer with it."""
    world, asked = a_world(), []
    for number in range(3):
        a_posted_rollout(world, request=replace(REQUEST, rollout_id=RolloutId(str(number) * 32)))

    def hang(channel: str, ts: str) -> str:
        asked.append(ts)
        raise TransientFailure("chat.getPermalink: TimeoutError")

    world.chat.permalink = hang  # type: ignore[method-assign]  # the one method that hangs
    told = asks(world)

    assert told.count("step 2 of 3") == 3
    assert len(asked) == 1


def test_a_slow_slack_is_asked_for_addresses_for_a_few_seconds() -> None:
    world, asked = a_world(), []
    for number in range(9):
        a_posted_rollout(world, request=replace(REQUEST, rollout_id=RolloutId(str(number) * 32)))

    def slowly(channel: str, ts: str) -> str:
        asked.append(ts)
        world.clock.at = Micros(world.clock.at + 2_000_000)
        return "https://sluice.slack.com/archives/1"

    world.chat.permalink = slowly  # type: ignore[method-assign]  # the one method that is slow
    told = asks(world)

    assert told.count("step 2 of 3") == 9
    assert len(asked) == 3
