import json
from dataclasses import replace
from typing import Any

import pytest

from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.approval import Mode
from sluice.model.codec import encode
from sluice.model.commit import Commit, RecordKey, Save, group_chain
from sluice.model.entry_kinds import EntryKind
from sluice.model.evidence import Channel, DocumentStatus, PipelineRun, Training
from sluice.model.ids import Micros
from sluice.model.package import Actor, ModelPackage
from sluice.model.records import PackageRecord
from sluice.model.release import Release
from sluice.usecases.collect_evidence import Collecting, collect_evidence
from tests.fakes.evidence import FakeDocuments, FakeEvidenceArchive, FakeLineage
from tests.fakes.records import FakeRecords
from tests.fakes.registry import FakeRegistry
from tests.versions import BASE, GROUP, a_package, an_arn

RELEASE = Release("fraud/7/1", an_arn().text, GROUP, 7, 1, "us-east-1")
QUALITY = json.dumps({"binary_classification_metrics": {"auc": {"value": 0.9}}}).encode()


class _Clock:
    def now(self) -> Micros:
        return Micros(1_780_000_100_000_000)


class _World:
    def __init__(self, package: ModelPackage | None = None) -> None:
        self.package = package or a_package()
        self.records = FakeRecords()
        self.registry = FakeRegistry(self.package)
        self.documents = FakeDocuments({"s3://b/7/quality.json": QUALITY})
        self.lineage = FakeLineage()
        self.archive = FakeEvidenceArchive()
        self.remember(0)

    def remember(self, epoch: int) -> None:
        record = PackageRecord(an_arn().key, GROUP, 7, "PendingManualApproval", Micros(1), Mode.ENFORCE, generation=1)
        stored = self.records.load(RecordKey("package", an_arn().key))
        body = encode(replace(record, evidence_epoch=epoch))
        save = Save(RecordKey("package", an_arn().key), stored.version if stored else 0, body)
        self.records.commit(Commit(saves=(save,)), at=Micros(1))

    @property
    def collecting(self) -> Collecting:
        return Collecting(self.records, self.registry, self.documents, self.lineage, self.archive, _Clock())


def _entries(world: _World) -> list[dict[str, Any]]:
    return [json.loads(r.body) for r in world.records.entries(group_chain(GROUP), EntryKind.EVIDENCE_COLLECTED)]


def test_evidence_is_kept_under_its_digest_and_recorded() -> None:
    world = _World()

    collected = collect_evidence(RELEASE, world.collecting)

    evidence = world.archive.load(collected.digest)
    assert {d.kind.value: d.status for d in evidence.documents} == {
        "model_quality": DocumentStatus.PRESENT,
        "data_quality": DocumentStatus.MISSING,
        "bias": DocumentStatus.MISSING,
        "explainability": DocumentStatus.MISSING,
    }
    (entry,) = _entries(world)
    assert (entry["digest"], entry["epoch"]) == (collected.digest, 0)
    assert entry["registered_by"]["principal_arn"] == "arn:aws:iam::111122223333:user/anna"


def test_collecting_twice_changes_nothing() -> None:
    world = _World()

    first, second = (collect_evidence(RELEASE, world.collecting) for _ in range(2))

    assert first == second
    assert len(world.archive.texts) == 1
    assert len(_entries(world)) == 1


def test_a_metadata_edit_gives_another_digest_and_a_status_edit_does_not() -> None:
    world = _World()
    first = collect_evidence(RELEASE, world.collecting)

    world.registry.put(replace(world.package, approval_description="hm", last_modified=Micros(9)))
    same = collect_evidence(RELEASE, world.collecting)
    world.registry.put(replace(world.package, customer_metadata={"note": "x"}))
    other = collect_evidence(RELEASE, world.collecting)

    assert same.digest == first.digest
    assert other.digest != first.digest


def test_an_edit_while_the_evidence_is_read_counts_as_not_seen() -> None:
    world = _World()
    world.remember(3)
    fetch = world.documents.fetch

    def edited_meanwhile(uri: str, *, limit: int) -> Any:
        world.remember(4)
        return fetch(uri, limit=limit)

    world.documents.fetch = edited_meanwhile  # type: ignore[method-assign]

    assert collect_evidence(RELEASE, world.collecting).epoch == 3


