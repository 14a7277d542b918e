"""Two deliverers draw one card at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.fakes.chat import FakeChat
from tests.packages import BEN, CHANNEL, CHEN, a_policy
from tests.world import World


class _Slow(FakeChat):
    """Slack, where something happens between a deliverer's reading and the arrival of its drawing."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], object] | None = None

    def update(self, channel: str, ts: str, *, text: str, blocks: Sequence[Mapping[str, Any]] = ()) -> bool:
        happens, self.meanwhile = self.meanwhile, None
        if happens is not None:
            happens()
        return super().update(channel, ts, text=text, blocks=blocks)


def test_an_older_drawing_that_arrives_last_does_not_stay() -> None:
    world = World(a_policy())
    slack = world.chat = _Slow()
    world.register()
    world.work()
    world.vote(BEN)

    def settled_and_shown() -> None:
        world.vote(CHEN)
        world.work()

    slack.meanwhile = settled_and_shown
    world.deliver()

    [card] = [m for m in slack.messages.values() if m.channel == CHANNEL]
    assert "actions" not in [b["type"] for b in card.blocks]
    assert "approved" in card.text.lower()
