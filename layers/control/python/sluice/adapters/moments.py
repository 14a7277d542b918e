"""botocore's timestamps and our microseconds."""

from datetime import UTC, datetime, timedelta

from sluice.model.ids import Micros

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros_of(moment: datetime) -> Micros:
    """A botocore timestamp in whole microseconds."""
    return Micros((moment - EPOCH) // timedelta(microseconds=1))


def moment_of(micros: Micros) -> datetime:
    """Microseconds as botocore takes them."""
    return EPOCH + timedelta(microseconds=micros)
