"""Who is who, as last accepted from `/sluice/people`."""

from sluice.model.people import People, PeopleRecord
from sluice.ports import Records
from sluice.usecases.remembering import recall

PEOPLE_ID = "people"


def people_in_force(records: Records) -> People:
    """The people known now; nobody before the first valid `/sluice/people`."""
    known = recall(records, PeopleRecord, PEOPLE_ID)
    return People() if known is None else known.value.in_force
