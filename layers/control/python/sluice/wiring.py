"""Puts adapters behind ports. Everything is made on first use and kept for the life of the environment."""

import os
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from sluice.adapters.clock import SystemClock
from sluice.adapters.records import DynamoRecords
from sluice.model.ids import GroupName
from sluice.settings import RecordsSettings, SlackSettings, TimerSettings, read

if TYPE_CHECKING:
    from sluice.adapters.alarms import CloudWatchAlarms
    from sluice.adapters.archive import S3EvidenceArchive, S3Judgements
    from sluice.adapters.chat import SlackChat
    from sluice.adapters.command_queue import DeadLetters, SqsCommandQueue
    from sluice.adapters.documents import S3Documents
    from sluice.adapters.endpoints import SageMakerEndpoints
    from sluice.adapters.event_bus import SluiceBus
    from sluice.adapters.executions import MachineExecutions, WaitingExecutions
    from sluice.adapters.ids import RandomIds
    from sluice.adapters.ledger_archive import S3LedgerArchive
    from sluice.adapters.ledger_table import DynamoLedger
    from sluice.adapters.lineage import SageMakerLineage
    from sluice.adapters.metrics import CloudWatchMetrics
    from sluice.adapters.monitors import SageMakerMonitors
    from sluice.adapters.outbox import DynamoOutbox
    from sluice.adapters.parameters import SsmParameters
    from sluice.adapters.quotas import HostingQuotas
    from sluice.adapters.registry import SageMakerRegistry
    from sluice.adapters.reviews import S3Reviews
    from sluice.adapters.scaling import ApplicationScaling
    from sluice.adapters.secrets import Secret
    from sluice.adapters.seen_alarms import CloudWatchSeenAlarms
    from sluice.adapters.timers import SchedulerTimers
    from sluice.adapters.tokens import DynamoTokens
    from sluice.model.policy_in_force import PolicyInForce
    from sluice.usecases.delivering import Paging


@cache
def client(service: str) -> Any:
    """A botocore client (boto3 would cost a tenth of the cold start for nothing that is used here)."""
    from botocore.config import Config

    config = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=3, read_timeout=10)
    return _session().create_client(service, config=config)


@cache
def _session() -> Any:
    from botocore.session import get_session

    return get_session()


@cache
def clock() -> SystemClock:
    """The clock."""
    return SystemClock()


@cache
def records() -> DynamoRecords:
    """Records, ledger and outbox, written together."""
    told = read(RecordsSettings)
    return DynamoRecords(client("dynamodb"), told.control_table, told.ledger_table, told.outbox_table)


@cache
def outbox() -> "DynamoOutbox":
    """The messages that wait."""
    from sluice.adapters.outbox import DynamoOutbox

    return DynamoOutbox(client("dynamodb"), os.environ["OUTBOX_TABLE"])


@cache
def tokens() -> "DynamoTokens":
    """The task tokens."""
    from sluice.adapters.tokens import DynamoTokens

    return DynamoTokens(client("dynamodb"), os.environ["TOKENS_TABLE"])


@cache
def ledger() -> "DynamoLedger":
    """The ledger, for reading."""
    from sluice.adapters.ledger_table import DynamoLedger

    told = read(RecordsSettings)
    return DynamoLedger(client("dynamodb"), ledger_table=told.ledger_table, control_table=told.control_table)


@cache
def reviews() -> "S3Reviews":
    """The drafts of reviews, in the archive."""
    from sluice.adapters.reviews import S3Reviews

    return S3Reviews(client("s3"), os.environ["ARCHIVE_BUCKET"])


@cache
def ledger_export() -> "S3LedgerArchive":
    """The locked archive of the ledger."""
    from sluice.adapters.ledger_archive import S3LedgerArchive

    return S3LedgerArchive(client("s3"), os.environ["ARCHIVE_BUCKET"])


@cache
def registry() -> "SageMakerRegistry":
    """SageMaker Model Registry."""
    from sluice.adapters.registry import SageMakerRegistry

    return SageMakerRegistry(client("sagemaker"))


@cache
def endpoints() -> "SageMakerEndpoints":
    """SageMaker hosting."""
    from sluice.adapters.endpoints import SageMakerEndpoints

    return SageMakerEndpoints(client("sagemaker"))


@cache
def scaling() -> "ApplicationScaling":
    """Application Auto Scaling of production variants."""
    from sluice.adapters.scaling import ApplicationScaling

    return ApplicationScaling(client("application-autoscaling"))


@cache
def metrics() -> "CloudWatchMetrics":
    """CloudWatch metrics."""
    from sluice.adapters.metrics import CloudWatchMetrics

    return CloudWatchMetrics(client("cloudwatch"))


@cache
def alarms() -> "CloudWatchAlarms":
    """CloudWatch alarms."""
    from sluice.adapters.alarms import CloudWatchAlarms

    return CloudWatchAlarms(client("cloudwatch"))


@cache
def seen_alarms() -> "CloudWatchSeenAlarms":
    """CloudWatch alarms, as they are read."""
    from sluice.adapters.seen_alarms import CloudWatchSeenAlarms

    return CloudWatchSeenAlarms(client("cloudwatch"))


@cache
def monitors() -> "SageMakerMonitors":
    """SageMaker Model Monitor."""
    from sluice.adapters.monitors import SageMakerMonitors

    return SageMakerMonitors(client("sagemaker"))


