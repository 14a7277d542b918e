"""What Sluice announces on its bus is what the samples and their schema promise."""

import ast
from dataclasses import dataclass, replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sluice.adapters.event_bus import SOURCE
from sluice.core.rollback.ending import told_of
from sluice.core.rollback.requesting import new_rollback
from sluice.model.approval import Mode, OnExpiry, Tier, Timing
from sluice.model.codec import encode
from sluice.model.commit import Commit, Message, MessageKind
from sluice.model.ids import Digest, Micros
from sluice.model.package import RegistryStatus
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.production import Served
from sluice.model.records import PackageRecord, PolicyRecord
from sluice.model.release import Answer, Outcome, Release, Route
from sluice.model.rollback import Decision, Rollback, RollbackOutcome
from sluice.model.rollout import RolloutOutcome
from sluice.model.signal import Cause
from sluice.usecases.conclude_release import Concluding, Ending, conclude_release
from sluice.usecases.incident.telling import opened_event
from sluice.usecases.messages import domain_event
from sluice.usecases.remembering import keep
from sluice.usecases.rollout.conclude_rollout import finished
from tests.event_samples import ROOT, files, sample
from tests.fakes.evidence import FakeJudgements
from tests.fakes.records import FakeRecords
from tests.fakes.registry import FakeRegistry
from tests.packages import GROUP, a_package
from tests.rollout_records import a_rollout, ended
from tests.trouble import a_signal, an_incident

EMITTED = [file for file in files() if file.startswith("domain/")]
SCHEMA = Draft202012Validator(sample("domain/schema.json"))
RELEASE = Release(f"{GROUP}/7/1", a_package().arn.text, GROUP, 7, 1, "us-east-1")
PENDING = RegistryStatus.PENDING
STATUS = {
    Outcome.APPROVED: RegistryStatus.APPROVED,
    Outcome.REJECTED: RegistryStatus.REJECTED,
    Outcome.GATES_FAILED: RegistryStatus.REJECTED,
    Outcome.EXPIRED: RegistryStatus.REJECTED,
}


@dataclass
class StoppedClock:
    def now(self) -> Micros:
        return Micros(1_780_000_000_000_000)


def _emitted(outcome: Outcome, *, registry: FakeRegistry | None = None) -> list[dict[str, Any]]:
    """The bodies of the domain events that a release with this end leaves in the outbox."""
    records, now = FakeRecords(), StoppedClock().now()
    package = a_package(status=STATUS.get(outcome, PENDING))
    record = PackageRecord(package.arn.key, GROUP, 7, PENDING.value, now, Mode.ENFORCE, generation=1, started=True)
    policy = PolicyRecord(_policy(), "{}", now)
    saves = (keep(None, record, record.arn), keep(None, policy, GROUP))
    records.commit(Commit(saves=saves), at=now)
    world = Concluding(
        records=records,
        registry=registry or FakeRegistry(package),
        judgements=FakeJudgements(),
        default_policy=lambda _group: policy.in_force,
        clock=StoppedClock(),
        channel="C0MODELS",
    )
    wanted = STATUS[outcome].value if outcome in STATUS else ""
    answer = Answer(Route.CONCLUDE, outcome, status=wanted)
    conclude_release(Ending(RELEASE, answer, error="a step failed" if outcome is Outcome.FAILED else ""), world)
    messages = [row.message for row in records.outbox.values()]
    return [dict(m.body) for m in messages if m.kind is MessageKind.DOMAIN_EVENT]


def _policy() -> PolicyInForce:
    timing = Timing(86_400, OnExpiry.REJECT)
    return PolicyInForce(GROUP, Digest("sha256:" + "cd" * 32), Tier.STANDARD, Mode.ENFORCE, "fraud", (), timing)


def _delivered(body: dict[str, Any]) -> dict[str, Any]:
    """The event as EventBridge delivers it, in the envelope of the sample of its name."""
    envelope: dict[str, Any] = sample(f"domain/{body['detail_type']}.json")
    return envelope | {"detail-type": body["detail_type"], "detail": body["detail"]}


@pytest.mark.parametrize("file", EMITTED)
def test_a_sample_keeps_to_the_schema_and_is_named_by_its_event(file: str) -> None:
    SCHEMA.validate(sample(file))

    assert file == f"domain/{sample(file)['detail-type']}.json"
    assert sample(file)["source"] == SOURCE


