"""Documents, lineage and archive in memory."""

import json

from sluice.errors import PermanentFailure, SluiceError
from sluice.model.canonical import canonical_text, digest_of
from sluice.model.codec import decode
from sluice.model.evidence import DocumentStatus, Evidence, Fetched, PipelineRun, Training, Unread
from sluice.model.ids import Digest
from sluice.model.judgement import Judgement


class FakeDocuments:
    """`Documents` over a dict; `denied` addresses may not be read, `fail_next` is raised once."""

    def __init__(self, contents: dict[str, bytes] | None = None) -> None:
        self.contents = dict(contents or {})
        self.denied: set[str] = set()
        self.fail_next: SluiceError | None = None

    def fetch(self, uri: str, *, limit: int) -> Fetched:
        failure, self.fail_next = self.fail_next, None
        if failure is not None:
            raise failure
        if not uri.startswith("s3://"):
            return Fetched(DocumentStatus.UNREADABLE, "its address is not that of an object in S3")
        if uri in self.denied:
            return Fetched(DocumentStatus.UNREADABLE, "S3 denies access to it, or it is not there")
        if uri not in self.contents:
            return Fetched(DocumentStatus.MISSING, "it is not in S3 (NoSuchKey)")
        content = self.contents[uri]
        if len(content) > limit:
            reason = f"it has {len(content)} bytes, more than the {limit} that are read"
            return Fetched(DocumentStatus.OVERSIZED, reason)
        return Fetched(DocumentStatus.PRESENT, content=content)


class FakeLineage:
    """`LineageSource` over what was put in."""

    def __init__(self, *known: Training | PipelineRun | Unread) -> None:
        self.known = {item.arn: item for item in known}

    def training_job(self, arn: str) -> Training | Unread:
        found = self.known.get(arn)
        return found if isinstance(found, (Training, Unread)) else Unread(arn, "it is not there (any more)")

    def pipeline_run(self, arn: str) -> PipelineRun | Unread:
        found = self.known.get(arn)
        return found if isinstance(found, (PipelineRun, Unread)) else Unread(arn, "it is not there (any more)")


class _Texts:
    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def _keep(self, text: str) -> Digest:
        digest = digest_of(text.encode())
        self.texts.setdefault(digest, text)
        return digest

    def _load(self, digest: str) -> str:
        text = self.texts.get(digest)
        if text is None or digest_of(text.encode()) != digest:
            raise PermanentFailure(f"{digest} is gone or has been changed")
        return text


class FakeEvidenceArchive(_Texts):
    """`EvidenceArchive`; `texts` is there to be looked at."""

    def keep(self, evidence: Evidence) -> Digest:
        return self._keep(evidence.text)

    def load(self, digest: str) -> Evidence:
        return decode(Evidence, json.loads(self._load(digest)))


class FakeJudgements(_Texts):
    """`Judgements`; `texts` is there to be looked at."""

    def keep(self, judgement: Judgement) -> str:
        return self._keep(canonical_text(judgement))

    def load(self, ref: str) -> Judgement:
        return decode(Judgement, json.loads(self._load(ref)))
