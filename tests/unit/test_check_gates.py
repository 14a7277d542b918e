import json
from dataclasses import replace
from typing import Any

import pytest

from sluice.model.approval import GateVerdict, Mode, OnExpiry, RoleNeed, Tier, Timing
from sluice.model.codec import encode
from sluice.model.commit import Commit, RecordKey, Save, group_chain
from sluice.model.endpoint import EndpointRecord, LastKnownGood
from sluice.model.entry_kinds import EntryKind
from sluice.model.evidence import PipelineRun
from sluice.model.ids import Digest, GroupName, Micros, SlackUserId
from sluice.model.package import NOBODY, Actor, DocumentKind, DocumentSource, RegistryStatus
from sluice.model.policy_in_force import GateRules, MetricLimit, PolicyInForce, ProductionLimit
from sluice.model.records import PackageRecord
from sluice.model.release import Outcome, Release, Route
from sluice.model.rollout_rules import RolloutRules
from sluice.usecases.check_gates import Checked, Checking, check_gates
from sluice.usecases.collect_evidence import Collected, Collecting, collect_evidence
from tests.approvals import an_approval
from tests.fakes.evidence import FakeDocuments, FakeEvidenceArchive, FakeJudgements, FakeLineage
from tests.fakes.records import FakeRecords
from tests.fakes.registry import FakeRegistry
from tests.rollouts import ENDPOINT, rules
from tests.versions import BASE, GROUP, a_package, an_arn

RELEASE = Release("fraud/7/1", an_arn().text, GROUP, 7, 1, "us-east-1")
NOW = Micros(1_780_000_100_000_000)
RULES = GateRules(
    metrics=(MetricLimit("auc", minimum=0.85), MetricLimit("auc", against_production=ProductionLimit(max_drop=0.01)))
)
RUN = f"{BASE}:pipeline/fraud/execution/abc"
BEN = Actor(principal_arn="arn:aws:iam::111122223333:user/ben")


class _Clock:
    def now(self) -> Micros:
        return NOW


def _quality(version: int) -> tuple[DocumentSource, ...]:
    return (DocumentSource(DocumentKind.MODEL_QUALITY, "statistics", f"s3://b/{version}/quality.json"),)


class _World:
    """Version 7 waits; what others are there is up to the test."""

    def __init__(self, mode: Mode, auc: float | None, **package: Any) -> None:
        self.mode = mode
        self.rollout: RolloutRules | None = None
        self.approvers: tuple[RoleNeed, ...] = (RoleNeed("data_science", 1, (SlackUserId("U0ANNA"),)),)
        self.records = FakeRecords()
        self.registry = FakeRegistry(a_package(sources=_quality(7), **package))
        self.documents = FakeDocuments()
        self.lineage = FakeLineage()
        self.archive = FakeEvidenceArchive()
        self.judgements = FakeJudgements()
        self.epoch(0)
        if auc is not None:
            self.measured(7, auc)

    def measured(self, version: int, auc: float) -> None:
        self.documents.contents[f"s3://b/{version}/quality.json"] = json.dumps({"auc": auc}).encode()

    def approved(self, version: int, auc: float) -> None:
        self.registry.put(a_package(version, status=RegistryStatus.APPROVED, sources=_quality(version)))
        self.measured(version, auc)

    def promoted(self, version: int, **record: Any) -> None:
        """A version was promoted to the endpoint of the policy, by Sluice unless `arn` is empty."""
        self.rollout = rules()
        good = LastKnownGood("promoted", record.pop("arn", an_arn(version).text), version, Micros(1))
        endpoint = replace(EndpointRecord("us-east-1", ENDPOINT, GROUP, good=good), **record)
        self.save("endpoint", endpoint.id, encode(endpoint))

    def epoch(self, epoch: int) -> None:
        record = PackageRecord(an_arn().key, GROUP, 7, "PendingManualApproval", Micros(1), self.mode, generation=1)
        self.save("package", an_arn().key, encode(replace(record, evidence_epoch=epoch)))

    def save(self, kind: str, record_id: str, body: dict[str, Any]) -> None:
        stored = self.records.load(RecordKey(kind, record_id))
        save = Save(RecordKey(kind, record_id), stored.version if stored else 0, body)
        self.records.commit(Commit(saves=(save,)), at=Micros(1))

    def policy(self, group: GroupName) -> PolicyInForce:
        return PolicyInForce(
            group=group,
            digest=Digest("sha256:" + "cd" * 32),
            tier=Tier.STANDARD,
            mode=self.mode,
            team="fraud",
            contacts=(),
            timing=Timing(86_400, OnExpiry.REJECT),
            approvers=self.approvers,
            gates=RULES,
            rollout=self.rollout,
        )

    def collect(self) -> Collected:
        world = Collecting(self.records, self.registry, self.documents, self.lineage, self.archive, _Clock())
        return collect_evidence(RELEASE, world)

    def check(self, collected: Collected | None = None) -> Checked:
        world = Checking(
            self.records, self.registry, self.documents, self.archive, self.judgements, self.policy, _Clock()
        )
        return check_gates(RELEASE, collected or self.collect(), world)

    @property
    def record(self) -> dict[str, Any]:
        stored = self.records.load(RecordKey("package", an_arn().key))
        assert stored is not None
        return dict(stored.body)

    @property
    def recorded(self) -> list[dict[str, Any]]:
        return [json.loads(r.body) for r in self.records.entries(group_chain(GROUP), EntryKind.GATES_CHECKED)]


