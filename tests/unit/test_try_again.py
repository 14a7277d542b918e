"""A refused rollout is tried again on a person's word: once a press, while it is still what people approved."""

import json
from dataclasses import replace
from typing import Any

import pytest

from sluice.core.rollout.begin import turn
from sluice.model.approval import Mode
from sluice.model.codec import encode
from sluice.model.commit import Commit
from sluice.model.endpoint import EndpointRecord, LastKnownGood
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros, RolloutId
from sluice.model.package import RegistryStatus
from sluice.model.records import PackageRecord
from sluice.model.rollout import Phase, Rollout, RolloutOutcome, Route, WishKind
from sluice.model.rollout_commands import AskRollout, FinishRollout
from sluice.usecases.messages import rollout_card
from sluice.usecases.record_decision import record_decision
from sluice.usecases.remembering import keep, recall
from sluice.usecases.rollout.remembered import save
from tests.fakes.deaths import Died, Life
from tests.packages import ANNA, ARN, BEN, CHAIN, CHANNEL, CHEN, GROUP, TEAM, a_policy
from tests.rollout_records import a_rollout, an_endpoint, rules
from tests.rollouts import RolloutWorld
from tests.world import World

REFUSED = RolloutOutcome.REFUSED
QUOTA = "2 more ml.m5.large are needed, and 4 of 4 are in use."


def refused(because: str = QUOTA, **policy: Any) -> World:
    """A world whose approved version was refused by the pre-flight, and whose release has ended with that."""
    world = World(a_policy(**({"rollout": rules()} | policy)))
    world.register()
    world.work()
    world.vote(BEN)
    world.vote(CHEN)
    world.work()
    world.event(status_changed=True)
    refuse(world, because)
    return world


def refuse(world: World, because: str = QUOTA) -> None:
    """The pre-flight finds what it finds."""
    change(world, rules=rules())
    world.end_rollout(REFUSED, because)
    world.work()


def change(world: World, **changes: Any) -> None:
    known = recall(world.records, Rollout, world.rollout.id)
    later = replace(world.rollout, **changes)
    world.records.commit(Commit((save(later, known, world.clock.now()),)), at=world.clock.now())


def press(world: World, **changes: Any) -> AskRollout:
    """Ben presses "Try again", a minute later."""
    world.clock.advance(60)
    asked = AskRollout(world.rollout.id, BEN, TEAM, CHANNEL, WishKind.TRY_AGAIN, "", world.clock.now())
    asked = replace(asked, **changes)
    record_decision(asked, world.deciding)
    return asked


def told(world: World, person: str = BEN) -> str:
    """What a person was told last."""
    world.deliver()
    return world.chat.told(person)[-1]


def buttons(world: World) -> list[str]:
    """The buttons of the rollout's card as it is shown."""
    world.records.commit(Commit(messages=(rollout_card(world.rollout, world.clock.now()),)), at=world.clock.now())
    world.deliver()
    card = world.chat.messages[world.rollout.message_ts or ""]
    return [e["text"]["text"] for b in card.blocks if b["type"] == "actions" for e in b["elements"]]


def test_a_refused_rollout_begins_anew_as_another_attempt_and_its_release_waits_again() -> None:
    world = refused()
    assert (world.outcomes(), world.package.rollout) == (["rollout_refused"], None)

    press(world)
    world.work()

    rollout = world.rollout
    assert (rollout.phase, rollout.attempt, rollout.outcome, rollout.because) == (Phase.REQUESTED, 2, None, "")
    assert list(world.rollouts.started) == [f"{rollout.id}-1", f"{rollout.id}-2"]
    assert [name for name in world.executions.started if name.endswith("-again-1")]
    assert (world.package.rollout, world.package.outcome) == (rollout.id, "approved")


def test_what_the_second_try_comes_to_is_the_outcome_of_the_release() -> None:
    world = refused()
    press(world)
    world.work()

    world.end_rollout(RolloutOutcome.PROMOTED)
    world.work()

    assert world.outcomes() == ["rollout_refused", "promoted"]
    assert (world.package.outcome, world.package.rollout, world.rollout.told) == ("promoted", None, True)
    assert world.kinds().count("ReleaseConcluded") == 2


def test_a_second_refusal_is_told_and_recorded_as_the_first_was() -> None:
    world = refused()
    press(world)
    world.work()

    refuse(world, "Still no room.")

    endings = [detail for name, detail in world.bus.events if name == "ReleaseEnded"]
    assert [detail["outcome"] for detail in endings] == ["rollout_refused", "rollout_refused"]
    assert world.kinds().count("ReleaseConcluded") == 2
    assert [name for name, _ in world.bus.events].count("RolloutFinished") == 2


