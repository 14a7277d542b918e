"""What is raised on an endpoint now, as far as an incident knows: what would be no news need not be said."""

from sluice.ports import Records
from sluice.usecases.incident.remembered import incidents_of


def raised_on(endpoint: str, region: str, records: Records) -> frozenset[str]:
    """The sources that are raised in the incident of an endpoint that is open; none where none is."""
    newest = incidents_of(records, region, endpoint).newest
    if newest is None or newest.value.is_over:
        return frozenset()
    return frozenset(seen.source for seen in newest.value.signals if seen.raised)
