"""A call that CloudTrail tells of: who asked for what, and not from where; all else is turned away."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.errors import InvalidInput
from sluice.model.trail_event import ApiCall, Operation
from tests.event_samples import sample
from tests.packages import ARN
from tests.signals import ANY_JSON

CALL = sample("cloudtrail_sagemaker_updateendpoint.json")


def _event(**detail: Any) -> dict[str, Any]:
    event: dict[str, Any] = deepcopy(CALL)
    event["detail"] |= detail
    return event


def test_a_call_tells_who_what_and_when_and_not_from_where() -> None:
    call = ApiCall.parse(CALL)

    assert (call.account, call.region, call.operation) == ("123456789012", "us-west-2", Operation.UPDATE_ENDPOINT)
    assert (call.endpoint, call.config) == ("ExampleEndpoint", "ExampleEndpointConfig")
    assert call.who == "arn:aws:sts::123456789012:assumed-role/Developer/session"
    assert call.role == "arn:aws:iam::123456789012:role/Developer"
    assert CALL["detail"]["sourceIPAddress"] not in repr(call)


@pytest.mark.parametrize(
    "identity, who",
    [
        ({"type": "IAMUser", "arn": "arn:aws:iam::1:user/eve"}, "arn:aws:iam::1:user/eve"),
        ({"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}, "autoscaling.amazonaws.com"),
        ({"type": "Root"}, "Root"),
        ({}, "somebody"),
        (None, "somebody"),
    ],
)
def test_of_every_kind_of_caller_something_is_told(identity: Any, who: str) -> None:
    assert ApiCall.parse(_event(userIdentity=identity)).who == who


@pytest.mark.parametrize(
    "operation, asked, moves",
    [
        (Operation.SET_WEIGHTS, {"desiredWeightsAndCapacities": [{"desiredInstanceCount": 3}]}, False),
        (Operation.SET_WEIGHTS, {"desiredWeightsAndCapacities": [{"desiredWeight": 0}]}, True),
        (Operation.SET_WEIGHTS, {"desiredWeightsAndCapacities": "x"}, False),
        (Operation.UPDATE_PACKAGE, {"modelPackageArn": ARN.text, "modelApprovalStatus": "Rejected"}, True),
        (Operation.UPDATE_PACKAGE, {"modelPackageArn": ARN.text, "customerMetadataProperties": {}}, False),
    ],
)
def test_a_call_says_whether_it_moves_traffic_or_an_approval(
    operation: Operation,
    asked: dict[str, Any],
    moves: bool,  # noqa: FBT001  # a column of the table
) -> None:
    call = ApiCall.parse(_event(eventName=operation.value, requestParameters={"endpointName": "a", **asked}))

    assert call.moves is moves


def test_a_refused_call_may_say_nothing_of_what_it_was_about() -> None:
    assert ApiCall.parse(_event(errorCode="AccessDenied", requestParameters=None)).failed == "AccessDenied"


@pytest.mark.parametrize(
    "detail",
    [
        {"eventName": "CreateEndpoint"},
        {"eventName": ["UpdateEndpoint"]},
        {"eventSource": "ec2.amazonaws.com"},
        {"eventTime": "yesterday"},
        {"eventID": None},
        {"requestParameters": None},
        {"requestParameters": {"endpointName": "../x"}},
        {"eventName": "UpdateModelPackage"},
    ],
)
def test_what_is_no_such_call_is_turned_away(detail: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        ApiCall.parse(_event(**detail))


@given(ANY_JSON)
def test_no_envelope_makes_the_parser_fail_otherwise(envelope: Any) -> None:
    with pytest.raises(InvalidInput):
        ApiCall.parse(envelope)


@given(st.dictionaries(st.sampled_from(sorted(CALL["detail"])), ANY_JSON, max_size=8))
def test_no_detail_makes_the_parser_fail_otherwise(detail: dict[str, Any]) -> None:
    try:
        call = ApiCall.parse(_event(**detail))
    except InvalidInput:
        return
    assert len(call.who) <= 300
