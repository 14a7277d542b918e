"""What the use cases need from the world, one small Protocol a need; adapters/ has an implementation of each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from sluice.model.commit import Commit, RecordKey, Stored
from sluice.model.endpoint import EndpointConfig, EndpointSeen, ScalingSeen
from sluice.model.evidence import Evidence, Fetched, PipelineRun, Training, Unread
from sluice.model.ids import ApprovalId, Digest, GroupName, Micros, PackageArn
from sluice.model.judgement import Judgement
from sluice.model.ledger import LedgerRecord, Noted, Unreadable
from sluice.model.metric_query import AlarmPlan, MetricQuery, MinuteValues
from sluice.model.outbox import PendingMessage
from sluice.model.package import ModelPackage, PackageSummary, RegistryStatus
from sluice.model.parameter import Labelling, Parameter
from sluice.model.posted import Posted
from sluice.model.release import BrokenExecution


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> Micros:
        """The present moment."""
        ...


class Ids(Protocol):
    """Makes identifiers that nobody can guess."""

    def new(self) -> str:
        """A fresh random id of at least 128 bits, as lower-case hex."""
        ...


class Records(Protocol):
    """Everything Sluice remembers, with optimistic concurrency."""

    def load(self, key: RecordKey) -> Stored | None:
        """Read one record, strongly consistent."""
        ...

    def commit(self, commit: Commit, *, at: Micros) -> None:
        """Write all of a commit or nothing; raises StaleRecord when a saved record has changed since it was read.

        Ledger entries take the next numbers of their chains; a lost race for a number is repeated inside. An entry
        whose key is already in its chain and a message whose id is already in the outbox are left as they are.
        """
        ...

    def due(self, kind: str, *, before: Micros) -> Iterator[Stored]:
        """Records of a kind whose `due_at` lies before a moment, the earliest first."""
        ...


class Registry(Protocol):
    """SageMaker Model Registry: the versions of the model groups and their approval status."""

    def describe(self, arn: PackageArn) -> ModelPackage | None:
        """A model package as it is now, or None when there is none."""
        ...

    def latest_approved(self, group: GroupName, *, other_than: PackageArn) -> PackageArn | None:
        """The newest version that is Approved and Completed, leaving one out; None for a group that is not there."""
        ...

    def recent(self, *, since: Micros) -> Iterator[PackageSummary]:
        """Versions of every group that were created since a moment, the newest first."""
        ...

    def set_status(self, arn: PackageArn, *, status: RegistryStatus, description: str, client_token: str) -> None:
        """Set the approval status; a repeated call with the same token is one call."""
        ...


class Documents(Protocol):
    """The documents that model packages point to."""

    def fetch(self, uri: str, *, limit: int) -> Fetched:
        """A document of at most `limit` bytes, or why there is none; raises TransientFailure if S3 cannot serve now."""
        ...


class LineageSource(Protocol):
    """What SageMaker knows of where a model came from."""

    def training_job(self, arn: str) -> Training | Unread:
        """A training job, or why it cannot be read."""
        ...

    def pipeline_run(self, arn: str) -> PipelineRun | Unread:
        """A pipeline execution with what its steps made, or why it cannot be read."""
        ...


class EvidenceArchive(Protocol):
    """Evidence, kept for good under its digest."""

    def keep(self, evidence: Evidence) -> Digest:
        """Keep evidence; the same again changes nothing."""
        ...

    def load(self, digest: str) -> Evidence:
        """Read evidence; raises PermanentFailure when it is gone or is not what its digest says."""
        ...


class Judgements(Protocol):
    """What the gates found, kept in the archive."""

    def keep(self, judgement: Judgement) -> str:
        """Keep a judgement; returns the reference to load it by."""
        ...

    def load(self, ref: str) -> Judgement:
        """Read a judgement by the reference that checking the gates gave; raises PermanentFailure when it is gone."""
        ...


class Executions(Protocol):
    """Executions of one state machine."""

    def start(self, name: str, given: Mapping[str, Any]) -> None:
        """Start the execution of that name; one that was ever started under it is left alone."""
        ...

    def status(self, name: str) -> str | None:
        """What Step Functions says of the execution of that name, such as RUNNING; None when it was never started."""
        ...

    def broken(self, *, since: Micros) -> Iterator[BrokenExecution]:
        """Executions of `release` that failed, timed out or were aborted since a moment."""
        ...


class Waiting(Protocol):
    """Executions that wait for an answer."""

    def resume(self, task_token: str, answer: Mapping[str, Any]) -> bool:
        """Hand an answer to a waiting task; False when nobody waits under that token any more."""
        ...


class Endpoints(Protocol):
    """SageMaker endpoints with their configurations and models. Every name is given, so that a repeat is one effect.

    A change raises TransientFailure when the same call may succeed later, CapacityRefused when AWS has no room, and
    EndpointBusy when the endpoint takes no change now.
    """

    def describe(self, name: str) -> EndpointSeen | None:
        """An endpoint as it is now, or None when there is none."""
        ...

    def config(self, name: str) -> EndpointConfig | None:
        """A configuration in the shape that CreateEndpointConfig takes, or None when there is none."""
        ...

    def model_package_of(self, model: str) -> str | None:
        """ARN of the package that a model was made of, or None when it was made otherwise or is gone."""
        ...

    def create_model(
        self, name: str, *, package_arn: str, settings: Mapping[str, Any], tags: Mapping[str, str]
    ) -> None:
        """Make a model of a package, with `settings` as `model_settings` gives them.

        One that is there under the name, of the same package, is fine; of another it is a PermanentFailure.
        """
        ...

    def model_settings(self, name: str) -> Mapping[str, Any]:
        """ExecutionRoleArn, VpcConfig and EnableNetworkIsolation of a model, as CreateModel takes them."""
        ...

    def create_config(self, config: EndpointConfig, *, tags: Mapping[str, str]) -> None:
        """Make a configuration; the same under the same name is fine, another under it is a PermanentFailure."""
        ...

    def create(self, name: str, *, config: str, tags: Mapping[str, str]) -> None:
        """Make an endpoint; one that is there with that configuration is fine, with another a PermanentFailure."""
        ...

    def update(
        self, name: str, *, config: str, retain: bool = False, deployment: Mapping[str, Any] | None = None
    ) -> None:
        """Change to another configuration; one that serves or is being deployed already is fine.

        `retain` keeps counts and weights of variants that are in both. `deployment` is a DeploymentConfig; without it
        SageMaker replaces the fleet all at once.
        """
        ...

    def set_weights(self, name: str, weights: Mapping[str, float]) -> None:
        """Change the weights of variants."""
        ...

    def set_counts(self, name: str, counts: Mapping[str, int]) -> None:
        """Change the instance counts of variants."""
        ...

    def delete_config(self, name: str) -> None:
        """Delete a configuration that serves nowhere; one that is gone is fine.

        SageMaker deletes one in use as well, and the endpoint could not be updated any more: the caller has looked.
        """
        ...


class Scaling(Protocol):
    """Application Auto Scaling of production variants."""

    def of_variant(self, endpoint: str, variant: str) -> ScalingSeen | None:
        """The scalable target of a variant with its policies, or None when it is not scaled."""
        ...

    def register(self, seen: ScalingSeen) -> None:
        """Register the target and put policies and scheduled actions as they were seen; repeating changes nothing."""
        ...

    def deregister(self, endpoint: str, variant: str) -> None:
        """Take the target away, with its policies and scheduled actions; one that is gone is fine."""
        ...


class Metrics(Protocol):
    """CloudWatch metrics."""

    def by_minute(self, queries: Sequence[MetricQuery], *, start: Micros, end: Micros) -> Mapping[str, MinuteValues]:
        """Each query's values by minute (index 0 is the minute of `start`); None where CloudWatch has none.

        Only minutes that are over by `end` are asked for; those of the last 15 days are kept. Raises TransientFailure
        for an answer that CloudWatch itself calls incomplete: silence and a partial answer are not the same.
        """
        ...

    def publish_verdict(self, *, endpoint: str, rollout_id: str, rejected: bool, at: Micros) -> None:
        """Tell the alarm that a guarded deployment watches what the judge says."""
        ...


class Alarms(Protocol):
    """The CloudWatch alarms that a rollout makes for its own time."""

    def put(self, alarm: AlarmPlan) -> None:
        """Make or replace an alarm."""
        ...

    def delete(self, names: Sequence[str]) -> None:
        """Delete alarms; those that are gone are fine."""
        ...

    def in_alarm(self, names: Sequence[str]) -> frozenset[str]:
        """Which of these are in ALARM now."""
        ...


class Quotas(Protocol):
    """Service Quotas of SageMaker hosting."""

    def endpoint_instances(self, instance_type: str) -> int | None:
        """How many instances of a type endpoints may use in this region, or None when it cannot be told."""
        ...

    def instances_in_use(self, instance_type: str) -> int | None:
        """How many instances of a type endpoints use now, or None when it cannot be told."""
        ...


class Timers(Protocol):
    """One-off wake-ups."""

    def set(self, name: str, *, at: Micros, command: Mapping[str, Any]) -> None:
        """Send a command to the decisions queue at a moment; a timer that is already set under the name stays."""
        ...

    def cancel(self, name: str) -> None:
        """Take a timer back; one that is gone is fine."""
        ...


class Chat(Protocol):
    """Slack, as far as the bot may use it."""

    def post(self, channel: str, *, text: str, blocks: Sequence[Mapping[str, Any]] = ()) -> Posted:
        """Post a message to a channel or person."""
        ...

    def update(self, channel: str, ts: str, *, text: str, blocks: Sequence[Mapping[str, Any]] = ()) -> bool:
        """Replace one of our own messages; False when it is not there any more."""
        ...

    def whisper(self, channel: str, user: str, *, text: str) -> None:
        """Show a text to one person in a channel."""
        ...

    def open_view(self, trigger_id: str, view: Mapping[str, Any]) -> None:
        """Open a modal; the trigger lives 3 seconds."""
        ...

    def group_members(self, user_group: str) -> frozenset[str]:
        """Ids of the people of a user group."""
        ...


class CommandQueue(Protocol):
    """The decisions queue, for those who ask."""

    def send(self, command: Mapping[str, Any]) -> None:
        """Put one command on the queue."""
        ...


class EventBus(Protocol):
    """Sluice's own event bus."""

    def publish(self, detail_type: str, detail: Mapping[str, Any]) -> None:
        """Publish a domain event."""
        ...


