from dataclasses import replace

import pytest

from sluice.errors import InvalidInput, PermanentFailure, TransientFailure
from sluice.model.ledger import Arrived, LedgerRecord, Unreadable
from sluice.usecases.export_ledger import Exported, export_ledger
from tests.chains import FRAUD, chain_of
from tests.fakes.ledger import FakeLedgerArchive

CHURN = "group/churn"
TEN = chain_of(10)
OTHER = chain_of(3, chain=CHURN)


def batch(*records: LedgerRecord | Unreadable) -> list[Arrived]:
    return [Arrived(f"at-{place}", record) for place, record in enumerate(records)]


def test_a_batch_becomes_one_run_a_chain() -> None:
    archive = FakeLedgerArchive()

    outcome = export_ledger(batch(TEN[0], OTHER[0], TEN[1], OTHER[1], TEN[2]), export=archive)

    assert outcome == Exported(records=5)
    assert set(archive.runs) == {(FRAUD, 1, 3), (CHURN, 1, 2)}


def test_a_gap_in_a_batch_begins_a_new_run() -> None:
    archive = FakeLedgerArchive()

    export_ledger(batch(TEN[0], TEN[1], TEN[4]), export=archive)

    assert set(archive.runs) == {(FRAUD, 1, 2), (FRAUD, 5, 5)}


def test_records_of_one_transaction_that_arrive_turned_round_are_one_run() -> None:
    archive = FakeLedgerArchive()

    export_ledger(batch(TEN[1], TEN[0], TEN[2]), export=archive)

    assert set(archive.runs) == {(FRAUD, 1, 3)}


def test_a_batch_that_comes_twice_is_the_same_writes() -> None:
    archive = FakeLedgerArchive()

    first, second = (export_ledger(batch(*TEN), export=archive) for _ in range(2))

    assert first == second
    assert archive.writes == [(FRAUD, 1, 10)] * 2


@pytest.mark.parametrize(
    "bad", [Unreadable(4, "no body"), replace(TEN[3], body="{}")], ids=["malformed", "hash does not match"]
)
def test_a_bad_record_ends_the_batch_in_front_of_it(bad: LedgerRecord | Unreadable) -> None:
    archive = FakeLedgerArchive()

    outcome = export_ledger(batch(*TEN[:3], bad, *TEN[4:]), export=archive)

    assert (outcome.records, outcome.failed_at) == (3, "at-3")
    assert "ledger record" in outcome.reason
    assert set(archive.runs) == {(FRAUD, 1, 3)}


def test_a_bad_record_that_comes_first_is_raised_and_never_skipped() -> None:
    archive = FakeLedgerArchive()

    with pytest.raises(InvalidInput, match="cannot be read"):
        export_ledger(batch(Unreadable(1, "no body"), *TEN[1:]), export=archive)

    assert archive.runs == {}


def test_a_run_that_cannot_be_kept_now_does_not_stop_the_other_chains() -> None:
    archive = FakeLedgerArchive(fail={CHURN: TransientFailure("throttled")})

    outcome = export_ledger(batch(TEN[0], OTHER[0], TEN[1], OTHER[1]), export=archive)

    assert outcome == Exported(records=2, failed_at="at-1", reason="throttled")
    assert set(archive.runs) == {(FRAUD, 1, 2)}


def test_a_batch_that_cannot_be_kept_from_its_start_raises_why() -> None:
    archive = FakeLedgerArchive(fail={FRAUD: PermanentFailure("other contents")})

    with pytest.raises(PermanentFailure, match="other contents"):
        export_ledger(batch(*TEN), export=archive)


def test_an_empty_batch_keeps_nothing() -> None:
    assert export_ledger([], export=FakeLedgerArchive()) == Exported(records=0)
