"""What Slack sends (buttons, forms, commands, words in a thread): verify it, keep it, answer within 3 seconds."""

import json
from typing import Any

from sluice import wiring
from sluice.core.http_request import header, raw_body
from sluice.core.slack_signature import is_genuine
from sluice.errors import InvalidInput, PermanentFailure, TransientFailure
from sluice.model.interaction import MAX_BODY, Interaction, read_interaction
from sluice.model.thread_event import ThreadEvent, read_event
from sluice.telemetry import begin, logger
from sluice.usecases.receive_interaction import Receiving, receive_interaction

_EVENTS = "POST /slack/events"


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one HTTP API request (payload 2.0); a forged or malformed one changes nothing."""
    begin(context)
    body = raw_body(event, at_most=MAX_BODY)
    try:
        if body is None or not _genuine(event, body):
            logger().warning("request_refused", reason="signature")
            return {"statusCode": 401, "body": ""}
        world = Receiving(chat=wiring.chat(timeout_s=1), queue=wiring.command_queue(), clock=wiring.clock())
        answer = receive_interaction(_read(event, body), world)
    except InvalidInput as error:
        logger().warning("request_refused", reason=str(error))
        return {"statusCode": 400, "body": ""}
    except (TransientFailure, PermanentFailure) as error:
        logger().error("request_not_kept", reason=str(error))
        return {"statusCode": 503, "body": ""}
    if answer is None:
        return {"statusCode": 200, "body": ""}
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(answer)}


def _read(event: dict[str, Any], body: bytes) -> Interaction | ThreadEvent:
    """What the route brings: the Events API speaks JSON, the others send forms."""
    return read_event(body) if event.get("routeKey") == _EVENTS else read_interaction(body)


def _genuine(event: dict[str, Any], body: bytes) -> bool:
    return is_genuine(
        body,
        timestamp=header(event, "x-slack-request-timestamp"),
        signature=header(event, "x-slack-signature"),
        secrets=wiring.secret("SLACK_SIGNING_SECRET_ARN").values(),
        now_s=wiring.clock().now() // 1_000_000,
    )
