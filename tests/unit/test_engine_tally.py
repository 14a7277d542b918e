"""The engine counts what AWS would bill, while somebody wants to know."""

from collections.abc import Iterator

import pytest

from local.engine import tally

ROLE = "arn:aws:sts::111122223333:assumed-role/sluice-JudgeCanaryFunctionRole-1A/session"
NAME = "sluice-JudgeCanaryFunctionRole-1A"


@pytest.fixture(autouse=True)
def counting() -> Iterator[None]:
    tally.begin()
    yield
    tally._running.clear()


def test_nothing_is_counted_before_it_is_asked_for() -> None:
    tally._running.clear()

    tally.requested(ROLE, "dynamodb:PutItem", {"Item": {}})

    assert not tally.is_running()
    assert tally.told()["requests"] == {}


def test_requests_are_counted_by_role_and_operation() -> None:
    tally.requested(ROLE, "sagemaker:DescribeEndpoint", {})
    tally.requested(ROLE, "sagemaker:DescribeEndpoint", {})

    assert tally.told()["requests"] == {NAME: {"sagemaker:DescribeEndpoint": 2}}


def test_metrics_that_are_read_are_counted_but_expressions_are_not() -> None:
    queries = [{"Id": "a", "MetricStat": {}}, {"Id": "b", "MetricStat": {}}, {"Id": "c", "Expression": "a / b"}]

    tally.requested(ROLE, "cloudwatch:GetMetricData", {"MetricDataQueries": queries})

    assert tally.told()["metrics"] == {NAME: 2}


@pytest.mark.parametrize(
    "operation, document, units",
    [
        ("PutItem", {"Item": {"body": {"S": "x"}}}, 1),
        ("PutItem", {"Item": {"body": {"S": "x" * 2000}}}, 2),
        ("UpdateItem", {"Key": {}}, 1),
        ("TransactWriteItems", {"TransactItems": [{"Put": {"Item": {"body": {"S": "x" * 1100}}}}, {"Update": {}}]}, 6),
        ("GetItem", {"Key": {}}, 0),
    ],
)
def test_a_write_costs_by_the_kilobyte_and_twice_in_a_transaction(
    operation: str, document: dict[str, object], units: int
) -> None:
    tally.requested(ROLE, f"dynamodb:{operation}", document)

    assert tally.told()["write_units"][NAME] == units


def test_functions_are_told_apart_by_what_called_them() -> None:
    tally.invoked("deliver", {"Records": [{"eventSource": "aws:dynamodb"}]}, 12.34)
    tally.invoked("deliver", {"scheduled": True}, 5)
    tally.invoked("judge", {"rollout_id": "7d1f"}, 40)

    assert tally.told()["durations_ms"] == {
        "deliver": {"aws:dynamodb": [12.3], "aws:scheduler": [5]},
        "judge": {"direct": [40]},
    }