@pytest.mark.parametrize(
    "mode,auc,route,outcome",
    [
        (Mode.ENFORCE, 0.9, Route.ASK, None),
        (Mode.ENFORCE, 0.8, Route.SET_STATUS, Outcome.GATES_FAILED),
        (Mode.ENFORCE, None, Route.SET_STATUS, Outcome.GATES_FAILED),
        (Mode.RECOMMEND, 0.9, Route.ASK, None),
        (Mode.RECOMMEND, 0.8, Route.ASK, None),
        (Mode.RECOMMEND, None, Route.ASK, None),
        (Mode.OBSERVE, 0.9, Route.ASK, None),
        (Mode.OBSERVE, 0.8, Route.CONCLUDE, Outcome.OBSERVED),
        (Mode.OBSERVE, None, Route.CONCLUDE, Outcome.OBSERVED),
    ],
)
def test_the_mode_says_what_gates_lead_to(mode: Mode, auc: float | None, route: Route, outcome: Outcome | None) -> None:
    world = _World(mode, auc)

    checked = world.check()

    assert checked.route is route
    assert (checked.answer.outcome if checked.answer else None) is outcome
    assert bool(world.record["intent"]) == (route is Route.SET_STATUS), "only a coming change of status is noted"


def test_a_rejection_tells_what_to_do_and_is_noted_before_it_happens() -> None:
    world = _World(Mode.ENFORCE, 0.83)

    answer = world.check().answer

    assert answer is not None
    assert answer.status == "Rejected"
    assert "auc 0.83 is below the minimum 0.85" in answer.description
    assert len(answer.client_token) == 36
    assert world.record["intent"] == {"status": "Rejected", "description": answer.description, "at": NOW}


def test_observe_tells_that_it_would_have_been_rejected_and_why() -> None:
    answer = _World(Mode.OBSERVE, 0.8).check().answer

    assert answer is not None
    assert answer.description.startswith("it would have been rejected. Sluice: 1 required gate did not pass.")


def test_observe_with_nobody_to_ask_ends_there() -> None:
    world = _World(Mode.OBSERVE, 0.9)
    world.approvers = ()

    answer = world.check().answer

    assert answer is not None
    assert answer.outcome is Outcome.OBSERVED
    assert answer.description == "people would have been asked, but the policy names nobody"


def test_what_was_found_is_recorded_with_evidence_policy_and_judgement() -> None:
    world = _World(Mode.ENFORCE, 0.9)

    checked = world.check()

    (entry,) = world.recorded
    assert entry["verdict"] == "passed"
    assert entry["policy_digest"] == "sha256:" + "cd" * 32
    assert entry["digest"] in world.archive.texts
    assert entry["gates_ref"] == checked.gates_ref
    assert [r["gate"] for r in entry["results"]] == ["metrics.auc.minimum", "metrics.auc.production"]
    assert world.judgements.load(checked.gates_ref).report.verdict is GateVerdict.PASSED


def test_checking_twice_changes_nothing() -> None:
    world = _World(Mode.ENFORCE, 0.8)
    collected = world.collect()

    first, second = world.check(collected), world.check(collected)

    assert first == second
    assert len(world.recorded) == 1


def test_an_edit_since_the_evidence_was_read_has_it_read_again_before_anything_is_rejected() -> None:
    world = _World(Mode.ENFORCE, 0.8)
    collected = world.collect()
    world.epoch(1)

    checked = world.check(collected)

    assert checked.route is Route.COLLECT_AGAIN
    assert world.record["intent"] is None