class Outbox(Protocol):
    """Messages that wait for delivery; `Records.commit` puts them there."""

    def pending(self, *, before: Micros) -> Iterator[PendingMessage]:
        """Messages due before a moment, the earliest first."""
        ...

    def claim(self, pending: PendingMessage, *, until: Micros) -> PendingMessage | None:
        """Begin a delivery: nobody else begins one until the given moment.

        None when another deliverer was faster or the message waits no longer, so that of two at once one sends.
        """
        ...

    def mark_sent(self, claimed: PendingMessage, *, at: Micros) -> None:
        """The message was accepted; it is never due again."""
        ...

    def mark_failed(self, claimed: PendingMessage, *, due_at: Micros, reason: str) -> None:
        """The delivery failed and is to be begun again at a moment; nothing if someone else took the message since."""
        ...

    def mark_dead(self, claimed: PendingMessage, *, reason: str) -> None:
        """The message cannot be delivered; kept with its reason, never due again. Nothing if someone else took it."""
        ...


class Tokens(Protocol):
    """Task tokens of waiting approvals. Whoever holds one can end the wait: a token is never logged or shown."""

    def put(self, approval_id: ApprovalId, token: str, *, expires: Micros) -> None:
        """Keep the newest token of an approval; it may be forgotten some time after `expires`."""
        ...

    def get(self, approval_id: ApprovalId) -> str | None:
        """The token, strongly consistent, or None when there is none (any more)."""
        ...

    def forget(self, approval_id: ApprovalId) -> None:
        """Delete the token if it is there."""
        ...


