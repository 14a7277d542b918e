"""State RequestApproval of `release`: keep the task token, open the approval, queue its card."""

import os
from typing import Any

from sluice import wiring
from sluice.model.codec import decode
from sluice.telemetry import begin, logger
from sluice.usecases.request_approval import Asking, Question, request_approval


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Open the approval; the machine waits on until somebody answers with the token."""
    begin(context)
    question = decode(Question, event)
    world = Asking(
        records=wiring.records(),
        tokens=wiring.tokens(),
        judgements=wiring.judgements(),
        default_policy=wiring.default_policy,
        ids=wiring.ids(),
        clock=wiring.clock(),
        channel=os.environ["SLACK_CHANNEL"],
    )
    request_approval(question, world)
    logger().info("approval_requested", subject=question.release.release_id)
    return {"release_id": question.release.release_id}
