"""Sixteen people press at the same moment, against the embedded cloud: one settlement, one resume, every time."""

import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest

from local.cloud import Cloud
from sluice.adapters.clock import SystemClock
from sluice.adapters.executions import WaitingExecutions
from sluice.adapters.records import DynamoRecords
from sluice.adapters.tokens import DynamoTokens
from sluice.errors import TransientFailure
from sluice.model.approval import Approval, Choice, RoleNeed
from sluice.model.approval_commands import CastVote
from sluice.model.codec import encode
from sluice.model.commit import Commit, RecordKey, Save
from sluice.model.ids import ApprovalId, Micros, SlackUserId
from sluice.model.records import PackageRecord
from sluice.usecases.cast_vote import cast_vote
from sluice.usecases.deciding import Deciding
from tests.approvals import an_approval
from tests.fakes.chat import FakeChat
from tests.fakes.executions import FakeExecutions
from tests.fakes.timers import FakeTimers
from tests.packages import a_policy

THREADS = 16
VOTERS = tuple(SlackUserId(f"U0RACE{n:02d}") for n in range(THREADS))


@dataclass
class CountedWaiting:
    """The real executions, with a count of the answers that Step Functions took, by token."""

    real: WaitingExecutions
    taken: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def resume(self, task_token: str, answer: Mapping[str, Any]) -> bool:
        """Hand over the answer."""
        took = self.real.resume(task_token, answer)
        with self._lock:
            self.taken[task_token] = self.taken.get(task_token, 0) + took
        return took


class Course:
    """Where races are run: a machine whose executions wait for a token, and the product's own tables."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._sfn, self._sqs = cloud.client("stepfunctions"), cloud.client("sqs")
        self._queue = self._sqs.create_queue(QueueName=f"race-{uuid4().hex[:8]}")["QueueUrl"]
        self._machine = self._sfn.create_state_machine(
            name=f"race-{uuid4().hex[:8]}",
            roleArn=cloud.client("iam").get_role(RoleName="data-scientist")["Role"]["Arn"],
            definition=json.dumps(_waiting_machine(self._queue)),
        )["stateMachineArn"]
        outputs, dynamodb = cloud.outputs, cloud.client("dynamodb")
        tables = (outputs["ControlTableName"], outputs["LedgerTableName"], outputs["OutboxTableName"])
        self.tokens = DynamoTokens(dynamodb, outputs["TokensTableName"])
        self.waiting = CountedWaiting(WaitingExecutions(self._sfn))
        self.world = Deciding(
            records=DynamoRecords(dynamodb, *tables),
            tokens=self.tokens,
            waiting=self.waiting,
            timers=FakeTimers(),
            chat=FakeChat(),
            clock=SystemClock(),
            team="T0SLUICE",
            incidents=FakeExecutions(),
            rollbacks=FakeExecutions(),
            default_policy=lambda _: a_policy(),
            region="us-east-1",
            channel="C0MODELS",
        )

    def run(self) -> tuple[int, str, int]:
        """One race; tells how many answers were taken, what the execution got, how often it was settled."""
        execution = self._sfn.start_execution(stateMachineArn=self._machine, name=uuid4().hex)["executionArn"]
        token = self._token()
        approval = self._open(token)
        barrier = threading.Barrier(THREADS)
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda person: self._press(approval.id, person, barrier), VOTERS))
        ended = self._sfn.describe_execution(executionArn=execution)
        return self.waiting.taken[token], ended["status"], self._settlements(approval)

    def _press(self, approval_id: ApprovalId, person: SlackUserId, barrier: threading.Barrier) -> None:
        choice = Choice.APPROVE if VOTERS.index(person) % 4 else Choice.REJECT
        command = CastVote(approval_id, person, "T0SLUICE", "C0MODELS", choice, "a race", SystemClock().now())
        barrier.wait()
        for _ in range(20):
            try:
                cast_vote(command, self.world)
            except TransientFailure:  # as SQS would, the message is delivered again
                continue
            return

    def _open(self, token: str) -> Approval:
        group, approval_id = f"race-{uuid4().hex[:8]}", ApprovalId(uuid4().hex)
        arn = f"arn:aws:sagemaker:us-east-1:111122223333:model-package/{group}/1"
        approval = an_approval(
            id=approval_id,
            group=group,
            version=1,
            package_arn=arn,
            release_id=f"{group}/1/1",
            needs=(RoleNeed("anyone", 1, VOTERS),),
            votes=(),
            deadline=None,
            delivered_at=None,
        )
        package = PackageRecord(arn, group, 1, "PendingManualApproval", Micros(1), approval.mode, 1, started=True)
        self.tokens.put(approval_id, token, expires=Micros(SystemClock().now() + 3_600_000_000))
        saves = (
            Save(RecordKey(Approval.KIND, approval_id), 0, encode(approval)),
            Save(RecordKey(PackageRecord.KIND, arn), 0, encode(package)),
        )
        self.world.records.commit(Commit(saves=saves), at=SystemClock().now())
        return approval

    def _token(self) -> str:
        while True:
            answer = self._sqs.receive_message(QueueUrl=self._queue, WaitTimeSeconds=5)
            for message in answer.get("Messages", []):
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
                return str(json.loads(message["Body"])["token"])

    def _settlements(self, approval: Approval) -> int:
        answer = self._cloud.client("dynamodb").query(
            TableName=self._cloud.outputs["LedgerTableName"],
            KeyConditionExpression="pk = :chain",
            FilterExpression="#kind = :settled",
            ExpressionAttributeNames={"#kind": "kind"},
            ExpressionAttributeValues={
                ":chain": {"S": f"group/{approval.group}"},
                ":settled": {"S": "ApprovalSettled"},
            },
        )
        return int(answer["Count"])


def _waiting_machine(queue_url: str) -> dict[str, Any]:
    wait = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Arguments": {"QueueUrl": queue_url, "MessageBody": {"token": "{% $states.context.Task.Token %}"}},
        "TimeoutSeconds": 600,
        "End": True,
    }
    return {"QueryLanguage": "JSONata", "StartAt": "Wait", "States": {"Wait": wait}}


@pytest.fixture(scope="module")
def course(cloud: Cloud, team: object) -> Course:
    """The race course; `team` makes the role that the machine runs under."""
    del team
    return Course(cloud)


@pytest.mark.parametrize("race", range(10))
def test_of_sixteen_at_once_one_settles_and_one_resumes(course: Course, race: int) -> None:
    del race

    outcome = course.run()

    assert outcome == (1, "SUCCEEDED", 1)


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_a_thousand_races_have_no_double_resume(course: Course) -> None:
    outcomes = [course.run() for _ in range(1000)]

    assert [o for o in outcomes if o != (1, "SUCCEEDED", 1)] == []
