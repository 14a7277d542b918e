"""Batches of SQS messages: neighbours go on, and each message is handled, left for later or put aside."""

import json
from typing import Any

import pytest

from sluice.batches import handle_batch
from sluice.errors import InvalidInput, PermanentFailure, SluiceError, TransientFailure
from tests.fakes.queue import FakeAside


def batch(*bodies: str) -> dict[str, Any]:
    """A batch of messages with ids m-0, m-1…"""
    return {"Records": [{"messageId": f"m-{n}", "body": body} for n, body in enumerate(bodies)]}


def raising(errors: dict[int, Exception]) -> Any:
    """A handling that fails for some numbers and remembers the others."""
    handled: list[int] = []

    def handle(message: Any) -> None:
        if message in errors:
            raise errors[message]
        handled.append(message)

    handle.handled = handled  # type: ignore[attr-defined]  # for the test to look at
    return handle


def test_every_message_is_handled_in_order() -> None:
    handle, aside = raising({}), FakeAside()

    answer = handle_batch(batch("1", "2", "3"), handle, aside)

    assert (answer, handle.handled, aside.letters) == ({"batchItemFailures": []}, [1, 2, 3], [])


@pytest.mark.parametrize("error", [InvalidInput("not ours"), PermanentFailure("AccessDenied")])
def test_what_never_works_goes_aside_whole_with_its_reason_and_neighbours_go_on(error: SluiceError) -> None:
    handle, aside = raising({2: error}), FakeAside()

    answer = handle_batch(batch("1", "2", "3"), handle, aside)

    assert (answer, handle.handled) == ({"batchItemFailures": []}, [1, 3])
    assert aside.letters == [("2", f"{type(error).__name__}: {error}")]


def test_what_may_work_later_is_named_and_neighbours_go_on() -> None:
    handle, aside = raising({1: TransientFailure("throttled"), 3: TransientFailure("throttled")}), FakeAside()

    answer = handle_batch(batch("1", "2", "3"), handle, aside)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-0"}, {"itemIdentifier": "m-2"}]}
    assert (handle.handled, aside.letters) == ([2], [])


@pytest.mark.parametrize("body", ["", "{", "nonsense", "[" * 200_000, '{"a": ' + "9" * 5000 + "}"])
def test_what_is_no_json_goes_aside(body: str) -> None:
    aside = FakeAside()

    answer = handle_batch(batch(body, "2"), raising({}), aside)

    assert answer == {"batchItemFailures": []}
    assert aside.letters == [(body, "InvalidInput: the message is not JSON")]


def test_a_defect_keeps_its_own_message_back_and_takes_no_neighbour_with_it() -> None:
    """Raised, it would have the whole batch come again until all of it lies in the dead letters."""
    handle, aside = raising({1: KeyError("x"), 3: ValueError("y")}), FakeAside()

    answer = handle_batch(batch("1", "2", "3", "4"), handle, aside)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-0"}, {"itemIdentifier": "m-2"}]}
    assert (handle.handled, aside.letters) == ([2, 4], [])


def test_a_message_that_could_not_even_be_put_aside_is_not_lost_and_neighbours_go_on() -> None:
    handle, aside = raising({}), FakeAside()
    aside.fail(TransientFailure("SendMessage: ServiceUnavailable"))

    answer = handle_batch(batch("{", "2"), handle, aside)

    assert (answer, handle.handled) == ({"batchItemFailures": [{"itemIdentifier": "m-0"}]}, [2])


def test_a_batch_is_parsed_as_json_values() -> None:
    seen: list[Any] = []

    handle_batch(batch(json.dumps({"a": [1, None, "x"]})), seen.append, FakeAside())

    assert seen == [{"a": [1, None, "x"]}]
