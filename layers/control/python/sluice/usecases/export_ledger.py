"""New ledger records go to the locked archive, in runs without gaps."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sluice.core.ledger import hash_of
from sluice.errors import InvalidInput, SluiceError
from sluice.model.ledger import Arrived, LedgerRecord, Unreadable
from sluice.ports import LedgerExport


@dataclass(frozen=True, slots=True)
class Exported:
    """What became of a batch: how many records were kept, and where to begin again and why, if not all were."""

    records: int
    failed_at: str | None = None
    reason: str = ""


type _Failure = tuple[int, SluiceError]
type _Placed = tuple[int, LedgerRecord]


def export_ledger(batch: Sequence[Arrived], *, export: LedgerExport) -> Exported:
    """Keep a batch up to its first record that is none, or that is not what its hash says.

    A run that cannot be kept does not stop the others: the batch comes again from the earliest failure on, and what
    is kept already is then the same write. Raises that failure when it is the batch's first record, so that it is seen.
    """
    placed, first_bad = _sound_part(batch)
    failures = [first_bad] if first_bad else []
    kept = 0
    for run in _runs(placed):
        try:
            export.write([record for _, record in run])
            kept += len(run)
        except SluiceError as error:
            failures.append((min(place for place, _ in run), error))
    if not failures:
        return Exported(kept)
    place, failure = min(failures, key=lambda failed: failed[0])
    if place == 0:
        raise failure
    return Exported(kept, batch[place].position, str(failure))


def _sound_part(batch: Iterable[Arrived]) -> tuple[list[_Placed], _Failure | None]:
    placed: list[_Placed] = []
    for place, arrived in enumerate(batch):
        record = arrived.record
        if isinstance(record, Unreadable):
            return placed, (place, InvalidInput(f"ledger record {record.seq} cannot be read: {record.why}"))
        if hash_of(record) != record.hash:
            words = f"ledger record {record.chain} {record.seq} is not what its hash says"
            return placed, (place, InvalidInput(words))
        placed.append((place, record))
    return placed, None


def _runs(placed: Iterable[_Placed]) -> Iterator[list[_Placed]]:
    """Runs of one chain each; records of one transaction may arrive in any order, so numbers are sorted first."""
    run: list[_Placed] = []
    for item in sorted(placed, key=lambda item: (item[1].chain, item[1].seq)):
        if run and (item[1].chain, item[1].seq) != (run[-1][1].chain, run[-1][1].seq + 1):
            yield run
            run = []
        run.append(item)
    if run:
        yield run
