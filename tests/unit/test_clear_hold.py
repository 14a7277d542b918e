"""An endpoint on hold: who may says what was put right, and rollouts may begin there again; nobody else, and once."""

import json
from typing import Any

import pytest

from sluice.model.commit import Commit
from sluice.model.endpoint import EndpointRecord
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import RolloutId, SlackUserId
from sluice.model.rollout import Rollout, RolloutOutcome
from sluice.model.rollout_commands import ClearHold
from sluice.usecases.record_decision import record_decision
from sluice.usecases.remembering import keep, recall
from sluice.usecases.rollout.remembered import save
from tests.approvals import NOW
from tests.fakes.deaths import Died, Life
from tests.packages import BEN, CHAIN, CHANNEL, TEAM
from tests.rollout_records import ROLLOUT, an_endpoint, ended, rules
from tests.world import World

HELD = f"{ROLLOUT}: the return failed"


def a_world(hold: str = HELD, **changes: Any) -> World:
    """A return has failed, and its endpoint is on hold."""
    world, endpoint = World(), an_endpoint(hold=hold)
    saves = (save(ended(RolloutOutcome.HELD, "no room", **changes), None, NOW), keep(None, endpoint, endpoint.id))
    world.records.commit(Commit(saves), at=NOW)
    return world


def a_clearing(**changes: Any) -> ClearHold:
    """Ben sends the form."""
    ordinary: dict[str, Any] = {
        "rollout_id": ROLLOUT,
        "person": BEN,
        "team": TEAM,
        "channel": "",
        "reason": " capacity is back ",
        "pressed_at": NOW,
    }
    return ClearHold(**(ordinary | changes))


def clear(world: World, **changes: Any) -> None:
    record_decision(a_clearing(**changes), world.deciding)


def hold_of(world: World) -> str:
    known = recall(world.records, EndpointRecord, an_endpoint().id)
    assert known is not None
    return known.value.hold


def cleared_by(world: World) -> SlackUserId | None:
    known = recall(world.records, Rollout, ROLLOUT)
    assert known is not None
    return known.value.cleared_by


def test_the_hold_is_cleared_on_record_with_person_and_reason() -> None:
    world = a_world()

    clear(world)

    [body] = [json.loads(record.body) for record in world.records.entries(CHAIN)]
    assert (hold_of(world), cleared_by(world)) == ("", BEN)
    assert world.kinds() == [EntryKind.HOLD_CLEARED]
    assert (body["person"], body["reason"], body["hold"]) == (BEN, "capacity is back", HELD)


def test_everybody_hears_who_cleared_it_and_the_button_goes() -> None:
    world = a_world()

    clear(world)
    world.deliver()

    shown = [m for m in world.chat.messages.values() if m.channel == CHANNEL]
    assert any("was cleared. capacity is back" in m.text for m in shown)
    assert not any(block["type"] == "actions" for m in shown for block in m.blocks)
    assert len(world.chat.told(BEN)) == 1


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"person": "U0ZOE"}, "only sre, ml_engineering"),
        ({"team": "T0OTHER"}, "workspace"),
        ({"reason": "   "}, "A reason is needed"),
    ],
)
def test_whoever_may_not_clear_it_is_refused_and_on_record(changes: dict[str, str], words: str) -> None:
    world = a_world()

    clear(world, **changes)
    world.deliver()

    [(_, _, told)] = world.chat.whispers
    assert (hold_of(world), cleared_by(world)) == (HELD, None)
    assert world.kinds() == [EntryKind.HOLD_NOT_CLEARED]
    assert words in told


def test_clearing_twice_is_once() -> None:
    world = a_world()

    clear(world)
    clear(world)
    world.deliver()

    assert world.kinds() == [EntryKind.HOLD_CLEARED]
    assert len([m for m in world.chat.messages.values() if "was cleared" in m.text]) == 1


def test_an_old_card_does_not_clear_what_a_later_rollout_has_left() -> None:
    world = a_world(hold="another rollout: it failed too", cleared_by=BEN)

    clear(world)
    world.deliver()

    assert hold_of(world) == "another rollout: it failed too"
    assert ["Nothing that this rollout left" in told for told in world.chat.told(BEN)] == [True]


@pytest.mark.parametrize("changes", [{"hold": ""}, {"rules": rules()}])
def test_where_nothing_is_held_the_presser_is_told_so(changes: dict[str, Any]) -> None:
    world = a_world(**({"hold": ""} | changes))

    clear(world)
    world.deliver()

    assert world.kinds() == []
    assert ["holds the endpoint" in told for told in world.chat.told(BEN)] == [True]


def test_a_rollout_of_another_installation_is_told_so() -> None:
    world = a_world()

    clear(world, rollout_id=RolloutId("0" * 32))
    world.deliver()

    assert ["not known here" in told for told in world.chat.told(BEN)] == [True]


def test_a_hold_is_cleared_once_wherever_the_function_dies() -> None:
    for moment in range(1, 40):
        world = a_world()
        life = world.revive(Life(moment))
        try:
            clear(world)
        except Died:
            world.revive()
            clear(world)

        assert hold_of(world) == "", moment
        assert world.kinds() == [EntryKind.HOLD_CLEARED], moment
        if life.lived < moment:
            return
    raise AssertionError("it never lived to its end")
