"""What PagerDuty sends (webhooks V3): verify it, keep what a person did, and answer within its five seconds."""

import os
from typing import Any

from sluice import wiring
from sluice.core.http_request import header, raw_body
from sluice.core.pager_event import MAX_BODY, read_pager_event
from sluice.core.pagerduty_signature import is_genuine
from sluice.errors import InvalidInput, PermanentFailure, TransientFailure
from sluice.telemetry import begin, logger
from sluice.usecases.incident.receive_pager_event import HearingPager, receive_pager_event

SIGNED_WITH = "PAGERDUTY_WEBHOOK_SECRET_ARN"


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one HTTP API request (payload 2.0); a forged or malformed one changes nothing."""
    begin(context)
    body = raw_body(event, at_most=MAX_BODY)
    try:
        if body is None or not _genuine(header(event, "x-pagerduty-signature"), body):
            logger().warning("request_refused", reason="signature")
            return _answer(401)
        world = HearingPager(wiring.command_queue(), wiring.clock())
        logger().info("pager_event_heard", outcome=receive_pager_event(read_pager_event(body), world))
    except InvalidInput as error:
        logger().warning("request_refused", reason=str(error))
        return _answer(400)
    except (TransientFailure, PermanentFailure) as error:
        # PagerDuty tries again for about twenty minutes.
        logger().error("request_not_kept", reason=str(error))
        return _answer(503)
    return _answer(202)


def _genuine(signatures: str, body: bytes) -> bool:
    """Nobody is let in while the stack knows of no secret."""
    if not os.environ[SIGNED_WITH] or not signatures:
        return False
    return is_genuine(body, signatures=signatures, secrets=wiring.secret(SIGNED_WITH).values())


def _answer(status: int) -> dict[str, Any]:
    return {"statusCode": status, "body": ""}
