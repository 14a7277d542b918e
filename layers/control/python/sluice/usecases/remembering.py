"""Records as typed values: read one, and say how it is to be written."""

from collections.abc import Callable
from dataclasses import dataclass

from sluice.errors import StaleRecord, TransientFailure
from sluice.model.codec import decode, encode
from sluice.model.commit import RecordKey, Save
from sluice.model.ids import Micros
from sluice.ports import Records

_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Known[T]:
    """A value as it was read, with the version that a write has to name."""

    value: T
    id: str
    version: int


def recall[T](records: Records, cls: type[T], record_id: str) -> Known[T] | None:
    """Read a record of the kind of `cls`, or None when there is none."""
    stored = records.load(RecordKey(_kind(cls), record_id))
    return None if stored is None else Known(decode(cls, stored.body), record_id, stored.version)


def keep(known: Known[object] | None, value: object, record_id: str, *, due_at: Micros | None = None) -> Save:
    """The write of a new value over what was known (None: nothing)."""
    return Save(
        key=RecordKey(_kind(type(value)), record_id),
        expected_version=0 if known is None else known.version,
        body=encode(value),
        due_at=due_at,
    )


def settling_races[T](attempt: Callable[[], T]) -> T:
    """Repeat read-decide-write until nobody wrote in between; raises TransientFailure when that does not come true."""
    for _ in range(_ATTEMPTS):
        try:
            return attempt()
        except StaleRecord:
            continue
    raise TransientFailure(f"a record kept changing through {_ATTEMPTS} attempts")


def _kind(cls: type) -> str:
    return str(cls.KIND)  # type: ignore[attr-defined]  # every kept class declares its kind
