"""One engine with a small stack for all tests of the embedded cloud; tests keep apart by names."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local import clock, stack
from local.engine.process import Engine
from local.engine.settings import REGION
from local.identities import Identities

if TYPE_CHECKING:
    from tests.integration.local.serving_rig import Serving

_PROBE = Path(__file__).parent / "probe" / "template.yaml"


class Rig:
    """The engine, its clients and the probe stack's outputs."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.identities = Identities(engine.url, REGION)
        self.outputs = stack.deploy(
            self.identities, _PROBE, name="probe", endpoint_url=engine.url, parameters={"Unknown": "left out"}
        )

    def client(self, service: str) -> Any:
        """A client of the root user."""
        return self.identities.root(service)

    def invoke(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Call the probe function; the answer holds `error` when it raised."""
        name, body = self.outputs["FunctionName"], json.dumps(payload)
        answer = self.client("lambda").invoke(FunctionName=name, Payload=body, LogType="Tail")
        return {"error": answer.get("FunctionError"), "payload": json.loads(answer["Payload"].read())}

    def run(self, payload: dict[str, Any]) -> str:
        """Start the probe machine."""
        body = json.dumps(payload)
        started = self.client("stepfunctions").start_execution(stateMachineArn=self.outputs["MachineArn"], input=body)
        return str(started["executionArn"])

    def status(self, execution: str) -> str:
        """Status of an execution."""
        return str(self.client("stepfunctions").describe_execution(executionArn=execution)["status"])

    def await_failures(self, execution: str, count: int) -> None:
        """Wait until so many attempts of tasks have failed."""
        history = {"executionArn": execution, "maxResults": 1000}
        machines = self.client("stepfunctions")
        self.until(
            lambda: (
                [e["type"] for e in machines.get_execution_history(**history)["events"]].count("TaskFailed") == count
            )
        )

    def finished(self, execution: str) -> dict[str, Any]:
        """Wait for the end of an execution."""
        self.until(lambda: self.status(execution) != "RUNNING")
        return dict(self.client("stepfunctions").describe_execution(executionArn=execution))

    def token(self, pk: str) -> str:
        """Wait for the task token that the probe function has put under a key."""
        found = self.until(lambda: self.item(pk))
        assert found is not None
        return str(found["token"]["S"])

    def item(self, pk: str) -> dict[str, Any] | None:
        """An item of the probe's table."""
        key = {"pk": {"S": pk}}
        found = self.client("dynamodb").get_item(TableName=self.outputs["TableName"], Key=key)
        item: dict[str, Any] | None = found.get("Item")
        return item

    def events(self, group_or_name: str) -> list[dict[str, Any]]:
        """Take the AWS events that arrived on the queue and are about something, oldest first."""
        sqs, found = self.client("sqs"), []
        url = self.outputs["EventsQueueUrl"]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found += [json.loads(m["Body"]) for m in messages]
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [e for e in found if group_or_name in json.dumps(e)]

    def admin(self, method: str, path: str, document: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call a local-only endpoint."""
        request = urllib.request.Request(  # noqa: S310  # http on loopback
            f"{self.engine.url}/_sluice/{path}", method=method, data=json.dumps(document or {}).encode()
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # http on loopback
            return dict(json.load(answer))

    @staticmethod
    def until[T](look: Callable[[], T], limit_s: float = 20.0) -> T:
        """Look until there is something, in real time."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            if found := look():
                return found
            time.sleep(0.02)
        raise AssertionError("nothing came of it")


@pytest.fixture(scope="session")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A running engine with the probe stack."""
    state = tmp_path_factory.mktemp("engine")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(clock.CLOCK_FILE, str(state / "clock.json"))
        clock.create(state / "clock.json")
        with Engine(state) as engine:
            yield Rig(engine)


@pytest.fixture
def shop(rig: Rig) -> Iterator["Serving"]:
    """An endpoint of the test's own, not created yet."""
    from tests.integration.local.serving_rig import Serving

    serving = Serving(rig)
    yield serving
    serving.close()
