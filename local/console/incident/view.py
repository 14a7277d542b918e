"""Incidents for the page: read over the ordinary APIs, as records and ledger have them."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError

from local.console.incident.timeline import Happening, incident_ids, timeline
from local.identities import Identities
from sluice.adapters.records import DynamoRecords
from sluice.errors import SluiceError
from sluice.model.incident import Incident
from sluice.model.ledger import LedgerRecord
from sluice.model.rollback import Rollback
from sluice.usecases.remembering import recall

_FRESH_S = 1.0
_SHOWN = 12
_TABLES = ("ControlTableName", "LedgerTableName", "OutboxTableName")


@dataclass(frozen=True)
class IncidentShown:
    """One incident with the newest answer to it, its timeline, and the review once it is drafted."""

    incident: Incident
    rollback: Rollback | None
    timeline: list[Happening]
    review: str = ""


@dataclass(frozen=True)
class IncidentsPicture:
    """The newest incidents at one moment; `trouble` says what could not be read."""

    shown: list[IncidentShown] = field(default_factory=list)
    trouble: str = ""


class IncidentsView:
    """Reads incidents at most once a second, however many pages look."""

    def __init__(self, outputs: Mapping[str, str]) -> None:
        self._outputs = outputs
        identities = Identities(outputs["aws_endpoint_url"], outputs["region"])
        self._dynamodb, self._s3 = identities.root("dynamodb"), identities.root("s3")
        self._lock = threading.Lock()
        self._taken: tuple[float, IncidentsPicture] = (0.0, IncidentsPicture())

    def picture(self, chains: Mapping[str, Sequence[LedgerRecord]]) -> IncidentsPicture:
        """The newest incidents, the newest first."""
        with self._lock:
            if time.monotonic() - self._taken[0] > _FRESH_S:
                self._taken = (time.monotonic(), self._read([r for chain in chains.values() for r in chain]))
            return self._taken[1]

    def _read(self, told: Sequence[LedgerRecord]) -> IncidentsPicture:
        if not all(name in self._outputs for name in _TABLES):
            return IncidentsPicture()
        records = DynamoRecords(self._dynamodb, *(self._outputs[name] for name in _TABLES))
        try:
            found = [self._shown(each, records, told) for each in incident_ids(told)[:_SHOWN]]
        except (ClientError, BotoCoreError, SluiceError) as error:
            return IncidentsPicture(trouble=f"{type(error).__name__}: {error}")
        return IncidentsPicture([each for each in found if each is not None])

    def _shown(self, incident_id: str, records: DynamoRecords, told: Sequence[LedgerRecord]) -> IncidentShown | None:
        known = recall(records, Incident, incident_id)
        if known is None:
            return None
        incident = known.value
        answer = recall(records, Rollback, incident.rollback) if incident.rollback else None
        rollback = answer.value if answer else None
        return IncidentShown(incident, rollback, timeline(incident_id, told), self._review(incident))

    def _review(self, incident: Incident) -> str:
        if not incident.review or "ArchiveBucketName" not in self._outputs:
            return ""
        try:
            answer = self._s3.get_object(Bucket=self._outputs["ArchiveBucketName"], Key=incident.review)
        except ClientError:
            return ""  # written a moment later: the next picture finds it
        return str(answer["Body"].read().decode())
