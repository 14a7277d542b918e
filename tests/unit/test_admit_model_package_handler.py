"""The handler of admission: batches of SQS messages."""

import json
from typing import Any

import pytest

from functions.admit_model_package import app
from sluice import wiring
from sluice.errors import PermanentFailure, TransientFailure
from tests.fakes.queue import FakeAside
from tests.packages import ACCOUNT, ARN, CHANNEL, GROUP, REGION, a_package, a_policy
from tests.world import World


class _Context:
    invoked_function_arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:admit"
    aws_request_id = "request-1"
    function_name = memory_limit_in_mb = ""


def an_event(**detail: Any) -> dict[str, Any]:
    """The documented event, about our package."""
    return {
        "id": "e-1",
        "source": "aws.sagemaker",
        "detail-type": "SageMaker Model Package State Change",
        "account": ACCOUNT,
        "region": REGION,
        "detail": {"ModelPackageArn": ARN.text, "ModelPackageGroupName": GROUP} | detail,
    }


@pytest.fixture
def handled(monkeypatch: pytest.MonkeyPatch) -> World:
    """A world behind the handler's wiring."""
    world = World(a_policy(), package=a_package())
    monkeypatch.setenv("SLACK_CHANNEL", CHANNEL)
    monkeypatch.setenv("HOME_REGION", REGION)
    for name in ("records", "registry", "executions", "clock"):
        monkeypatch.setattr(wiring, name, lambda name=name: getattr(world, name))
    monkeypatch.setattr(wiring, "default_policy", lambda _: world.default)
    return world


@pytest.fixture
def aside(monkeypatch: pytest.MonkeyPatch) -> FakeAside:
    """Where the handler puts what it cannot handle."""
    kept = FakeAside()
    monkeypatch.setattr(wiring, "dead_letters", lambda: kept)
    return kept


def batch(*bodies: str) -> dict[str, Any]:
    """A batch of SQS messages."""
    return {"Records": [{"messageId": f"m-{n}", "body": body} for n, body in enumerate(bodies)]}


def test_what_cannot_be_read_goes_aside_with_its_reason_and_its_neighbours_go_on(
    handled: World, aside: FakeAside
) -> None:
    foreign = an_event() | {"account": "999999999999"}

    answer = app.handler(batch("{", json.dumps(foreign), "[]", json.dumps(an_event())), _Context())

    assert answer == {"batchItemFailures": []}
    reasons = [reason for _, reason in aside.letters]
    assert [reason.split(":")[0] for reason in reasons] == ["InvalidInput"] * 3
    assert len(handled.executions.started) == 1


def test_what_may_work_later_stays_on_the_queue(handled: World, aside: FakeAside) -> None:
    handled.executions.fail(TransientFailure("StartExecution: ThrottlingException"))

    first = app.handler(batch(json.dumps(an_event())), _Context())
    second = app.handler(batch(json.dumps(an_event())), _Context())

    assert first == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}
    assert (second, len(handled.executions.started)) == ({"batchItemFailures": []}, 1)


def test_what_is_denied_goes_aside(handled: World, aside: FakeAside) -> None:
    handled.executions.fail(PermanentFailure("StartExecution: AccessDeniedException"))

    answer = app.handler(batch(json.dumps(an_event())), _Context())

    [(body, reason)] = aside.letters
    assert answer == {"batchItemFailures": []}
    assert (json.loads(body), reason) == (an_event(), "PermanentFailure: StartExecution: AccessDeniedException")


def test_a_stack_away_from_the_home_region_ignores_packages_and_logs_why(
    handled: World, aside: FakeAside, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = len(handled.records.commits)
    monkeypatch.setenv("HOME_REGION", "eu-west-1")

    answer = app.handler(batch(json.dumps(an_event())), _Context())

    assert (answer, aside.letters, handled.executions.started) == ({"batchItemFailures": []}, [], {})
    assert len(handled.records.commits) == before
    assert [vars(line)["reason"] for line in caplog.records] == ["releases run in the home region, eu-west-1"]
