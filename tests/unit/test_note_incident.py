"""What people write in the thread of an incident is on record, and counts as a word."""

import json
from dataclasses import replace

from sluice.model.entry_kinds import EntryKind
from sluice.model.incident_commands import NoteIncident
from sluice.model.incident_wish import IncidentWish
from sluice.model.rollback import RollbackOutcome
from tests.incidents import ANNA, BEN, IncidentWorld, paging
from tests.packages import CHANNEL, TEAM


def opened(silence_s: int = 3600) -> IncidentWorld:
    """An incident with its card."""
    world = IncidentWorld(paging(silence_s=silence_s))
    world.say()
    world.pass_minutes(1)
    return world


def a_note(world: IncidentWorld, text: str = "the feature store is late") -> NoteIncident:
    """Ben writes below the card, now."""
    now = world.clock.now()
    ts = f"{now // 1_000_000}.{now % 1_000_000:06}"
    return NoteIncident(CHANNEL, world.incident.message_ts or "", ts, BEN, TEAM, text)


def notes(world: IncidentWorld) -> list[str]:
    """What is on record of what people wrote."""
    entries = [entry for entry in world.ledger() if entry.kind == EntryKind.INCIDENT_NOTED]
    return [str(json.loads(entry.body)["text"]) for entry in entries]


def test_a_note_is_in_the_timeline_of_the_card_and_of_the_review() -> None:
    world = opened()

    world.command(a_note(world))
    world.work()
    card = next(s for s in world.chat.messages.values() if s.channel == CHANNEL)
    world.end_rollback(RollbackOutcome.RECOVERED)
    world.clear()
    world.pass_minutes(10)

    assert "Ben (U0BEN) wrote: the feature store is late" in str(card.blocks)
    assert "Ben (U0BEN) wrote: the feature store is late" in world.reviews.kept[world.incident.review]


def test_a_note_that_slack_tells_twice_is_one() -> None:
    world = opened()
    note = a_note(world)

    world.command(note)
    world.command(note)

    assert notes(world) == ["the feature store is late"]


def test_a_note_puts_off_the_call_that_follows_silence() -> None:
    world = opened()
    world.press(IncidentWish.ACKNOWLEDGE, ANNA)
    world.pass_minutes(50)

    world.command(a_note(world))
    world.pass_minutes(55)
    quiet = len(world.calls())
    world.pass_minutes(10)

    assert quiet == 1
    assert len(world.calls()) == 2


def test_a_note_on_something_else_or_from_elsewhere_is_left_alone() -> None:
    world = opened()

    world.command(replace(a_note(world), thread="1780000000.999999"))
    world.command(replace(a_note(world), channel="C0OTHER"))
    world.command(replace(a_note(world), team="T0OTHER"))
    world.command(a_note(world, "  \n"))

    assert notes(world) == []


def test_a_note_from_a_clock_ahead_of_ours_puts_nothing_off_for_longer() -> None:
    world = opened()
    note = a_note(world)
    late = f"{world.clock.at // 1_000_000 + 86_400}.000000"

    world.command(replace(note, ts=late))

    assert world.incident.word_at <= world.clock.at


def test_a_long_note_is_cut() -> None:
    world = opened()

    world.command(a_note(world, "x" * 4000))

    assert [len(text) for text in notes(world)] == [1000]
