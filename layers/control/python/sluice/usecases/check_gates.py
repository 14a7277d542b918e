"""State CheckGates: check the evidence against the policy in force, record what was found, say which way to go."""

from dataclasses import dataclass, replace

from sluice.core.gate_route import gate_route
from sluice.core.gates import check
from sluice.errors import PermanentFailure
from sluice.model.codec import encode
from sluice.model.commit import Commit, Entry, Save, group_chain
from sluice.model.entry_kinds import EntryKind
from sluice.model.evidence import Evidence
from sluice.model.gates import Production
from sluice.model.ids import PackageArn
from sluice.model.judgement import Judgement
from sluice.model.package import NOBODY
from sluice.model.people import RegistrationFacts
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.records import PackageRecord, StatusIntent
from sluice.model.release import Answer, Outcome, Release, Route
from sluice.ports import Clock, Documents, EvidenceArchive, Judgements, Records, Registry
from sluice.usecases.collect_evidence import Collected
from sluice.usecases.policies import DefaultPolicy, policy_held
from sluice.usecases.production import Sources, production_of
from sluice.usecases.remembering import Known, keep, recall, settling_races

_DELIVERY_S = 7 * 24 * 3600
"""How long Slack may be away before the card is delivered and the time to decide begins."""


@dataclass(frozen=True, slots=True)
class Checking:
    """What checking works with."""

    records: Records
    registry: Registry
    documents: Documents
    archive: EvidenceArchive
    judgements: Judgements
    default_policy: DefaultPolicy
    clock: Clock


@dataclass(frozen=True, slots=True)
class Checked:
    """What the machine goes on with. Without an `answer` people are asked, for `timeout_s` at the very most."""

    route: Route
    gates_ref: str
    timeout_s: int
    answer: Answer | None


def check_gates(release: Release, collected: Collected, world: Checking) -> Checked:
    """Check the gates of a release; repeating it on the same evidence and policy changes nothing."""
    return settling_races(lambda: _attempt(release, collected, world))


def registration_of(evidence: Evidence) -> RegistrationFacts:
    """The facts that say who registered the package.

    Whoever registers writes the pipeline's name himself, so its starter counts only if the pipeline's own steps
    show that it registered this package.
    """
    run = evidence.lineage.pipeline
    registered = run is not None and evidence.package_arn in (arn.lower() for arn in run.registered)
    return RegistrationFacts(
        registered_by=evidence.registered_by,
        pipeline_starter=run.started_by if run is not None and registered else NOBODY,
        commit_author_email=evidence.commit_author,
    )


def _attempt(release: Release, collected: Collected, world: Checking) -> Checked:
    arn = PackageArn.parse(release.package_arn)
    record = recall(world.records, PackageRecord, arn.key)
    if record is None:
        raise PermanentFailure(f"{release.release_id} has no package record")
    evidence = world.archive.load(collected.digest)
    policy = policy_held(world.records, release.group, world.default_policy).policy
    report = check(evidence, policy.gates, _production(release, arn, policy, world))
    judgement = Judgement(release.release_id, collected.digest, policy.digest, report, registration_of(evidence))
    ref = world.judgements.keep(judgement)
    answer = _answer(judgement, policy, collected, record.value)
    checked = Checked(
        route=Route.ASK if answer is None else answer.route,
        gates_ref=ref,
        timeout_s=policy.timing.expires_after_s + _DELIVERY_S,
        answer=answer,
    )
    entry = _entry(release, collected, judgement, policy, checked)
    world.records.commit(Commit(saves=_intent(record, release, answer, world), entries=(entry,)), at=world.clock.now())
    return checked


def _answer(judgement: Judgement, policy: PolicyInForce, collected: Collected, record: PackageRecord) -> Answer | None:
    answer = gate_route(judgement.report, policy, judgement.release_id, collected.digest)
    if answer is not None and answer.status and record.evidence_epoch > collected.epoch:
        # Edited since: it is not rejected for what may have been mended.
        return Answer(Route.COLLECT_AGAIN, Outcome.EVIDENCE_CHANGED)
    return answer


def _intent(record: Known[PackageRecord], release: Release, answer: Answer | None, world: Checking) -> tuple[Save, ...]:
    """The status about to be set, noted first, so that its event is recognised when it comes back."""
    if answer is None or not answer.status or record.value.generation != release.generation:
        return ()
    intent = StatusIntent(answer.status, answer.description, world.clock.now())
    return (keep(record, replace(record.value, intent=intent), record.id),)


def _production(release: Release, arn: PackageArn, policy: PolicyInForce, world: Checking) -> Production | None:
    sources = Sources(world.records, world.registry, world.documents, world.archive)
    return production_of(arn, policy, release.region, sources)


def _entry(
    release: Release, collected: Collected, judgement: Judgement, policy: PolicyInForce, checked: Checked
) -> Entry:
    kind, report = EntryKind.GATES_CHECKED, judgement.report
    body = {
        "package_arn": release.package_arn,
        "digest": collected.digest,
        "epoch": collected.epoch,
        "policy_digest": policy.digest,
        "mode": policy.mode.value,
        "verdict": report.verdict.value,
        "results": [encode(line) for line in report.lines],
        "production_version": report.production_version,
        "production_endpoint": report.production_endpoint,
        "gates_ref": checked.gates_ref,
        "route": checked.route.value,
        "description": checked.answer.description if checked.answer else "",
    }
    key = f"{kind}|{release.release_id}|{collected.epoch}|{checked.gates_ref}|{checked.route}"
    return Entry(group_chain(release.group), key, kind, release.release_id, body)
