from collections.abc import Callable
from dataclasses import fields, replace
from itertools import repeat
from random import Random

import pytest

from sluice.core.ledger import genesis, hash_of, head_of
from sluice.core.verify_ledger import Read, verify
from sluice.model.commit import Entry
from sluice.model.ledger import LedgerRecord, Noted, Unreadable
from sluice.model.verification import FaultKind
from tests.chains import FRAUD, chain_of, entry_of, rebuilt

TEN = chain_of(10)
type Records = list[LedgerRecord]


def sealed(record: LedgerRecord) -> LedgerRecord:
    return replace(record, hash=hash_of(record))


def exchanged(records: Records, one: int, other: int) -> Records:
    """Exchange what two numbers say, as someone would who can write to the table."""
    a, b = records[one - 1], records[other - 1]
    return [{one: replace(b, seq=one), other: replace(a, seq=other)}.get(r.seq, r) for r in records]


def test_a_chain_as_written_holds() -> None:
    verification = verify(FRAUD, TEN)

    assert verification.holds
    assert (verification.records, verification.head, verification.tail) == (10, head_of(TEN[-1]), range(1, 11))


def test_a_chain_without_records_holds() -> None:
    verification = verify(FRAUD, [])

    assert verification.holds
    assert (verification.records, verification.head, len(verification.tail)) == (0, genesis(FRAUD), 0)


def test_the_tail_not_yet_exported_is_named() -> None:
    verification = verify(FRAUD, TEN, exported=TEN[:7])

    assert verification.holds
    assert (verification.exported_up_to, verification.tail) == (7, range(8, 11))


def test_records_exported_several_times_alike_are_in_order() -> None:
    overlapping = sorted(TEN[:6] + TEN[2:8] + TEN[:1], key=lambda record: record.seq)

    verification = verify(FRAUD, TEN, exported=overlapping)

    assert verification.holds
    assert verification.exported_up_to == 8


EDITS: list[tuple[str, Callable[[Records], list[Read]], int, FaultKind, str]] = [
    ("body", lambda r: [*r[:4], replace(r[4], body="{}"), *r[5:]], 5, FaultKind.EDITED, "contents do not match"),
    ("hash", lambda r: [*r[:4], replace(r[4], hash="0" * 64), *r[5:]], 5, FaultKind.EDITED, "contents do not match"),
    ("first", lambda r: [replace(r[0], subject="other"), *r[1:]], 1, FaultKind.EDITED, "contents do not match"),
    ("link", lambda r: [*r[:4], replace(r[4], prev="0" * 64), *r[5:]], 5, FaultKind.EDITED, "neither"),
    ("hole", lambda r: [*r[:4], *r[5:]], 5, FaultKind.MISSING, "number 5 is missing; 6 comes next"),
    ("wide hole", lambda r: [*r[:4], *r[7:]], 5, FaultKind.MISSING, "number 5 to 7 is missing; 8 comes next"),
    ("beheaded", lambda r: [*r[2:]], 1, FaultKind.MISSING, "number 1 to 2 is missing"),
    ("swap", lambda r: [*exchanged(r, 3, 8)], 3, FaultKind.SWAPPED, "written as number 8 stands here"),
    ("neighbours", lambda r: [*exchanged(r, 4, 5)], 4, FaultKind.SWAPPED, "written as number 5 stands here"),
    ("twice", lambda r: [*r[:5], r[4], *r[5:]], 5, FaultKind.DUPLICATE, "a second time"),
    ("resealed", lambda r: [*r[:4], sealed(replace(r[4], body="{}")), *r[5:]], 6, FaultKind.FORGED, "does not follow"),
    ("foreign", lambda r: [*r[:4], chain_of(5, chain="platform")[4], *r[5:]], 5, FaultKind.FORGED, "chain platform"),
    ("unreadable", lambda r: [*r[:4], Unreadable(5, "no body"), *r[5:]], 5, FaultKind.EDITED, "no body"),
]


@pytest.mark.parametrize("tamper, seq, kind, words", [case[1:] for case in EDITS], ids=[case[0] for case in EDITS])
def test_what_was_done_to_the_table_is_found_and_named_without_an_export(
    tamper: Callable[[Records], list[Read]], seq: int, kind: FaultKind, words: str
) -> None:
    verification = verify(FRAUD, tamper(TEN))

    assert verification.fault is not None
    assert (verification.fault.seq, verification.fault.kind) == (seq, kind)
    assert words in verification.fault.words


def test_a_chain_rewritten_from_a_record_on_is_found_by_the_export() -> None:
    rewritten = rebuilt([entry_of(n, verdict="reject" if n == 4 else "approve") for n in range(1, 11)])

    verification = verify(FRAUD, rewritten, exported=TEN[:7])

    assert verify(FRAUD, rewritten).holds
    assert verification.fault is not None
    assert (verification.fault.seq, verification.fault.kind) == (4, FaultKind.FORGED)
    assert "changed: body, hash" in verification.fault.words


def test_a_tail_rewritten_before_its_export_is_found_by_a_noted_head() -> None:
    rewritten = rebuilt([entry_of(n, verdict="reject" if n == 9 else "approve") for n in range(1, 11)])

    verification = verify(FRAUD, rewritten, exported=TEN[:7], noted=[Noted(head_of(TEN[9]), "the marker table")])

    assert verify(FRAUD, rewritten, exported=TEN[:7]).holds
    assert verification.fault is not None
    assert (verification.fault.seq, verification.fault.kind) == (10, FaultKind.FORGED)
    assert "the marker table" in verification.fault.words


