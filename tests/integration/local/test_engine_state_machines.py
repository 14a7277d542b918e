"""How the engine runs state machines."""

import json
import time

import pytest
from botocore.exceptions import ClientError

from local import clock
from tests.integration.local.conftest import Rig


def test_a_wait_ends_when_the_clock_jumps(rig: Rig) -> None:
    execution = rig.run({"path": "wait"})
    assert rig.status(execution) == "RUNNING"

    clock.advance(3600)

    assert rig.finished(execution)["status"] == "SUCCEEDED"


def test_a_retry_matches_the_exception_class_and_waits_in_simulated_time(rig: Rig) -> None:
    execution = rig.run({"path": "flaky"})

    for failures, delay_s in ((1, 20), (2, 40)):
        rig.await_failures(execution, failures)
        assert rig.status(execution) == "RUNNING"
        clock.advance(delay_s)

    assert rig.finished(execution)["status"] == "SUCCEEDED"


def test_a_retry_waits_no_longer_than_its_longest_delay(rig: Rig) -> None:
    execution = rig.run({"path": "capped"})

    for failures in (1, 2):
        rig.await_failures(execution, failures)
        clock.advance(5)

    assert rig.finished(execution)["status"] == "SUCCEEDED"


def test_a_retry_waits_longer_than_a_minute_where_it_is_asked_to(rig: Rig) -> None:
    execution = rig.run({"path": "patient"})

    for failures, delay_s in ((1, 300), (2, 400)):
        rig.await_failures(execution, failures)
        clock.advance(delay_s - 50)
        time.sleep(0.3)
        rig.await_failures(execution, failures)
        clock.advance(60)

    assert rig.finished(execution)["status"] == "SUCCEEDED"


def test_each_timeout_of_a_token_task_is_the_next_look_and_a_token_wakes_it(rig: Rig) -> None:
    execution = rig.run({"path": "looks", "waits": [60, 120, 7200], "call": {"pk": "look"}})
    machines, first = rig.client("stepfunctions"), rig.token("look-0")

    for look, wait_s in ((1, 61), (2, 121)):
        clock.advance(wait_s)
        rig.token(f"look-{look}")
    with pytest.raises(ClientError, match="TaskTimedOut"):
        machines.send_task_success(taskToken=first, output="{}")
    machines.send_task_success(taskToken=rig.token("look-2"), output='{"route": "advance"}')

    assert json.loads(rig.finished(execution)["output"]) == {"look": 2, "answer": {"route": "advance"}}


def test_a_task_token_resumes_its_execution_once(rig: Rig) -> None:
    execution = rig.run({"path": "token", "timeout": 600, "call": {"do": "put", "pk": "token-once"}})
    token, machines = rig.token("token-once"), rig.client("stepfunctions")

    machines.send_task_success(taskToken=token, output='{"answer": 1}')
    with pytest.raises(ClientError, match="TaskTimedOut"):
        machines.send_task_success(taskToken=token, output='{"answer": 2}')

    assert json.loads(rig.finished(execution)["output"]) == {"answer": 1}


def test_a_token_that_never_was_is_invalid(rig: Rig) -> None:
    with pytest.raises(ClientError, match="InvalidToken"):
        rig.client("stepfunctions").send_task_success(taskToken="made up", output="{}")  # no secret


def test_a_timeout_given_as_an_expression_passes_in_simulated_time(rig: Rig) -> None:
    execution = rig.run({"path": "token", "timeout": 600, "call": {"do": "put", "pk": "token-late"}})
    rig.token("token-late")

    clock.advance(601)

    assert json.loads(rig.finished(execution)["output"]) == {"caught": "States.Timeout"}


def test_a_failing_function_fails_its_token_task_at_once(rig: Rig) -> None:
    execution = rig.run({"path": "token", "timeout": 600, "call": {"do": "raise"}})

    assert json.loads(rig.finished(execution)["output"]) == {"caught": "Transient"}


def test_a_missing_heartbeat_fails_the_task_and_a_sent_one_does_not(rig: Rig) -> None:
    execution = rig.run({"path": "heartbeat", "call": {"do": "put", "pk": "heart"}})
    token = rig.token("heart")

    clock.advance(500)
    rig.client("stepfunctions").send_task_heartbeat(taskToken=token)
    clock.advance(500)
    assert rig.status(execution) == "RUNNING"
    clock.advance(200)

    assert json.loads(rig.finished(execution)["output"]) == {"caught": "States.HeartbeatTimeout"}


def test_a_repeated_start_with_the_same_input_is_the_same_execution_while_it_runs(rig: Rig) -> None:
    machines, machine = rig.client("stepfunctions"), rig.outputs["MachineArn"]
    start = {"stateMachineArn": machine, "name": "only-once", "input": '{"path": "wait"}'}
    first = machines.start_execution(**start)["executionArn"]

    assert machines.start_execution(**start)["executionArn"] == first
    with pytest.raises(machines.exceptions.ExecutionAlreadyExists):
        machines.start_execution(**{**start, "input": '{"path": "other"}'})

    clock.advance(3600)
    rig.finished(first)
    with pytest.raises(machines.exceptions.ExecutionAlreadyExists):
        machines.start_execution(**start)


def test_stopping_an_execution_makes_its_token_useless(rig: Rig) -> None:
    execution = rig.run({"path": "token", "timeout": 600, "call": {"do": "put", "pk": "stopped"}})
    token, machines = rig.token("stopped"), rig.client("stepfunctions")

    machines.stop_execution(executionArn=execution)

    with pytest.raises(ClientError, match="TaskTimedOut"):
        machines.send_task_success(taskToken=token, output="{}")
    assert rig.status(execution) == "ABORTED"


def test_the_machine_may_do_what_its_role_allows(rig: Rig) -> None:
    execution = rig.run({"path": "put", "allowed": True})

    assert rig.finished(execution)["status"] == "SUCCEEDED"


def test_the_machine_may_not_do_what_its_role_does_not_allow(rig: Rig) -> None:
    execution = rig.run({"path": "put", "allowed": False})

    assert rig.finished(execution)["status"] == "FAILED"
    assert "not authorized to perform: dynamodb:PutItem" in rig.finished(execution)["cause"]


def test_a_condition_key_of_sagemaker_binds_the_machine(rig: Rig) -> None:
    registry = rig.client("sagemaker")
    registry.create_model_package_group(ModelPackageGroupName="machine-bound")
    package = registry.create_model_package(ModelPackageGroupName="machine-bound")["ModelPackageArn"]

    approved = rig.run({"path": "registry", "package": package, "status": "Approved"})
    rejected = rig.run({"path": "registry", "package": package, "status": "Rejected"})

    assert json.loads(rig.finished(approved)["output"]) == {"caught": "SageMaker.SageMakerException"}
    assert json.loads(rig.finished(rejected)["output"]) == {"ModelPackageArn": package}
    changed_by = registry.describe_model_package(ModelPackageName=package)["LastModifiedBy"]
    assert ":assumed-role/" in changed_by["IamIdentity"]["Arn"]