def test_the_press_is_on_record_with_its_person() -> None:
    world = refused()

    press(world)

    [asked] = [json.loads(r.body) for r in world.records.entries(CHAIN) if r.kind == EntryKind.ROLLOUT_ASKED]
    assert (asked["asked"], asked["person"], asked["name"]) == ("try_again", BEN, "Ben")
    assert "checked anew" in told(world)


def test_the_same_press_twice_and_long_after_counts_once() -> None:
    world = refused()
    pressed = press(world)
    world.work()
    refuse(world)

    record_decision(pressed, world.deciding)
    world.work()

    assert (world.rollout.outcome, world.rollout.attempt) == (REFUSED, 2)
    assert world.kinds().count(EntryKind.ROLLOUT_ASKED) == 1


def test_of_two_who_press_the_second_is_told_that_it_is_under_way() -> None:
    world = refused()
    press(world)

    press(world, person=CHEN)

    assert "under way already" in told(world, CHEN)
    assert world.rollout.attempt == 2


def test_it_can_be_tried_until_it_goes() -> None:
    world = refused()

    for _ in range(3):
        press(world)
        world.work()
        refuse(world)

    assert (world.rollout.attempt, world.rollout.tries) == (4, 3)
    assert world.outcomes() == ["rollout_refused"] * 4


@pytest.mark.parametrize(
    "changes, words",
    [({"person": ANNA}, "only sre, ml_engineering"), ({"team": "T0OTHER"}, "workspace")],
)
def test_whoever_may_not_steer_may_not_try_again(changes: dict[str, str], words: str) -> None:
    world = refused()

    press(world, **changes)

    assert world.rollout.outcome is REFUSED
    assert words in told(world, changes.get("person", BEN))
    assert world.kinds()[-1] == EntryKind.ROLLOUT_ASK_REFUSED


def test_a_version_that_is_approved_no_more_is_not_tried() -> None:
    world = refused(mode=Mode.RECOMMEND)
    world.edit(status=RegistryStatus.REJECTED, approval_description="a doubt")
    world.event(status_changed=True)

    press(world)

    assert world.rollout.outcome is REFUSED
    assert "no longer Approved" in told(world)


def test_a_version_that_people_are_asked_about_anew_is_not_tried() -> None:
    world = refused()
    asked = AskRollout(world.rollout.id, BEN, TEAM, CHANNEL, WishKind.TRY_AGAIN, "", Micros(world.clock.now() + 1))
    world.edit(status=RegistryStatus.PENDING)
    world.event(status_changed=True)

    record_decision(asked, world.deciding)

    assert world.package.generation == 2
    assert "asked about it anew" in told(world)


def an_endpoint_that(world: World, **changes: Any) -> None:
    record: EndpointRecord = an_endpoint(**changes)
    world.records.commit(Commit((keep(None, record, record.id),)), at=world.clock.now())


def test_an_older_version_is_not_brought_after_a_newer_one() -> None:
    world = refused()
    an_endpoint_that(world, good=LastKnownGood("v8", f"{ARN.text[:-1]}8", 8, world.clock.now()))

    press(world)

    assert world.rollout.outcome is REFUSED
    assert "Version 8 has been promoted since" in told(world)


@pytest.mark.parametrize("place", ["holder", "waiting"])
def test_a_later_release_keeps_its_place(place: str) -> None:
    world = refused()
    later = Micros(world.rollout.requested_at + 1)
    an_endpoint_that(world, **{place: RolloutId("8" * 32), f"{place}_since": later})

    press(world)

    assert world.rollout.outcome is REFUSED
    assert "A later release wants the endpoint" in told(world)


def test_it_waits_until_its_release_has_heard_of_the_refusal() -> None:
    world = refused()
    change(world, told=False)

    press(world)

    assert world.rollout.outcome is REFUSED
    assert "press again in a minute" in told(world)


@pytest.mark.parametrize("outcome", [o for o in RolloutOutcome if o is not REFUSED])
def test_nothing_else_is_tried_again(outcome: RolloutOutcome) -> None:
    world = refused()
    change(world, outcome=outcome)

    press(world)

    assert world.rollout.outcome is outcome
    assert "Only one that was refused" in told(world)


def test_the_card_offers_it_once_it_is_refused_and_says_who_pressed() -> None:
    world = refused()
    assert buttons(world) == ["Try again"]

    press(world)

    assert buttons(world) == []
    shown = json.dumps(encode(world.chat.messages[world.rollout.message_ts or ""].blocks))
    assert f"<@{BEN}> *had it tried again*" in shown