@pytest.mark.parametrize("left", [0, 4, 6])
def test_a_tail_cut_off_after_its_export_is_found_by_the_export(left: int) -> None:
    verification = verify(FRAUD, TEN[:left], exported=TEN[:7])

    assert verification.fault is not None
    assert (verification.fault.seq, verification.fault.kind) == (left + 1, FaultKind.TRUNCATED)
    assert f"export goes on with number {left + 1}" in verification.fault.words


@pytest.mark.parametrize("left", [7, 9])
def test_a_tail_cut_off_before_its_export_is_found_by_a_noted_head(left: int) -> None:
    verification = verify(FRAUD, TEN[:left], exported=TEN[:7], noted=[Noted(head_of(TEN[9]), "the marker table")])

    assert verify(FRAUD, TEN[:left], exported=TEN[:7]).holds
    assert verification.fault is not None
    assert (verification.fault.seq, verification.fault.kind) == (left + 1, FaultKind.TRUNCATED)
    assert "the marker table knows number 10" in verification.fault.words


def test_a_part_that_the_export_left_out_is_named() -> None:
    verification = verify(FRAUD, TEN, exported=TEN[:3] + TEN[5:])

    assert verification.fault is not None
    assert (verification.fault.seq, verification.fault.kind) == (4, FaultKind.UNEXPORTED)
    assert verification.exported_up_to == 3


def test_an_export_that_contradicts_itself_is_found() -> None:
    other = replace(TEN[2], body="{}")

    verification = verify(FRAUD, TEN, exported=[*TEN[:3], other, *TEN[3:]])

    assert verification.fault is not None
    assert "two different records" in verification.fault.words


def test_an_export_that_cannot_be_read_is_found() -> None:
    verification = verify(FRAUD, TEN, exported=[*TEN[:3], Unreadable(4, "not JSON")])

    assert verification.fault is not None
    assert (verification.fault.seq, verification.fault.kind) == (4, FaultKind.FORGED)


def test_an_endless_export_is_read_only_as_far_as_the_table_goes() -> None:
    endless = repeat(TEN[9])

    verification = verify(FRAUD, TEN[:9], exported=(r for part in (TEN[:9], endless) for r in part))

    assert verification.fault is not None
    assert verification.fault.kind is FaultKind.TRUNCATED


def _edit(random: Random, records: Records) -> tuple[Records, int]:
    at = random.randrange(len(records))
    name = random.choice([f.name for f in fields(LedgerRecord)])
    value = getattr(records[at], name)
    new = value + random.choice((-1, 1)) if isinstance(value, int) else _other_text(random, value)
    changed: dict[str, object] = {name: new}
    return [*records[:at], replace(records[at], **changed), *records[at + 1 :]], at + 1  # type: ignore[arg-type]  # the field's own type


def _other_text(random: Random, text: str) -> str:
    at = random.randrange(len(text))
    return text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]


def _delete(random: Random, records: Records) -> tuple[Records, int]:
    at = random.randrange(len(records))
    return [*records[:at], *records[at + 1 :]], at + 1


def _swap(random: Random, records: Records) -> tuple[Records, int]:
    one, other = sorted(random.sample(range(1, len(records) + 1), 2))
    return exchanged(records, one, other), one


def _truncate(random: Random, records: Records) -> tuple[Records, int]:
    left = random.randrange(len(records))
    return records[:left], left + 1


def _insert(random: Random, records: Records) -> tuple[Records, int]:
    at = random.randrange(len(records))
    forged = sealed(replace(records[at], body='{"forged":true}'))
    behind = [replace(r, seq=r.seq + 1) for r in records[at:]] if random.random() < 0.5 else records[at:]
    return [*records[:at], forged, *behind], at + 1


def _rewrite(random: Random, records: Records) -> tuple[Records, int]:
    """Edit, delete, swap or insert entries, then seal the whole chain anew, as someone would who knows the format."""
    entries = [entry_of(n) for n in range(1, len(records) + 1)]
    at = random.randrange(len(entries))
    forged: Entry = entry_of(at + 1, forged=True)
    match random.randrange(4):
        case 0:
            entries[at] = forged
        case 1:
            del entries[at]
        case 2:
            entries.insert(at, forged)
        case _:
            other = (at + 1) % len(entries)
            entries[at], entries[other] = entries[other], entries[at]
            at = min(at, other)
    return rebuilt(entries), at + 1


@pytest.mark.parametrize("tamper", [_edit, _delete, _swap, _truncate, _insert])
def test_of_random_tamperings_each_is_found_where_it_was_done(
    tamper: Callable[[Random, Records], tuple[Records, int]],
) -> None:
    random = Random(f"tampering {tamper.__name__}")  # noqa: S311  # a seed, no secret
    for _ in range(1_000):
        records = chain_of(random.randint(2, 12))
        exported = records[: random.randint(0, len(records))]
        noted = [Noted(head_of(records[-1]), "the marker table")]
        tampered, first = tamper(random, records)

        fault = verify(FRAUD, tampered, exported=exported, noted=noted).fault

        assert fault is not None
        assert abs(fault.seq - first) <= 1


def test_of_random_rewritings_with_sound_hashes_each_is_found() -> None:
    random = Random("rewriting")  # noqa: S311  # a seed, no secret
    for _ in range(1_000):
        records = chain_of(random.randint(2, 12))
        exported = records[: random.randint(0, len(records))]
        tampered, first = _rewrite(random, records)

        noted = [Noted(head_of(records[-1]), "the marker table")]
        fault = verify(FRAUD, tampered, exported=exported, noted=noted).fault

        assert fault is not None
        assert fault.seq >= first