@cache
def quotas() -> "HostingQuotas":
    """Quotas of SageMaker hosting."""
    from sluice.adapters.quotas import HostingQuotas

    return HostingQuotas(client("service-quotas"), metrics(), clock())


@cache
def parameters() -> "SsmParameters":
    """Parameter Store."""
    from sluice.adapters.parameters import SsmParameters

    return SsmParameters(client("ssm"))


@cache
def executions() -> "MachineExecutions":
    """The `release` state machine, for starting it."""
    from sluice.adapters.executions import MachineExecutions

    return MachineExecutions(client("stepfunctions"), os.environ["RELEASE_MACHINE_ARN"])


@cache
def rollout_executions() -> "MachineExecutions":
    """The `rollout` state machine, for starting it."""
    from sluice.adapters.executions import MachineExecutions

    return MachineExecutions(client("stepfunctions"), os.environ["ROLLOUT_MACHINE_ARN"])


@cache
def incident_executions() -> "MachineExecutions":
    """The `incident` state machine, for starting it."""
    from sluice.adapters.executions import MachineExecutions

    return MachineExecutions(client("stepfunctions"), os.environ["INCIDENT_MACHINE_ARN"])


@cache
def rollback_executions() -> "MachineExecutions":
    """The `rollback` state machine, for starting it."""
    from sluice.adapters.executions import MachineExecutions

    return MachineExecutions(client("stepfunctions"), os.environ["ROLLBACK_MACHINE_ARN"])


@cache
def waiting() -> "WaitingExecutions":
    """The executions that wait for an answer."""
    from sluice.adapters.executions import WaitingExecutions

    return WaitingExecutions(client("stepfunctions"))


@cache
def timers() -> "SchedulerTimers":
    """The timers of approvals."""
    from sluice.adapters.timers import SchedulerTimers, TimerTarget

    told = read(TimerSettings)
    target = TimerTarget(told.timer_group, told.decisions_queue_arn, told.timer_role_arn, told.timer_dlq_arn)
    return SchedulerTimers(client("scheduler"), target)


@cache
def secret(variable: str) -> "Secret":
    """The secret whose ARN an environment variable names."""
    return secret_at(os.environ[variable])


@cache
def secret_at(arn: str) -> "Secret":
    """The secret of an ARN."""
    from sluice.adapters.secrets import Secret

    return Secret(client("secretsmanager"), arn, monotonic=time.monotonic)


@cache
def paging() -> "Paging":
    """Those who are called from outside Slack."""
    from sluice.adapters.hooks import SignedHooks
    from sluice.adapters.pagerduty import PagerDuty
    from sluice.adapters.topics import SnsTopics
    from sluice.usecases.delivering import Paging

    pager = PagerDuty(os.environ["PAGERDUTY_URL"], secret_at, monotonic=time.monotonic)
    return Paging(pager, SnsTopics(lambda: client("sns")), SignedHooks(secret_at))


@cache
def chat(*, timeout_s: int = 10) -> "SlackChat":
    """Slack."""
    from sluice.adapters.chat import SlackChat

    told = read(SlackSettings)
    token = secret("SLACK_TOKEN_SECRET_ARN")  # the name of a variable
    return SlackChat(told.slack_api_url, token.value, timeout_s=timeout_s)


@cache
def command_queue() -> "SqsCommandQueue":
    """The decisions queue."""
    from sluice.adapters.command_queue import SqsCommandQueue

    return SqsCommandQueue(client("sqs"), os.environ["DECISIONS_QUEUE_URL"])


@cache
def dead_letters() -> "DeadLetters":
    """Where this function puts what it cannot handle."""
    from sluice.adapters.command_queue import DeadLetters

    return DeadLetters(client("sqs"), os.environ["DEAD_LETTER_QUEUE_URL"])


@cache
def ids() -> "RandomIds":
    """Random identifiers."""
    from sluice.adapters.ids import RandomIds

    return RandomIds()


@cache
def event_bus() -> "SluiceBus":
    """Sluice's own event bus."""
    from sluice.adapters.event_bus import SluiceBus

    return SluiceBus(client("events"), os.environ["EVENT_BUS_NAME"])


@cache
def judgements() -> "S3Judgements":
    """What the gates found, in the archive."""
    from sluice.adapters.archive import S3Judgements

    return S3Judgements(client("s3"), os.environ["ARCHIVE_BUCKET"])


@cache
def documents() -> "S3Documents":
    """The documents that model packages point to."""
    from sluice.adapters.documents import S3Documents

    return S3Documents(client("s3"))


@cache
def lineage() -> "SageMakerLineage":
    """What SageMaker knows of where models came from."""
    from sluice.adapters.lineage import SageMakerLineage

    return SageMakerLineage(client("sagemaker"))


@cache
def evidence_archive() -> "S3EvidenceArchive":
    """The archived evidence."""
    from sluice.adapters.archive import S3EvidenceArchive

    return S3EvidenceArchive(client("s3"), os.environ["ARCHIVE_BUCKET"])


def default_policy(group: GroupName) -> "PolicyInForce":
    """The stack's default policy for a group without one: pydantic and YAML are imported only when it is needed."""
    from sluice.usecases.default_policy import default_policy_in_force

    return default_policy_in_force(os.environ["DEFAULT_POLICY"], group)
