"""Each sample of events/ is taken by the parser of its function or turned away with a reason; none is a surprise."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.pagerduty_webhook.app import handler as pagerduty_handler
from functions.slack_interactions.app import handler as slack_handler
from sluice import wiring
from sluice.adapters.ledger_stream import arrived_of
from sluice.adapters.outbox import pending_of
from sluice.batches import handle_batch
from sluice.core.ledger import genesis, hash_of, head_of
from sluice.errors import InvalidInput
from sluice.model.alarm_event import AlarmEvent
from sluice.model.commands import from_json
from sluice.model.commit import MessageKind
from sluice.model.endpoint_event import EndpointEvent
from sluice.model.ids import Micros
from sluice.model.ledger import LedgerRecord, Unreadable
from sluice.model.monitor_event import JobEvent, ViolationEvent, monitor_event
from sluice.model.package_event import PackageEvent
from sluice.model.parameter_event import ParameterEvent
from sluice.model.production_event import production_event
from sluice.model.rollout_commands import WakeRollout
from sluice.model.rollout_event import RolloutRequestedEvent
from sluice.model.trail_event import ApiCall
from tests.event_samples import files, from_outside, sample, statements, takers_of

PARSERS: dict[str, Any] = {
    "functions/admit_model_package": PackageEvent.parse,
    "functions/validate_policy": ParameterEvent.parse,
    "functions/record_decision": from_json,
    "functions/admit_endpoint_change": production_event,
    "functions/admit_alarm": AlarmEvent.parse,
    "functions/admit_monitoring": monitor_event,
    "functions/admit_rollout": RolloutRequestedEvent.parse,
}
TAKEN = [file for file in from_outside() if takers_of(file)]
LEFT_ALONE = [file for file in from_outside() if not takers_of(file)]
# Slack's documentation prints it as an example; the samples are signed with it.
EXAMPLE_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


@dataclass
class KeptAside:
    reasons: list[str] = field(default_factory=list)

    def put(self, body: str, *, error: Exception) -> None:
        self.reasons.append(str(error))


def test_every_sample_is_listed_once() -> None:
    listed = Counter(statement.file for statement in statements())

    assert sorted(listed) == files()
    assert set(listed.values()) == {1}


@pytest.mark.parametrize("statement", statements(), ids=lambda s: s.file)
def test_the_index_says_who_takes_or_emits_a_sample_or_why_it_is_ignored(statement: Any) -> None:
    ours = statement.file.startswith("domain/")
    said = [bool(statement.takers), statement.ignored]

    # What Sluice emits it may take itself, on its own bus.
    assert bool(statement.emitters) == ours, statement.says
    assert said.count(True) == 1 or (ours and not statement.ignored), statement.says
    assert len(statement.says) > len("ignored: ")


@pytest.mark.parametrize("file", TAKEN)
def test_what_is_taken_is_understood_by_the_parser_of_its_function(file: str) -> None:
    (function,) = takers_of(file)
    detail = sample(file)["detail"]

    told = PARSERS[function](sample(file))

    match told:
        case PackageEvent():
            assert told.arn.text == detail["ModelPackageArn"]
        case EndpointEvent():
            assert told.name.lower() == detail["EndpointName"].lower()
        case AlarmEvent():
            assert told.name == detail["alarmName"]
        case ApiCall():
            assert told.operation.value == detail["eventName"]
        case JobEvent():
            assert told.name == detail["ProcessingJobName"]
        case ViolationEvent():
            assert told.monitor == detail["monitor"]
        case WakeRollout():
            assert detail["alarmName"].endswith(told.rollout_id)
        case _:
            assert told.name == detail["name"]


@pytest.mark.parametrize("file", [f for f in TAKEN if f.startswith("sagemaker_model_package")])
def test_a_package_event_names_its_package_account_and_region(file: str) -> None:
    event = sample(file)

    told = PackageEvent.parse(event)

    assert told.arn.text == event["detail"]["ModelPackageArn"]
    assert told.arn.version == event["detail"]["ModelPackageVersion"]
    assert told.arn.group.lower() == event["detail"]["ModelPackageGroupName"].lower()
    assert (told.account, told.region) == (event["account"], event["region"])


def test_only_an_edit_of_the_approval_status_counts_as_one() -> None:
    packages = [file for file in TAKEN if file.startswith("sagemaker_model_package")]

    edits = {file for file in packages if PackageEvent.parse(sample(file)).status_changed}

    assert edits == {"sagemaker_model_package_approved.json"}


@pytest.mark.parametrize("file", [f for f in TAKEN if f.startswith("ssm_")])
def test_a_parameter_event_names_its_parameter_and_operation(file: str) -> None:
    detail = sample(file)["detail"]

    told = ParameterEvent.parse(sample(file))

    assert (told.name, told.operation) == (detail["name"], detail["operation"])


def test_every_operation_of_parameter_store_has_a_sample() -> None:
    operations = {ParameterEvent.parse(sample(f)).operation for f in TAKEN if f.startswith("ssm_")}

    assert operations == {"Create", "Update", "Delete", "LabelParameterVersion"}


# No rule matches it, since its name is not ours; apart from the name it is an event like ours.
@pytest.mark.parametrize("file", [f for f in LEFT_ALONE if f != "ssm_parameter_store_update.json"])
@pytest.mark.parametrize("function", list(PARSERS))
def test_what_is_ignored_is_turned_away_by_every_parser_in_words(function: str, file: str) -> None:
    with pytest.raises(InvalidInput) as turned_away:
        PARSERS[function](sample(file))

    assert len(str(turned_away.value)) > 10


@pytest.mark.parametrize("function", list(PARSERS))
def test_a_foreign_message_goes_aside_with_its_reason_and_its_neighbours_go_on(function: str) -> None:
    bodies = [json.dumps(sample(file)) for file in from_outside()]
    batch = {"Records": [{"messageId": str(n), "body": body} for n, body in enumerate([*bodies, "[" * 200_000, ""])]}
    aside, parsed = KeptAside(), list[Any]()

    answer = handle_batch(batch, lambda message: parsed.append(PARSERS[function](message)), aside)

    assert answer == {"batchItemFailures": []}
    assert len(parsed) >= sum(takers_of(file) == [function] for file in from_outside())
    assert len(parsed) + len(aside.reasons) == len(batch["Records"])


def test_a_batch_of_foreign_sqs_messages_is_put_aside() -> None:
    batch, aside, parsed = sample("powertools_sqsEvent.json"), KeptAside(), list[Any]()

    answer = handle_batch(batch, lambda message: parsed.append(PackageEvent.parse(message)), aside)

    assert answer == {"batchItemFailures": []}
    assert parsed == []
    assert aside.reasons == ["the message is not JSON", "not an EventBridge event with a detail object"]


@pytest.mark.parametrize(
    "queue",
    [
        "admission_queue",
        "endpoint_queue",
        "alarm_queue",
        "monitoring_queue",
        "policy_queue",
        "decisions_queue",
        "rollout_queue",
    ],
)
def test_a_batch_of_a_queue_is_handled_whole(queue: str) -> None:
    batch, aside, parsed = sample(f"deliveries/{queue}.json"), KeptAside(), list[Any]()
    (function,) = takers_of(f"deliveries/{queue}.json")

    handle_batch(batch, lambda message: parsed.append(PARSERS[function](message)), aside)

    assert len(parsed) == len(batch["Records"])
    assert aside.reasons == []


def test_a_batch_of_the_outbox_holds_messages_that_wait() -> None:
    images = [record["dynamodb"]["NewImage"] for record in sample("deliveries/outbox_stream.json")["Records"]]

    kinds = [pending_of(image).message.kind for image in images]

    assert kinds == [MessageKind.DOMAIN_EVENT, MessageKind.CARD]


def test_a_batch_of_the_ledger_holds_records_that_follow_each_other() -> None:
    arrived = [a.record for a in arrived_of(sample("deliveries/ledger_stream.json"))]

    records = [record for record in arrived if isinstance(record, LedgerRecord)]

    assert len(records) == len(arrived)
    assert [r.hash for r in records] == [hash_of(r) for r in records]
    assert [r.prev for r in records] == [genesis(records[0].chain).hash, head_of(records[0]).hash]


def test_a_stream_of_a_foreign_table_arrives_as_unreadable() -> None:
    arrived = arrived_of(sample("powertools_dynamoStreamEvent.json"))

    assert [type(a.record) for a in arrived] == [Unreadable, Unreadable]
    with pytest.raises(InvalidInput):
        pending_of(sample("powertools_dynamoStreamEvent.json")["Records"][0]["dynamodb"]["NewImage"])


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> "SlackEntry":
    """The real entry, with the example secret, the time of the samples, and a queue to look at."""
    entry = SlackEntry()
    monkeypatch.setattr(wiring, "secret", lambda _variable: entry)
    monkeypatch.setattr(wiring, "clock", lambda: entry)
    monkeypatch.setattr(wiring, "command_queue", lambda: entry)
    monkeypatch.setattr(wiring, "chat", lambda **_settings: entry)
    return entry


@dataclass
class SlackEntry:
    """Secret, clock and queue in one; nothing here writes to Slack."""

    queued: list[Any] = field(default_factory=list)

    def values(self) -> tuple[str, ...]:
        return (EXAMPLE_SECRET,)

    def now(self) -> Micros:
        return Micros(1_780_000_001_000_000)

    def send(self, command: Any) -> None:
        self.queued.append(command)


def test_a_press_on_the_card_becomes_a_vote_on_the_queue(slack: SlackEntry) -> None:
    answer = slack_handler(sample("deliveries/slack_interactions.json"), None)

    assert answer["statusCode"] == 200
    assert [{**c, "pressed_at": 0} for c in slack.queued] == [{**sample("commands/CastVote.json"), "pressed_at": 0}]


def test_a_slash_command_is_answered_at_once(slack: SlackEntry) -> None:
    answer = slack_handler(sample("deliveries/slack_commands.json"), None)

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["response_type"] == "ephemeral"
    assert slack.queued == []


def test_what_a_person_wrote_in_a_thread_becomes_a_command_on_the_queue(slack: SlackEntry) -> None:
    answer = slack_handler(sample("deliveries/slack_events.json"), None)

    assert answer == {"statusCode": 200, "body": ""}
    assert slack.queued == [sample("commands/NoteIncident.json")]


def test_an_acknowledgement_at_pagerduty_becomes_a_command_on_the_queue(
    slack: SlackEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGERDUTY_WEBHOOK_SECRET_ARN", "arn")

    answer = pagerduty_handler(sample("deliveries/pagerduty_webhooks.json"), None)

    assert answer["statusCode"] == 202
    assert slack.queued == [sample("commands/PagerSaid.json")]


@pytest.mark.parametrize("handler", [slack_handler, pagerduty_handler])
@pytest.mark.parametrize("file", ["powertools_apiGatewayProxyV2Event.json", "powertools_lambdaFunctionUrlEvent.json"])
def test_a_foreign_http_request_is_turned_away(
    slack: SlackEntry, monkeypatch: pytest.MonkeyPatch, file: str, handler: Any
) -> None:
    monkeypatch.setenv("PAGERDUTY_WEBHOOK_SECRET_ARN", "arn")

    answer = handler(sample(file), None)

    assert answer["statusCode"] == 401
    assert slack.queued == []
