"""`EvidenceArchive` and `Judgements` over a versioned S3 bucket with Object Lock: texts under their own digest."""

import json
import re
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sluice.adapters.aws_errors import code_of, translated
from sluice.errors import PermanentFailure
from sluice.model.canonical import canonical_text, digest_of
from sluice.model.codec import decode
from sluice.model.evidence import Evidence
from sluice.model.ids import Digest
from sluice.model.judgement import Judgement

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class S3Texts:
    """Canonical JSON texts of one folder, each kept once; one that is not what its digest says is not given out."""

    def __init__(self, client: "S3Client", bucket: str, folder: str) -> None:
        self._client = client
        self._bucket = bucket
        self._folder = folder

    def keep(self, text: str) -> Digest:
        """Put a text under its digest; one that is already there stays as it is."""
        content = text.encode()
        digest = digest_of(content)
        with translated("PutObject"):
            try:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=self._key(digest),
                    Body=content,
                    ContentType="application/json",
                    ChecksumAlgorithm="SHA256",
                    IfNoneMatch="*",
                )
            except ClientError as error:
                if code_of(error) not in ("PreconditionFailed", "412"):
                    raise
        return digest

    def load(self, digest: str) -> str:
        """The text of a digest; raises PermanentFailure when it is gone or is not what it was."""
        with translated("GetObject"):
            content = self._client.get_object(Bucket=self._bucket, Key=self._key(digest))["Body"].read()
        if digest_of(content) != digest:
            raise PermanentFailure(f"{self._folder} {digest} has been changed in the archive")
        return content.decode()

    def _key(self, digest: str) -> str:
        if not _DIGEST.fullmatch(digest):
            raise PermanentFailure(f"not a digest: {digest[:100]!r}")
        return f"{self._folder}/{digest.removeprefix('sha256:')}.json"


class S3EvidenceArchive:
    """Evidence under its digest."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._texts = S3Texts(client, bucket, "evidence")

    def keep(self, evidence: Evidence) -> Digest:
        """Keep evidence; returns its digest."""
        return self._texts.keep(evidence.text)

    def load(self, digest: str) -> Evidence:
        """The evidence of a digest."""
        return decode(Evidence, json.loads(self._texts.load(digest)))


class S3Judgements:
    """Judgements under the digest of their own text."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._texts = S3Texts(client, bucket, "gates")

    def keep(self, judgement: Judgement) -> str:
        """Keep a judgement; returns the reference to load it by."""
        return self._texts.keep(canonical_text(judgement))

    def load(self, ref: str) -> Judgement:
        """The judgement of a reference."""
        return decode(Judgement, json.loads(self._texts.load(ref)))