def test_the_newest_other_approved_version_stands_in_for_one_in_production_as_its_documents_are_now() -> None:
    world = _World(Mode.ENFORCE, 0.87)
    world.approved(5, 0.99)
    world.approved(6, 0.9)

    report = world.judgements.load(world.check().gates_ref).report

    assert (report.production_version, report.production_endpoint) == (6, "")
    assert report.results[1].reason.startswith("auc 0.87 against 0.9 of version 6, the newest approved")
    assert report.verdict is GateVerdict.FAILED


def test_production_is_what_was_promoted_last_and_not_a_canary_that_is_approved_as_well() -> None:
    """Version 6 was being taken back when 7 was registered: it was what 7 was held against, on the card and in the gate."""
    world = _World(Mode.ENFORCE, 0.87)
    world.approved(5, 0.87)
    world.approved(6, 0.99)
    world.promoted(5, holder="a-rollout-of-6")

    report = world.judgements.load(world.check().gates_ref).report

    assert (report.production_version, report.production_endpoint) == (5, ENDPOINT)
    assert report.results[1].reason == "auc 0.87 against 0.87 of version 5 in production: not worse"
    assert world.recorded[0]["production_endpoint"] == ENDPOINT


def test_what_serves_is_production_though_its_approval_was_withdrawn_since() -> None:
    world = _World(Mode.ENFORCE, 0.9)
    world.approved(4, 0.9)
    world.registry.put(a_package(5, status=RegistryStatus.REJECTED, sources=_quality(5)))
    world.measured(5, 0.88)
    world.promoted(5)

    assert world.judgements.load(world.check().gates_ref).report.production_version == 5


@pytest.mark.parametrize(
    "mode,known",
    [
        (Mode.ENFORCE, {"arn": ""}),
        (Mode.ENFORCE, {"arn": an_arn(5).text.replace(f"/{GROUP}/", "/another/")}),
        (Mode.ENFORCE, {"arn": an_arn(3).text}),
        (Mode.ENFORCE, {"region": "eu-west-1"}),
        (Mode.ENFORCE, {"arn": an_arn(7).text}),
        (Mode.OBSERVE, {"served": "of-others"}),
    ],
    ids=["not ours", "of another group", "gone", "elsewhere", "this one itself", "replaced by others"],
)
def test_where_it_is_not_known_what_serves_the_newest_approved_is_named_as_that(
    mode: Mode, known: dict[str, Any]
) -> None:
    world = _World(mode, 0.9)
    world.approved(5, 0.9)
    world.approved(6, 0.9)
    world.promoted(5, **known)

    report = world.judgements.load(world.check().gates_ref).report

    assert (report.production_version, report.production_endpoint) == (6, "")


@pytest.mark.parametrize("served", ["", "promoted"])
def test_what_observe_saw_serving_last_is_production_where_it_was_promoted(served: str) -> None:
    world = _World(Mode.OBSERVE, 0.9)
    world.approved(5, 0.9)
    world.approved(6, 0.9)
    world.promoted(5, served=served)

    assert world.judgements.load(world.check().gates_ref).report.production_version == 5


def test_production_that_people_decided_on_is_compared_by_the_evidence_they_saw() -> None:
    world = _World(Mode.ENFORCE, 0.87)
    world.approved(6, 0.875)
    seen = _World(Mode.ENFORCE, 0.875)
    evidence = replace(seen.archive.load(seen.collect().digest), version=6)
    approval = an_approval(digest=world.archive.keep(evidence))
    record = PackageRecord(an_arn(6).key, GROUP, 6, "Approved", Micros(1), Mode.ENFORCE, approval=approval.id)
    world.save("package", an_arn(6).key, encode(record))
    world.save("approval", approval.id, encode(approval))
    world.measured(6, 0.99)

    report = world.judgements.load(world.check().gates_ref).report

    assert report.verdict is GateVerdict.PASSED, "a document that was replaced after the decision is not believed"


@pytest.mark.parametrize("registered,starter", [((an_arn().text,), BEN), ((an_arn(6).text,), NOBODY), ((), NOBODY)])
def test_who_started_a_pipeline_counts_only_if_it_registered_this_package(
    registered: tuple[str, ...], starter: Actor
) -> None:
    """GeneratedBy is written by whoever registers: naming somebody else's pipeline must not name a registrant."""
    world = _World(Mode.ENFORCE, 0.9, generated_by=RUN)
    world.lineage = FakeLineage(PipelineRun(RUN, BEN, registered=registered))

    registration = world.judgements.load(world.check().gates_ref).registration

    assert registration.pipeline_starter == starter
    assert registration.registered_by.principal_arn == "arn:aws:iam::111122223333:user/anna"


def test_the_outer_bound_leaves_time_for_a_late_delivery() -> None:
    assert _World(Mode.ENFORCE, 0.9).check().timeout_s == 86_400 + 7 * 86_400
