"""The card of a rollout is one message: posted once however much happens at once, and always the newest state."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sluice.model.commit import Commit
from sluice.model.ids import Micros
from sluice.model.posted import Posted
from sluice.model.rollout import Phase, Rollout, RolloutOutcome
from sluice.usecases.messages import rollout_card
from sluice.usecases.remembering import recall
from sluice.usecases.rollout.remembered import save
from tests.approvals import NOW
from tests.fakes.chat import FakeChat, Shown
from tests.fakes.deaths import Died, Life
from tests.packages import CHANNEL
from tests.rollout_records import ROLLOUT, a_rollout
from tests.world import World


class _Slow(FakeChat):
    """Slack, where something happens while a message is posted."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], object] | None = None

    def post(self, channel: str, *, text: str, blocks: Sequence[Mapping[str, Any]] = ()) -> Posted:
        happens, self.meanwhile = self.meanwhile, None
        if happens is not None:
            happens()
        return super().post(channel, text=text, blocks=blocks)


def change(world: World, **changes: Any) -> None:
    """Something happens to the rollout, and its card is to be drawn anew."""
    known = recall(world.records, Rollout, ROLLOUT)
    rollout = a_rollout(**changes) if known is None else replace(known.value, **changes)
    now = Micros(world.clock.now())
    world.records.commit(Commit((save(rollout, known, now),), (), (rollout_card(rollout, now),)), at=now)


def cards(world: World) -> list[Shown]:
    return [shown for shown in world.chat.messages.values() if shown.channel == CHANNEL]


def test_the_card_is_posted_once_and_then_brought_up_to_date() -> None:
    world = World()

    change(world, phase=Phase.PREPARING, look=None)
    world.deliver()
    change(world, phase=Phase.STEP)
    world.deliver()
    change(world, phase=Phase.DONE, outcome=RolloutOutcome.PROMOTED)
    world.deliver()

    [card] = cards(world)
    assert card.revisions == 2
    assert "was promoted" in card.text


def test_much_that_happens_before_the_first_post_is_one_message() -> None:
    world = World()

    change(world, phase=Phase.REQUESTED)
    change(world, phase=Phase.PREPARING)
    change(world, phase=Phase.STEP)
    world.deliver()

    [card] = cards(world)
    assert (card.revisions, "step 2 of 3" in card.text) == (0, True)


def test_what_happens_while_the_card_is_posted_is_shown_too() -> None:
    world = World()
    slack = world.chat = _Slow()
    change(world, phase=Phase.PREPARING)

    slack.meanwhile = lambda: change(world, phase=Phase.STEP)
    world.deliver()

    [card] = cards(world)
    assert "step 2 of 3" in card.text


def test_a_card_that_somebody_deleted_is_posted_again_with_the_next_change() -> None:
    world = World()
    change(world)
    world.deliver()
    world.chat.messages.clear()

    change(world, phase=Phase.PROMOTING)
    world.deliver()

    [card] = cards(world)
    assert "promoting" in card.text


def test_the_card_shows_the_newest_state_wherever_its_delivery_dies() -> None:
    for moment in range(1, 40):
        world = World()
        change(world, phase=Phase.PREPARING)
        world.deliver()
        change(world, phase=Phase.STEP)
        life = world.revive(Life(moment))
        try:
            world.deliver()
        except Died:
            world.revive()
            world.clock.at = Micros(world.clock.at + NOW)
            world.deliver()

        [card] = cards(world)
        assert "step 2 of 3" in card.text, moment
        if life.lived < moment:
            return
    raise AssertionError("it never lived to its end")
