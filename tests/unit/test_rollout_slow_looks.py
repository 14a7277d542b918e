"""A look that takes long: another has begun, or decided, before it is done."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sluice.core.rollout.naming import look_token
from sluice.model.ids import Micros, RolloutId
from sluice.model.rollout import Phase, RolloutOutcome, WishKind
from tests.rollouts import RolloutWorld


def _during_a_look(world: RolloutWorld, happens: Callable[[], None]) -> None:
    """Let something happen while a look reads the metrics, once."""
    read = world.metrics.by_minute

    def slowly(queries: Sequence[Any], *, start: Micros, end: Micros) -> Mapping[str, Any]:
        world.metrics.by_minute = read  # type: ignore[method-assign]
        happens()
        return read(queries, start=start, end=end)

    world.metrics.by_minute = slowly  # type: ignore[method-assign]


def _pressed_in_a_look(kind: WishKind) -> tuple[RolloutWorld, RolloutId]:
    """A press wakes the next look while one still reads: that one ends first."""
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    pressed: list[WishKind] = []

    def press() -> None:
        world.press(rollout_id, kind, "we see trouble")
        pressed.append(kind)
        world.work()

    _during_a_look(world, press)
    world.pass_minutes(10, until=lambda: bool(pressed))
    return world, rollout_id


def test_a_slow_look_leaves_the_token_of_the_look_that_followed_it() -> None:
    """It put its own again with each attempt, and the next press ended nothing until the scheduled look."""
    world, rollout_id = _pressed_in_a_look(WishKind.PAUSE)

    world.press(rollout_id, WishKind.ROLL_BACK, "cards are refused")
    world.work()

    assert world.rollout(rollout_id).outcome is RolloutOutcome.RETURNED
    assert world.tokens.get(look_token(rollout_id)) is not None


def test_a_slow_look_decides_nothing_once_the_machine_has_gone_on() -> None:
    """It wrote its decision over a promotion under way, in a phase that it had never judged."""
    world, rollout_id = _pressed_in_a_look(WishKind.PROMOTE_NOW)

    promoting = world.rollout(rollout_id)
    ended = world.finish(rollout_id)

    assert (promoting.phase, promoting.looks) == (Phase.PROMOTING, 2)
    assert ended.outcome is RolloutOutcome.PROMOTED
