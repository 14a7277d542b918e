"""A pause that nobody ends: people are called two days before, and then the version is taken back, never promoted."""

from dataclasses import replace

import pytest

from sluice.core.rollout.pauses import LONGEST, NOTICE, ended_pause, is_to_be_reminded, pause_ends_at
from sluice.model.commit import Commit
from sluice.model.ids import EPOCH, Micros, RolloutId
from sluice.model.rollout import Phase, Rollout, RolloutOutcome, WishKind
from sluice.usecases.remembering import recall
from sluice.usecases.rollout.remembered import save
from tests.approvals import NOW
from tests.packages import CHANNEL, CHEN
from tests.rollout_records import a_rollout
from tests.rollouts import RolloutWorld

DAY = 24 * 3600 * 1_000_000


def paused(days: float = 0.0, **changes: object) -> Rollout:
    """A rollout that was paused some days after it began."""
    begun = Micros(NOW - int(days * DAY))
    return replace(a_rollout(paused_at=NOW, begun_at=begun), **changes)  # type: ignore[arg-type]  # by name


def standing() -> tuple[RolloutWorld, RolloutId]:
    """A rollout that Chen has paused in its first step."""
    world = RolloutWorld()
    rollout_id = world.request()
    world.await_phase(rollout_id, Phase.STEP)
    world.press(rollout_id, WishKind.PAUSE)
    world.work()
    return world, rollout_id


def age(world: RolloutWorld, rollout_id: RolloutId, by: int) -> None:
    """The pause is older than it was: days of looks would take a test long."""
    known = recall(world.records, Rollout, rollout_id)
    assert known is not None and known.value.paused_at is not None  # noqa: PT018  # for the type alone
    older = replace(known.value, paused_at=Micros(known.value.paused_at - by))
    world.records.commit(Commit((save(older, known, world.clock.at),)), at=world.clock.at)


def reminders(world: RolloutWorld) -> list[str]:
    return [text for text in world.chat.texts(CHANNEL) if "still paused" in text]


def test_without_a_pause_nothing_ends() -> None:
    assert pause_ends_at(a_rollout()) is None
    assert not is_to_be_reminded(a_rollout(), Micros(NOW + LONGEST))
    assert ended_pause(a_rollout(), Micros(NOW + LONGEST)) == ""


@pytest.mark.parametrize("begun_days_before", [0, 40])
def test_a_pause_lasts_two_weeks_however_old_the_rollout_is(begun_days_before: float) -> None:
    assert pause_ends_at(paused(begun_days_before)) == NOW + 14 * DAY


@pytest.mark.parametrize("after, due", [(LONGEST - NOTICE - 1, False), (LONGEST - NOTICE, True)])
def test_the_reminder_is_due_two_days_before_the_end(after: int, *, due: bool) -> None:
    assert is_to_be_reminded(paused(), Micros(NOW + after)) is due
    assert not is_to_be_reminded(paused(reminded=True), Micros(NOW + after))


@pytest.mark.parametrize("after, words", [(LONGEST - 1, ""), (LONGEST, "It was paused for 14 days, and nobody let")])
def test_the_pause_ends_at_its_moment(after: int, words: str) -> None:
    assert ended_pause(paused(), Micros(NOW + after)).startswith(words)
    assert bool(ended_pause(paused(), Micros(NOW + after))) is bool(words)


def test_whoever_may_let_it_go_on_is_called_once_before_the_end() -> None:
    world, rollout_id = standing()
    age(world, rollout_id, LONGEST - NOTICE)

    world.pass_minutes(45)

    assert len(reminders(world)) == 1
    assert world.rollout(rollout_id).phase is Phase.STEP
    called = [m for m in world.chat.messages.values() if "still paused" in m.text]
    assert f"<@{CHEN}>" in str(called[0].blocks)


def test_a_pause_that_nobody_ends_is_ended_by_the_way_back() -> None:
    world, rollout_id = standing()
    age(world, rollout_id, LONGEST)

    ended = world.finish(rollout_id)

    assert (ended.outcome, ended.returned, ended.is_faulty) == (RolloutOutcome.UNDECIDED, True, False)
    assert "nobody let it go on" in ended.because
    assert reminders(world) == []


def test_a_rollout_that_goes_on_in_time_goes_on_and_another_pause_has_its_own_reminder() -> None:
    world, rollout_id = standing()
    age(world, rollout_id, LONGEST - NOTICE)
    world.pass_minutes(20)

    world.press(rollout_id, WishKind.GO_ON)
    world.work()
    world.press(rollout_id, WishKind.PAUSE)

    again = world.rollout(rollout_id)
    assert (again.reminded, again.outcome) == (False, None)
    assert pause_ends_at(again) == (again.paused_at or EPOCH) + LONGEST


def test_a_shadow_that_is_paused_is_taken_back_as_well() -> None:
    assert ended_pause(paused(phase=Phase.SHADOW), Micros(NOW + LONGEST))
