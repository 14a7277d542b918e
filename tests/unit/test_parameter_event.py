import json
from pathlib import Path
from typing import Any

import pytest

from sluice.errors import InvalidInput
from sluice.model.parameter_event import ParameterEvent

EVENTS = Path(__file__).resolve().parents[2] / "events"
SAMPLE: dict[str, Any] = json.loads((EVENTS / "ssm_parameter_store_update.json").read_text())


def test_the_documented_sample_is_read() -> None:
    assert ParameterEvent.parse(SAMPLE) == ParameterEvent("MyExampleParameter", "Update")


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        "text",
        {},
        {**SAMPLE, "detail": None},
        {**SAMPLE, "detail": {}},
        {**SAMPLE, "detail": {"name": ""}},
        {**SAMPLE, "detail": {"name": ["/sluice/people"]}},
        {**SAMPLE, "source": "sluice"},
        {**SAMPLE, "detail-type": "Parameter Store Policy Action"},
        {**SAMPLE, "detail-type": ["Parameter Store Change"]},
    ],
)
def test_anything_else_is_refused(event: object) -> None:
    with pytest.raises(InvalidInput):
        ParameterEvent.parse(event)


def test_an_event_without_an_operation_still_says_where_to_look() -> None:
    assert ParameterEvent.parse({**SAMPLE, "detail": {"name": "/sluice/people"}}).name == "/sluice/people"
