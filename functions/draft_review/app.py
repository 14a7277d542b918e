"""State DraftReview of `incident`: what happened, in a document that people finish."""

from typing import Any

from sluice import wiring
from sluice.model.codec import decode
from sluice.telemetry import begin, logger
from sluice.usecases.incident.attend_incident import Attendance
from sluice.usecases.incident.draft_review import Drafting, draft_review


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Draft the review; answers where it is kept."""
    begin(context)
    world = Drafting(
        records=wiring.records(),
        ledger=wiring.ledger(),
        reviews=wiring.reviews(),
        metrics=wiring.metrics(),
        clock=wiring.clock(),
    )
    attendance = decode(Attendance, event)
    key = draft_review(attendance, world)
    logger().info("review_drafted", subject=attendance.incident_id, key=key)
    return {"review": key}
