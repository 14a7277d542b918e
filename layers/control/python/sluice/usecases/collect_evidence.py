"""State CollectEvidence: read all that is known of a package, keep it under its digest, record that it was read."""

from dataclasses import dataclass

from sluice.core.evidence import COMMIT_AUTHOR, MAX_BYTES, assemble, documents_of
from sluice.errors import PermanentFailure
from sluice.model.codec import encode
from sluice.model.commit import Commit, Entry, Save, group_chain
from sluice.model.entry_kinds import EntryKind
from sluice.model.evidence import CommitAuthor, Document, Evidence
from sluice.model.ids import Digest, PackageArn
from sluice.model.package import ModelPackage
from sluice.model.records import PackageRecord
from sluice.model.release import Release
from sluice.ports import Clock, Documents, EvidenceArchive, LineageSource, Records, Registry
from sluice.usecases.remembering import keep, recall, settling_races
from sluice.usecases.trace_lineage import trace_lineage


@dataclass(frozen=True, slots=True)
class Collecting:
    """What collecting works with."""

    records: Records
    registry: Registry
    documents: Documents
    lineage: LineageSource
    archive: EvidenceArchive
    clock: Clock


@dataclass(frozen=True, slots=True)
class Collected:
    """The evidence's digest, and how often the package had been edited when reading began."""

    digest: Digest
    epoch: int


def collect_evidence(release: Release, world: Collecting) -> Collected:
    """Collect the evidence of a release; repeating it on an unchanged package changes nothing."""
    return settling_races(lambda: _attempt(release, world))


def read_documents(package: ModelPackage, source: Documents) -> tuple[Document, ...]:
    """All documents that a package names, read one after the other."""
    return documents_of(package, [source.fetch(s.uri, limit=MAX_BYTES) for s in package.sources])


def _attempt(release: Release, world: Collecting) -> Collected:
    arn = PackageArn.parse(release.package_arn)
    record = recall(world.records, PackageRecord, arn.key)
    if record is None:
        raise PermanentFailure(f"{release.release_id} has no package record")
    # The epoch is read before the package: an edit in between then counts as not yet seen, never as seen.
    epoch = record.value.evidence_epoch
    package = world.registry.describe(arn)
    if package is None:
        raise PermanentFailure(f"{arn.text} is not in the registry any more")
    author, saves = _commit_author(package, world.records)
    documents = read_documents(package, world.documents)
    evidence = assemble(package, documents, trace_lineage(package, world.lineage), author=author)
    digest = world.archive.keep(evidence)
    entry = _entry(release, Collected(digest, epoch), evidence)
    world.records.commit(Commit(saves=saves, entries=(entry,)), at=world.clock.now())
    return Collected(digest, epoch)


def _commit_author(package: ModelPackage, records: Records) -> tuple[str | None, tuple[Save, ...]]:
    known = recall(records, CommitAuthor, package.arn.key)
    if known is not None:
        return known.value.email, ()
    first = CommitAuthor(package.customer_metadata.get(COMMIT_AUTHOR))
    return first.email, (keep(None, first, package.arn.key),)


def _entry(release: Release, collected: Collected, evidence: Evidence) -> Entry:
    kind = EntryKind.EVIDENCE_COLLECTED
    body = {
        "package_arn": release.package_arn,
        "digest": collected.digest,
        "epoch": collected.epoch,
        "registered_by": encode(evidence.registered_by),
        "documents": [_summary(d) for d in evidence.documents],
        "card": evidence.card and {"status": evidence.card.status, "reading": evidence.card.reading.value},
        "generated_by": evidence.lineage.generated_by,
        "source_commit": evidence.lineage.source_commit,
    }
    return Entry(
        chain=group_chain(release.group),
        key=f"{kind}|{release.release_id}|{collected.epoch}|{collected.digest}",
        kind=kind,
        subject=release.release_id,
        body=body,
    )


def _summary(document: Document) -> dict[str, str | None]:
    return {
        "kind": document.kind.value,
        "part": document.part,
        "uri": document.uri,
        "status": document.status.value,
        "reason": document.reason,
        "content_digest": document.content_digest,
    }