class LedgerReading(Protocol):
    """The ledger as it stands in its table."""

    def chains(self) -> frozenset[str]:
        """Names of all chains that have a record."""
        ...

    def read(self, chain: str, *, after: int = 0) -> Iterator[LedgerRecord | Unreadable]:
        """Records of a chain by number, strongly consistent, including those written while it is read."""
        ...

    def newest_marker(self, chain: str) -> Noted | None:
        """The newest head that the markers of the chain's entry keys know: a witness kept in another table."""
        ...


class LedgerExport(Protocol):
    """Takes ledger records into an archive that nobody can change."""

    def write(self, run: Sequence[LedgerRecord]) -> None:
        """Keep a gapless run of one chain; the same run again is one write, another one in its place is refused."""
        ...


class LedgerArchive(Protocol):
    """The exported ledger, as it was first written."""

    def chains(self) -> frozenset[str]:
        """Names of all chains that have an export."""
        ...

    def read(self, chain: str) -> Iterator[LedgerRecord | Unreadable]:
        """Exported records of a chain by number; a number that was exported several times comes several times."""
        ...


class Parameters(Protocol):
    """Parameter Store, where policies, people and schedules are written."""

    def read(self, name: str) -> Parameter | None:
        """The newest version of a parameter, or None when there is none."""
        ...

    def read_all(self) -> Iterator[Parameter]:
        """Every parameter that may hold a document of ours."""
        ...

    def written_by(self, name: str, version: int) -> str | None:
        """ARN of who wrote a version, or None when that version is kept no longer."""
        ...

    def labelled(self, name: str, label: str) -> int | None:
        """The version that carries a label, or None when none does."""
        ...

    def label(self, name: str, version: int, label: str) -> Labelling:
        """Put a label on a version, taking it from the version that had it; repeating it changes nothing."""
        ...