def test_a_late_word_of_the_refusal_does_not_disturb_the_second_try() -> None:
    world = refused()
    press(world)
    world.work()

    record_decision(FinishRollout(world.rollout.id), world.deciding)
    world.work()

    assert (world.rollout.phase, world.outcomes()) == (Phase.REQUESTED, ["rollout_refused"])


def test_an_approval_withdrawn_during_the_second_try_is_a_withdrawal() -> None:
    world = refused()
    press(world)
    world.work()

    world.edit(status=RegistryStatus.REJECTED, approval_description="a doubt")
    world.event(status_changed=True)
    world.work()

    assert world.status is RegistryStatus.REJECTED
    assert world.package.generation == 1


def test_a_release_that_was_not_taken_up_hears_of_the_end_all_the_same() -> None:
    world = refused()
    press(world)
    world.deliver()
    world.announced("RolloutRequested")  # lost

    world.end_rollout(RolloutOutcome.PROMOTED)
    world.work()
    world.clock.advance(900)
    world.reconcile()
    world.work()

    assert world.outcomes() == ["rollout_refused", "promoted"]


def test_a_press_is_one_try_wherever_its_function_dies() -> None:
    for moment in range(1, 60):
        world = refused()
        life = world.revive(Life(moment))
        pressed = AskRollout(world.rollout.id, BEN, TEAM, CHANNEL, WishKind.TRY_AGAIN, "", world.clock.now())
        try:
            record_decision(pressed, world.deciding)
        except Died:
            world.revive()
            record_decision(pressed, world.deciding)
        world.revive()
        world.work()

        assert (world.rollout.attempt, world.rollout.tries) == (2, 1), moment
        assert world.kinds().count(EntryKind.ROLLOUT_ASKED) == 1, moment
        if life.lived < moment:
            return
    raise AssertionError("it never lived to its end")


def refused_for_quota() -> tuple[RolloutWorld, RolloutId]:
    """Version 7 was refused for want of room; its release has heard it, and there is room by now."""
    world = RolloutWorld()
    world.quotas.limits["ml.m5.large"], world.quotas.used["ml.m5.large"] = 4, 4
    rollout_id = world.request()
    assert world.finish(rollout_id).outcome is REFUSED
    package = PackageRecord(ARN.key, GROUP, 7, "Approved", world.clock.at, world.rollout(rollout_id).mode, 1)
    known = recall(world.records, Rollout, rollout_id)
    saves = (keep(None, package, ARN.key), save(replace(world.rollout(rollout_id), told=True), known, world.clock.at))
    world.records.commit(Commit(saves), at=world.clock.at)
    world.quotas.limits["ml.m5.large"] = 100
    return world, rollout_id


def test_raised_quota_and_a_press_bring_the_version_to_production() -> None:
    world, rollout_id = refused_for_quota()

    world.press(rollout_id, WishKind.TRY_AGAIN)
    world.start(rollout_id, 2)

    assert world.finish(rollout_id).outcome is RolloutOutcome.PROMOTED
    assert world.endpoint.holder is None
    assert [r.kind for r in world.ledger()].count(EntryKind.ROLLOUT_FINISHED) == 2


def test_a_later_version_that_is_only_just_asked_for_comes_after_an_older_one_that_is_tried_again() -> None:
    world, older = refused_for_quota()
    later = world.request(8)
    on_its_way = world.machines.pop()
    world.clock.advance(60)
    world.press(older, WishKind.TRY_AGAIN)
    world.start(older, 2)
    world.finish(older)

    world.machines.append(on_its_way)

    assert world.finish(later).outcome is RolloutOutcome.PROMOTED
    assert world.seen.config == world.rollout(later).final_config


def test_a_version_that_was_asked_for_before_what_serves_now_is_not_tried() -> None:
    """Version 6 was approved anew, to go back, after version 7 was refused: that is the later word."""
    world = refused()
    later = Micros(world.rollout.requested_at + 1)
    an_endpoint_that(world, good=LastKnownGood("v6", f"{ARN.text[:-1]}6", 6, world.clock.now(), later))

    press(world)

    assert world.rollout.outcome is REFUSED
    assert "Version 6 has been promoted since" in told(world)


def test_a_try_long_after_the_refusal_waits_for_its_turn_as_long_as_any_other() -> None:
    refusal, press_at = Micros(1), Micros(20 * 24 * 3600 * 1_000_000)
    tried = a_rollout(phase=Phase.REQUESTED, requested_at=refusal, tried_at=press_at)
    endpoint = an_endpoint(holder=RolloutId("6" * 32), holder_since=Micros(0))

    began = turn(tried, endpoint, rules(), Micros(press_at + 60_000_000))

    assert began is not None
    assert (began.route, began.outcome) == (Route.WAIT, None)
