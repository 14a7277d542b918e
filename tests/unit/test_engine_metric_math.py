"""Metric math of the embedded CloudWatch."""

import pytest

from local.engine.cloudwatch import expressions
from local.engine.cloudwatch.expressions import Scope
from local.engine.sagemaker.errors import ApiError

ERRORS = {0: 2.0, 60: 4.0}
REQUESTS = {0: 100.0, 60: 0.0, 120: 50.0}
SCOPE = Scope({"errors": ERRORS, "requests": REQUESTS}, ["errors", "requests"], [0, 60, 120], 60)


@pytest.mark.parametrize(
    "text, values",
    [
        ("errors / requests", {0: 0.02}),
        ("100 * (errors + 1)", {0: 300.0, 60: 500.0}),
        ("-errors", {0: -2.0, 60: -4.0}),
        ("2 + errors * 3 ^ 2", {0: 20.0, 60: 38.0}),
        ("errors >= 4", {0: 0.0, 60: 1.0}),
        ("FILL(errors, 0)", {0: 2.0, 60: 4.0, 120: 0.0}),
        ("FILL(errors, REPEAT)", {0: 2.0, 60: 4.0, 120: 4.0}),
        ("SUM(METRICS())", {0: 102.0, 60: 4.0, 120: 50.0}),
        ("MAX([errors, requests])", {0: 100.0, 60: 4.0, 120: 50.0}),
        ("errors - AVG(errors)", {0: -1.0, 60: 1.0}),
        ("IF(requests > 10, errors, 0)", {0: 2.0, 60: 0.0}),
        ("errors / PERIOD(errors)", {0: 2 / 60, 60: 4 / 60}),
        ("RUNNING_SUM(errors)", {0: 2.0, 60: 6.0}),
        ("DIFF(errors)", {60: 2.0}),
        ("ABS(CEIL(errors / 3) - 4)", {0: 3.0, 60: 2.0}),
    ],
)
def test_expressions_have_the_values_of_cloudwatch(text: str, values: dict[int, float]) -> None:
    assert expressions.evaluated(text, SCOPE) == values


@pytest.mark.parametrize(
    "text",
    ["errors +", "(errors", "errors $ 2", "unknown + 1", "SEARCH(errors)", "1 + 1", "[errors]", "", "errors errors"],
)
def test_an_expression_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(ApiError) as refused:
        expressions.evaluated(text, SCOPE)

    assert refused.value.code == "ValidationError"
