"""Many writers at once on one chain, in memory and on the engine (moto takes no two transactions at a time)."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

import pytest

from local.identities import Identities
from sluice.adapters.ledger_table import DynamoLedger
from sluice.adapters.records import DynamoRecords
from sluice.core.verify_ledger import Read, verify
from sluice.errors import StaleRecord
from sluice.model.commit import Commit, RecordKey, Save
from sluice.model.ids import Micros
from sluice.ports import Records
from tests.chains import FRAUD, entry_of
from tests.contract.tables import create_tables
from tests.fakes.records import FakeRecords

THREADS = 16
RECORD = RecordKey("approval", "a1")


@dataclass
class Shared:
    """What all threads write to; each by a client of its own."""

    records_of: Callable[[], Records]
    chain: Callable[[], Iterable[Read]]


@pytest.fixture(params=["fake", "engine"])
def shared(request: pytest.FixtureRequest, fresh: str) -> Shared:
    if request.param == "fake":
        fake = FakeRecords()
        return Shared(lambda: fake, lambda: fake.entries(FRAUD))
    engine: Identities = request.getfixturevalue("engine")
    client = engine.root("dynamodb")
    tables = create_tables(client, suffix=fresh)
    ledger = DynamoLedger(client, ledger_table=tables.ledger, control_table=tables.control)
    return Shared(
        lambda: DynamoRecords(engine.root("dynamodb"), tables.control, tables.ledger, tables.outbox),
        lambda: ledger.read(FRAUD),
    )


def at_once[T](work: Callable[[int], T]) -> list[T]:
    """Let all threads begin at the same moment."""
    barrier = Barrier(THREADS)

    def begin(number: int) -> T:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(begin, range(THREADS)))


def test_entries_of_many_writers_make_one_gapless_chain(shared: Shared) -> None:
    writers = [shared.records_of() for _ in range(THREADS)]

    def write(number: int) -> None:
        for turn in range(3):
            entries = (entry_of(number * 10 + turn), entry_of(1_000 + number * 10 + turn))
            writers[number].commit(Commit(entries=entries), at=Micros(number))

    at_once(write)

    verification = verify(FRAUD, shared.chain())
    assert verification.holds
    assert verification.records == THREADS * 3 * 2


def test_the_same_entry_of_many_writers_is_written_once(shared: Shared) -> None:
    writers = [shared.records_of() for _ in range(THREADS)]

    at_once(lambda number: writers[number].commit(Commit(entries=(entry_of(1),)), at=Micros(5)))

    assert verify(FRAUD, shared.chain()).records == 1


def test_of_many_equal_decisions_on_one_reading_one_is_taken(shared: Shared) -> None:
    """Equal to the last byte, as by a double click at one moment: each must learn whether it was the one."""
    writers = [shared.records_of() for _ in range(THREADS)]
    decision = Commit(saves=(Save(RECORD, 0, {"decided": True}),), entries=(entry_of(1),))

    def decide(number: int) -> bool:
        try:
            writers[number].commit(decision, at=Micros(5))
        except StaleRecord:
            return False
        return True

    won = at_once(decide)

    assert won.count(True) == 1
    stored = writers[0].load(RECORD)
    assert stored is not None
    assert stored.version == 1
