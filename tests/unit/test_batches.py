"""A batch of SQS messages: what one of them does is no neighbour's concern."""

import json
from typing import Any

from sluice.batches import handle_batch
from sluice.errors import TransientFailure
from tests.fakes.queue import FakeAside


def a_batch(*messages: Any) -> dict[str, Any]:
    """SQS messages as Lambda hands them over."""
    return {"Records": [{"messageId": f"m-{n}", "body": json.dumps(message)} for n, message in enumerate(messages)]}


def test_a_defect_keeps_its_own_message_back_and_no_other() -> None:
    handled: list[str] = []

    def handle(message: Any) -> None:
        handled.append(message["name"].upper())

    answer = handle_batch(a_batch({"name": "a"}, {}, {"name": 3}, {"name": "b"}), handle, FakeAside())

    assert handled == ["A", "B"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-1"}, {"itemIdentifier": "m-2"}]}


def test_a_defect_is_not_put_aside_before_it_was_tried_again() -> None:
    aside = FakeAside()

    handle_batch(a_batch({}), lambda message: message["name"], aside)

    assert aside.letters == []


def test_what_may_work_later_is_kept_back_without_its_neighbours() -> None:
    def handle(message: Any) -> None:
        if message == "busy":
            raise TransientFailure("GetItem: ThrottlingException")

    assert handle_batch(a_batch("busy", "idle"), handle, FakeAside()) == {
        "batchItemFailures": [{"itemIdentifier": "m-0"}]
    }