@pytest.mark.parametrize("outcome", Outcome)
def test_every_end_of_a_release_is_announced_once_and_keeps_to_the_schema(outcome: Outcome) -> None:
    (body,) = _emitted(outcome)

    SCHEMA.validate(_delivered(body))
    assert body["detail"]["outcome"] == outcome.value


@pytest.mark.parametrize("outcome", Outcome)
def test_what_is_announced_has_the_fields_and_types_of_its_sample(outcome: Outcome) -> None:
    (body,) = _emitted(outcome)

    detail = sample(f"domain/{body['detail_type']}.json")["detail"]

    assert {k: type(v) for k, v in body["detail"].items()} == {k: type(v) for k, v in detail.items()}


def test_every_sample_is_announced_by_a_release_a_rollout_a_rollback_or_an_incident() -> None:
    of_releases = {body["detail_type"] for outcome in Outcome for body in _emitted(outcome)}
    of_others = {message.body["detail_type"] for message in (*_of_rollouts(), *_of_rollbacks(), *_of_incidents())}

    assert {f"domain/{name}.json" for name in of_releases | of_others} == set(EMITTED)


def test_what_is_announced_of_rollouts_and_incidents_keeps_to_the_schema_and_has_the_fields_of_its_sample() -> None:
    for message in (*_of_rollouts(), *_of_rollbacks(), *_of_incidents()):
        body = dict(message.body)

        SCHEMA.validate(_delivered(body))
        assert body["detail"].keys() == sample(f"domain/{body['detail_type']}.json")["detail"].keys()


def _of_rollouts() -> list[Message]:
    """What each end of a rollout announces, and the wish for one."""
    asked = domain_event("r", "RolloutRequested", encode(a_rollout().request))
    ends = [ended(outcome, "because") for outcome in RolloutOutcome]
    return [asked, *map(finished, ends)]


def _of_rollbacks() -> list[Message]:
    """What each end of a rollback announces."""
    asked = new_rollback(an_incident(), a_signal(), at=StoppedClock().now())
    left = Served("fraud-scoring-v8-f2", a_package().arn.text, 8, StoppedClock().now())
    ends = [replace(asked, left=left, decision=Decision.ROLL_BACK, outcome=outcome) for outcome in RollbackOutcome]
    return [domain_event(over.id, "RollbackFinished", told_of(over)) for over in (*ends, asked_and_held(asked))]


def asked_and_held(asked: Rollback) -> Rollback:
    """One that came to its end before anything was decided."""
    return replace(asked, outcome=RollbackOutcome.HELD)


def _of_incidents() -> list[Message]:
    """What an incident announces of each cause, tier and kind of signal."""
    causes = [an_incident(a_signal(cause=cause)) for cause in Cause]
    tiers = [an_incident(tier=tier) for tier in Tier]
    return [opened_event(incident, a_signal()) for incident in (*causes, *tiers)]


def test_a_package_that_is_gone_keeps_to_the_schema() -> None:
    (body,) = _emitted(Outcome.DECIDED_ELSEWHERE, registry=FakeRegistry())

    SCHEMA.validate(_delivered(body))
    assert body["detail"]["status"] == "Deleted"


def test_a_name_says_what_happened_to_what() -> None:
    nouns = {"Release", "Rollout", "Rollback", "Incident"}
    happened = {"Approved", "Ended", "Failed", "Requested", "Finished", "Opened"}

    assert {sample(file)["detail-type"] for file in EMITTED} <= {n + h for n in nouns for h in happened}


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "rejected"},
        {"status": "Rejected"},
        {"generation": "1"},
        {"task_token": "secret"},
        {"version": 0},
    ],
    ids=str,
)
def test_the_schema_refuses_what_an_approved_release_never_says(change: dict[str, Any]) -> None:
    event = sample("domain/ReleaseApproved.json")

    event["detail"] |= change

    assert not SCHEMA.is_valid(event)


def test_only_releases_rollouts_rollbacks_and_incidents_are_announced() -> None:
    """A new place that announces something needs a sample, a line in the schema and a line in docs/events.md."""
    calls = {
        path.stem
        for path in (ROOT / "layers/control/python/sluice").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and _called(node) == "domain_event"
    }

    assert calls == {
        "conclude_release",
        "request_rollout",
        "conclude_rollout",
        "conclude_rollback",
        "try_again",
        "telling",
    }


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "")
