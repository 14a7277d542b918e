"""Which version a candidate is compared with: what serves, as far as that is known, else the newest approved."""

from dataclasses import dataclass

from sluice.core.evidence import assemble
from sluice.model.approval import Approval
from sluice.model.endpoint import EndpointRecord, endpoint_id
from sluice.model.evidence import Evidence, Lineage
from sluice.model.gates import Production
from sluice.model.governing import Mode
from sluice.model.ids import Digest, PackageArn
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.records import PackageRecord
from sluice.ports import Documents, EvidenceArchive, Records, Registry
from sluice.usecases.collect_evidence import read_documents
from sluice.usecases.remembering import recall


@dataclass(frozen=True, slots=True)
class Sources:
    """Where it is known from."""

    records: Records
    registry: Registry
    documents: Documents
    archive: EvidenceArchive


def production_of(candidate: PackageArn, policy: PolicyInForce, region: str, sources: Sources) -> Production | None:
    """The version last promoted to the policy's endpoint, where that still serves; else the newest other approved.

    A canary is approved as well, and may be on its way back: it is not in production until it is promoted.
    """
    serving = _serving(policy, region, sources.records)
    if serving is not None and policy.rollout is not None and serving.key != candidate.key:
        evidence = _evidence(serving, sources)
        if evidence is not None:
            return Production(evidence, policy.rollout.target.endpoint)
    newest = sources.registry.latest_approved(policy.group, other_than=candidate)
    evidence = None if newest is None else _evidence(newest, sources)
    return None if evidence is None else Production(evidence)


def _serving(policy: PolicyInForce, region: str, records: Records) -> PackageArn | None:
    """The version of the group that Sluice promoted to the endpoint last, unless others are known to have deployed."""
    if policy.rollout is None:
        return None
    known = recall(records, EndpointRecord, endpoint_id(region, policy.rollout.target.endpoint))
    good = None if known is None else known.value.good
    if known is None or good is None or not good.package_arn:
        return None
    # Only `observe` notes what others deploy.
    replaced = policy.mode is Mode.OBSERVE and known.value.served not in ("", good.config)
    arn = PackageArn.parse(good.package_arn)
    return None if replaced or arn.group.lower() != policy.group.lower() else arn


def _evidence(arn: PackageArn, sources: Sources) -> Evidence | None:
    """What people decided on, else what the version's documents say now."""
    digest = _decided_on(arn, sources.records)
    if digest is not None:
        return sources.archive.load(digest)
    package = sources.registry.describe(arn)
    if package is None:
        return None
    return assemble(package, read_documents(package, sources.documents), Lineage())


def _decided_on(arn: PackageArn, records: Records) -> Digest | None:
    record = recall(records, PackageRecord, arn.key)
    approval = recall(records, Approval, record.value.approval) if record and record.value.approval else None
    return approval.value.digest if approval else None