def test_documents_that_cannot_be_read_become_evidence() -> None:
    world = _World()
    world.documents.denied.add("s3://b/7/bias.json")
    world.documents.contents["s3://b/7/shap.json"] = b"x" * (5 * 1024 * 1024 + 1)
    world.documents.contents["s3://b/7/quality.json"] = b'{"auc": NaN}'

    collected = collect_evidence(RELEASE, world.collecting)

    statuses = {d.kind.value: d.status.value for d in world.archive.load(collected.digest).documents}
    assert statuses["bias"] == "unreadable"
    assert statuses["explainability"] == "oversized"
    assert statuses["model_quality"] == "malformed"


def test_a_storage_that_cannot_serve_now_is_no_evidence() -> None:
    world = _World()
    world.documents.fail_next = TransientFailure("GetObject: SlowDown")

    with pytest.raises(TransientFailure):
        collect_evidence(RELEASE, world.collecting)

    assert _entries(world) == []


def test_a_package_that_is_gone_cannot_be_judged() -> None:
    world = _World()
    world.registry.packages.clear()

    with pytest.raises(PermanentFailure, match="not in the registry"):
        collect_evidence(RELEASE, world.collecting)


JOB = f"{BASE}:training-job/train-7"
OTHER_JOB = f"{BASE}:training-job/other"
RUN = f"{BASE}:pipeline/fraud/execution/abc"


def test_the_lineage_of_a_training_job_is_followed() -> None:
    world = _World(a_package(generated_by=JOB, commit_id="c0ffee"))
    world.lineage = FakeLineage(Training(JOB, inputs=(Channel("train", "s3://d/train"),)))

    lineage = world.archive.load(collect_evidence(RELEASE, world.collecting).digest).lineage

    assert [t.arn for t in lineage.trainings] == [JOB]
    assert lineage.source_commit == "c0ffee"


def test_of_the_training_jobs_of_a_pipeline_the_one_that_made_the_model_counts() -> None:
    world = _World(a_package(generated_by=RUN))
    starter = Actor(principal_arn="arn:aws:iam::111122223333:user/ben")
    world.lineage = FakeLineage(
        PipelineRun(RUN, starter, (OTHER_JOB, JOB)), Training(JOB, model_data="s3://m/7"), Training(OTHER_JOB)
    )

    lineage = world.archive.load(collect_evidence(RELEASE, world.collecting).digest).lineage

    assert [t.arn for t in lineage.trainings] == [JOB]
    assert lineage.pipeline is not None
    assert lineage.pipeline.started_by == starter


@pytest.mark.parametrize(
    "arn,reason",
    [
        (JOB, "it is not there"),
        (RUN, "it is not there"),
        (JOB.replace("111122223333", "444455556666"), "another account"),
        (JOB.replace("us-east-1", "eu-west-1"), "another account or region"),
        ("made by hand", "neither a training job nor a pipeline execution"),
        (f"{BASE}:processing-job/p", "neither a training job nor a pipeline execution"),
    ],
)
def test_a_lineage_that_cannot_be_followed_says_why(arn: str, reason: str) -> None:
    world = _World(a_package(generated_by=arn))
    world.lineage = FakeLineage(*(() if reason.startswith("it is not") else (Training(arn),)))

    lineage = world.archive.load(collect_evidence(RELEASE, world.collecting).digest).lineage

    assert lineage.trainings == ()
    assert reason in lineage.unread[0].reason


def test_the_commits_author_is_who_was_named_first() -> None:
    """Customer metadata can be edited: else someone could name another author, and vote on the own model."""
    world = _World(a_package(customer_metadata={"commit_author_email": "anna@example.com"}))
    collect_evidence(RELEASE, world.collecting)

    world.registry.put(a_package(customer_metadata={"commit_author_email": "mallory@example.com"}))
    collected = collect_evidence(RELEASE, world.collecting)

    assert world.archive.load(collected.digest).commit_author == "anna@example.com"


def test_an_author_who_was_not_named_at_first_is_not_named_later() -> None:
    world = _World(a_package())
    collect_evidence(RELEASE, world.collecting)

    world.registry.put(a_package(customer_metadata={"commit_author_email": "mallory@example.com"}))
    collected = collect_evidence(RELEASE, world.collecting)

    assert world.archive.load(collected.digest).commit_author is None
