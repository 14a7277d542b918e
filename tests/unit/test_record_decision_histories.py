"""Any history of votes, timers, edits and decisions elsewhere, with deaths in it: each release gets one answer."""

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.model.approval import Choice, Mode
from sluice.model.approval_commands import CastVote, Timer, TimerFired
from sluice.model.ids import SlackUserId
from sluice.model.package import RegistryStatus
from sluice.usecases.record_decision import record_decision
from tests.fakes.deaths import Died, Life
from tests.packages import ANNA, BEN, CHANNEL, CHEN, DAY, DORA, TEAM, a_policy
from tests.world import World

ZOE = SlackUserId("U0ZOE")


@dataclass(frozen=True)
class Act:
    """Something that happens: `what`, and the moment of its function's life at which that dies (0: never)."""

    what: str
    dies_at: int
    person: SlackUserId
    choice: Choice


_WHATS = (
    "vote",
    "vote",
    "vote",
    "expire",
    "remind",
    "touched",
    "retrained",
    "Approved",
    "Rejected",
    "time",
    "asked again",
)
ACTS = st.builds(
    Act,
    st.sampled_from(_WHATS),
    st.integers(0, 40),
    st.sampled_from((ANNA, BEN, CHEN, DORA, ZOE)),
    st.sampled_from(list(Choice)),
)


def _happens(world: World, act: Act) -> Callable[[], object]:
    """What comes to be handled, once what happens outside has happened."""
    match act.what:
        case "vote":
            reason = "" if act.choice is Choice.APPROVE else "because"
            now = world.clock.now()
            vote = CastVote(world.approval.id, act.person, TEAM, CHANNEL, act.choice, reason, now)
            return lambda: record_decision(vote, world.deciding)
        case "expire":
            expire = TimerFired(world.approval.id, Timer.EXPIRE)
            return lambda: record_decision(expire, world.deciding)
        case "remind":
            remind = TimerFired(world.approval.id, Timer.REMIND, 1)
            return lambda: record_decision(remind, world.deciding)
        case "touched":
            world.edit()
        case "retrained":
            world.edit(customer_metadata={"note": str(world.clock.now())})
        case "Approved" | "Rejected":
            world.edit(status=RegistryStatus(act.what), approval_description="in Studio")
        case "time":
            world.clock.advance(DAY / 2)
        case _:
            list(world.runs.values())[-1].ask_again()
    return lambda: world.event(status_changed=True)


def _survived(world: World, handle: Callable[[], object], dies_at: int) -> None:
    world.revive(Life(ends_at=dies_at))
    try:
        handle()
    except Died:
        world.revive()
        handle()
    world.revive()


def _comes_to_rest(world: World) -> None:
    world.event()
    world.work()
    for _ in range(6):
        world.pass_time(3 * DAY)
        world.reconcile()
        world.work()


@settings(max_examples=200, deadline=None)  # a busy machine must not fail it
@given(acts=st.lists(ACTS, min_size=1, max_size=8), mode=st.sampled_from(list(Mode)), idle=st.sets(st.integers(0, 7)))
def test_whatever_happens_and_wherever_it_dies_each_release_gets_one_answer(
    acts: list[Act], mode: Mode, idle: set[int]
) -> None:
    world = World(a_policy(mode=mode))
    world.register()
    world.work()

    for n, act in enumerate(acts):
        if world.package.approval is None:
            world.work()
        _survived(world, _happens(world, act), act.dies_at)
        if n not in idle:
            world.work()
    _comes_to_rest(world)

    assert len(world.outcomes()) == len(world.executions.started)
    assert all(len(run.ends) <= 1 for run in world.runs.values())
    assert not world.approval.is_open
    assert world.timers.waiting == {}
    assert mode is not Mode.OBSERVE or world.registry.sets == []
    for words in (words for _, status, words in world.registry.sets if status is RegistryStatus.APPROVED):
        assert "(data_science)" in words
        assert "(ml_engineering)" in words
        assert "Anna" not in words
