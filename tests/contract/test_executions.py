"""What every `Executions` and `Waiting` must do, the fakes as well as those over Step Functions."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from sluice.adapters.executions import MachineExecutions, WaitingExecutions
from sluice.errors import PermanentFailure, TransientFailure
from sluice.ports import Executions
from sluice.usecases.admit_model_package import execution_name
from tests.fakes.executions import FakeExecutions, FakeWaiting
from tests.packages import ARN

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

NAME = execution_name(ARN.text, 1)
RELEASE = {"release_id": "fraud-detector/7/1", "package_arn": ARN.text, "version": 7}
MACHINE = "arn:aws:states:us-east-1:111122223333:stateMachine:release"


@pytest.fixture
def stepfunctions(moto: None) -> "SFNClient":
    client: SFNClient = boto3.client("stepfunctions", region_name="us-east-1")
    return client


@dataclass
class Store:
    """An `Executions`, and a look at what runs: name -> input."""

    executions: Executions
    running: Callable[[], dict[str, Any]]


def _fake() -> Store:
    fake = FakeExecutions()
    return Store(fake, lambda: fake.started)


def _real(client: "SFNClient") -> Store:
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    role = "arn:aws:iam::111122223333:role/release"
    arn = client.create_state_machine(name="release", definition=definition, roleArn=role)["stateMachineArn"]

    def running() -> dict[str, Any]:
        found = client.list_executions(stateMachineArn=arn)["executions"]
        inputs = {e["name"]: client.describe_execution(executionArn=e["executionArn"])["input"] for e in found}
        return {name: json.loads(text) for name, text in inputs.items()}

    return Store(MachineExecutions(client, arn), running)


@pytest.fixture(params=["fake", "stepfunctions"])
def store(request: pytest.FixtureRequest) -> Store:
    return _fake() if request.param == "fake" else _real(request.getfixturevalue("stepfunctions"))


def test_an_execution_starts_under_its_name_with_its_release(store: Store) -> None:
    store.executions.start(NAME, RELEASE)

    assert store.running() == {NAME: RELEASE}


def test_a_second_start_of_the_same_release_is_left_alone(store: Store) -> None:
    for _ in range(3):
        store.executions.start(NAME, RELEASE)

    assert store.running() == {NAME: RELEASE}


def test_a_name_that_was_used_with_another_input_is_left_alone(store: Store) -> None:
    store.executions.start(NAME, RELEASE)

    store.executions.start(NAME, RELEASE | {"version": 8})

    assert store.running() == {NAME: RELEASE}


def test_an_execution_says_that_it_runs_and_one_never_started_says_nothing(store: Store) -> None:
    store.executions.start(NAME, RELEASE)

    assert (store.executions.status(NAME), store.executions.status("never")) == ("RUNNING", None)


@pytest.mark.parametrize(
    "code,kind", [("ThrottlingException", TransientFailure), ("AccessDeniedException", PermanentFailure)]
)
def test_an_execution_that_cannot_be_asked_about_is_not_taken_for_one_never_started(
    stepfunctions: "SFNClient", code: str, kind: type[Exception]
) -> None:
    with Stubber(stepfunctions) as stub:
        stub.add_client_error("describe_execution", code)

        with pytest.raises(kind, match=code):
            MachineExecutions(stepfunctions, MACHINE).status(NAME)


def test_an_execution_is_asked_for_by_the_arn_of_its_machine_and_name(stepfunctions: "SFNClient") -> None:
    with Stubber(stepfunctions) as stub:
        arn = f"{MACHINE.replace('stateMachine', 'execution')}:{NAME}"
        stub.add_client_error("describe_execution", "ExecutionDoesNotExist", expected_params={"executionArn": arn})

        assert MachineExecutions(stepfunctions, MACHINE).status(NAME) is None


@pytest.mark.parametrize("code,kind", [
    ("ThrottlingException", TransientFailure),
    ("ExecutionLimitExceeded", TransientFailure),
    ("StateMachineDoesNotExist", PermanentFailure),
    ("AccessDeniedException", PermanentFailure),
])  # fmt: skip
def test_what_cannot_be_started_says_whether_to_try_again(
    stepfunctions: "SFNClient", code: str, kind: type[Exception]
) -> None:
    with Stubber(stepfunctions) as stub:
        stub.add_client_error("start_execution", code)

        with pytest.raises(kind, match=code):
            MachineExecutions(stepfunctions, MACHINE).start(NAME, RELEASE)


def test_an_answer_is_handed_over_as_json(stepfunctions: "SFNClient") -> None:
    with Stubber(stepfunctions) as stub:
        stub.add_response("send_task_success", {}, {"taskToken": "token", "output": '{"route": "conclude"}'})

        assert WaitingExecutions(stepfunctions).resume("token", {"route": "conclude"})


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_a_token_nobody_waits_on_is_no_failure(stepfunctions: "SFNClient", code: str) -> None:
    with Stubber(stepfunctions) as stub:
        stub.add_client_error("send_task_success", code)

        assert not WaitingExecutions(stepfunctions).resume("token", {})


@pytest.mark.parametrize(
    "code,kind", [("ThrottlingException", TransientFailure), ("AccessDeniedException", PermanentFailure)]
)
def test_a_failed_answer_names_no_token(stepfunctions: "SFNClient", code: str, kind: type[Exception]) -> None:
    with Stubber(stepfunctions) as stub:
        stub.add_client_error("send_task_success", code)

        with pytest.raises(kind) as caught:
            WaitingExecutions(stepfunctions).resume("the-secret-token", {})

    assert "the-secret-token" not in str(caught.value)


def test_the_fake_takes_one_answer_a_token_as_step_functions_does() -> None:
    waiting = FakeWaiting()
    token, given_up = waiting.wait(), waiting.wait()
    waiting.give_up(given_up)

    assert [waiting.resume(t, {}) for t in (token, token, given_up, "unknown")] == [True, False, False, False]
