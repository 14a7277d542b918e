"""docs/modes.md says what each mode does: its table, the code and whole releases agree."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sluice.core.modes import Effect, Situation, effect_of
from sluice.model.approval import Choice, Mode, OnExpiry, Timing
from sluice.model.package import RegistryStatus
from sluice.model.rollout import RolloutOutcome
from tests.packages import ANNA, BAD, BEN, CHAIN, CHANNEL, CHEN, DAY, METRICS, a_policy
from tests.rollout_records import rules
from tests.world import World

PAGE = Path(__file__).parent.parent.parent / "docs" / "modes.md"
_KEPT = ", `on_expiry: keep_pending`"


@dataclass(frozen=True)
class Row:
    """A row of the table."""

    mode: Mode
    situation: Situation
    on_expiry: OnExpiry
    effect: Effect
    registry: RegistryStatus
    people: str
    ledger: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.mode}-{self.situation}-{self.on_expiry}"


def rows() -> Iterator[Row]:
    """The rows of the page."""
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and cells[0] in set(Mode):
            mode, situation, effect, registry, people, ledger = cells
            yield Row(
                Mode(mode),
                Situation(situation.removesuffix(_KEPT).replace(" ", "_")),
                OnExpiry.KEEP_PENDING if situation.endswith(_KEPT) else OnExpiry.REJECT,
                Effect(effect.replace(" ", "_")),
                RegistryStatus(registry),
                people,
                tuple(ledger.split(", ")),
            )


ROWS = list(rows())


def test_the_page_has_a_row_for_each_mode_and_situation() -> None:
    told = [(row.mode, row.situation) for row in ROWS if row.on_expiry is OnExpiry.REJECT]

    assert sorted(told) == sorted((mode, situation) for mode in Mode for situation in Situation)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_code_has_the_effect_that_the_page_tells(row: Row) -> None:
    assert effect_of(row.mode, row.situation, on_expiry=row.on_expiry) is row.effect


def test_keeping_pending_on_expiry_changes_nothing_where_expiry_rejects_nothing() -> None:
    told = {(row.mode, row.situation, row.on_expiry) for row in ROWS}

    for mode in Mode:
        for situation in Situation:
            if (mode, situation, OnExpiry.KEEP_PENDING) not in told:
                kept = effect_of(mode, situation, on_expiry=OnExpiry.KEEP_PENDING)
                assert kept is effect_of(mode, situation)


_DOCUMENTS: dict[Situation, dict[str, bytes]] = {
    Situation.GATE_FAILED: {METRICS: BAD},
    Situation.GATE_MISSING: {},
}


def played(row: Row) -> World:
    """A release that comes into the row's situation, at rest."""
    withdrawn = row.situation is Situation.APPROVAL_WITHDRAWN
    timing = Timing(DAY, row.on_expiry, (3600,))
    world = World(a_policy(mode=row.mode, timing=timing, rollout=rules() if withdrawn else None))
    world.documents.contents = _DOCUMENTS.get(row.situation, world.documents.contents)
    world.register()
    world.work()
    match row.situation:
        case Situation.QUORUM_REACHED:
            world.vote(BEN)
            world.vote(CHEN)
        case Situation.REJECTED:
            world.vote(BEN, Choice.REJECT, "recall is too low")
        case Situation.EXPIRED:
            world.pass_time(DAY + 60)
        case Situation.DECIDED_ELSEWHERE:
            world.edit(status=RegistryStatus.APPROVED, approval_description="fine")
            world.event(status_changed=True)
        case Situation.APPROVAL_WITHDRAWN:
            _withdraw(world)
        case Situation.GATE_FAILED | Situation.GATE_MISSING:
            pass
    world.work()
    world.event()
    world.work()
    return world


def _withdraw(world: World) -> None:
    """Its people approve it, and somebody rejects it on the way; the rollout, if there is one, takes it back."""
    world.vote(BEN)
    world.vote(CHEN)
    world.work()
    world.event(status_changed=True)
    world.edit(status=RegistryStatus.REJECTED, approval_description="not that one")
    world.event(status_changed=True)
    world.work()
    if world.rollouts.started:
        world.end_rollout(RolloutOutcome.WITHDRAWN)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_release_ends_in_the_registry_as_the_page_tells(row: Row) -> None:
    assert played(row).status is row.registry


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_ledger_holds_what_the_page_tells(row: Row) -> None:
    world = played(row)

    written = [_told(world, position) for position in range(len(world.records.entries(CHAIN)))]
    for wanted in row.ledger:
        assert wanted in written
    if "RegistryStatusSet" not in row.ledger:
        assert "RegistryStatusSet" not in written


def _told(world: World, position: int) -> str:
    """An entry as the page writes it: its kind, and how it ended where it says so."""
    record = world.records.entries(CHAIN)[position]
    for name in ("status", "outcome"):
        kinds = {"status": "ApprovalSettled", "outcome": "ReleaseConcluded"}
        if record.kind == kinds[name]:
            ended = record.body.split(f'"{name}":"', 1)[1].split('"', 1)[0]
            return f"{record.kind} ({ended})"
    return record.kind


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_people_are_asked_and_told_as_the_page_tells(row: Row) -> None:
    world = played(row)
    said = " ".join(shown.text + repr(shown.blocks) for shown in world.chat.messages.values())
    channel = world.chat.texts(CHANNEL)

    assert ("nobody is asked" in row.people) == ("ApprovalRequested" not in world.kinds())
    assert ("hears that it expired" in row.people) == any("expired without" in text for text in channel)
    assert ("who did it" in row.people) == any("outside Sluice by d-1/zoe" in text for text in channel)
    assert ("was set back" in row.people) == ("was *set back to pending*" in said)
    assert ("registrant hear" in row.people) == bool(world.chat.texts(f"D{ANNA[1:]}"))
    for phrase, words in _PROOFS.items():
        assert phrase not in row.people or words in said, phrase


_PROOFS = {
    "would have happened": "Had this group been enforced",
    "the registry was not touched": "the registry was not touched",
    "shows the failed gate": "auc 0.71 is below the minimum 0.85",
    "shows the missing evidence": "❔",
    "Sluice recommends to reject": "Sluice recommends to reject",
    "who approved": "Approved by Ben",
    "who rejected, and why": "recall is too low",
    "are asked and reminded": "still waits for a decision",
    "which gates stopped it": "was rejected by its gates",
}


@pytest.mark.parametrize("row", [row for row in ROWS if row.mode is Mode.OBSERVE], ids=str)
def test_observe_never_touches_the_registry(row: Row) -> None:
    assert played(row).registry.sets == []


@pytest.mark.parametrize(
    "row", [row for row in ROWS if "stays open" in row.people or "card closes" in row.people], ids=str
)
def test_a_decision_elsewhere_leaves_the_card_as_the_page_tells(row: Row) -> None:
    assert played(row).approval.is_open == ("stays open" in row.people)
