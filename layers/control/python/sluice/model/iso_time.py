"""Times as AWS and other services write them into their events."""

from datetime import UTC, datetime, timedelta

from sluice.model.ids import Micros

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso_moment(text: object) -> Micros | None:
    """`2026-05-28T20:26:40Z`, or `2026-01-01T12:00:00.000+0000`, since 1970 and with its zone; None for all else."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
        since = moment - _EPOCH if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
    if since is None or since < timedelta(0):
        return None
    return Micros(since // timedelta(microseconds=1))
