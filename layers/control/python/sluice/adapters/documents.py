"""`Documents` over S3."""

import re
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, ParamValidationError

from sluice.adapters.aws_errors import code_of, is_denied, is_transient, translated
from sluice.model.evidence import DocumentStatus, Fetched

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_HOST = r"s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?"
_FORMS = (
    re.compile(rf"s3://(?P<bucket>{_BUCKET})/(?P<key>.+)"),
    re.compile(rf"https://(?P<bucket>{_BUCKET})\.{_HOST}/(?P<key>.+)"),
    re.compile(rf"https://{_HOST}/(?P<bucket>{_BUCKET})/(?P<key>.+)"),
)
_NOT_S3 = Fetched(DocumentStatus.UNREADABLE, "its address is not that of an object in S3")


class S3Documents:
    """Reads documents that model packages point to; what cannot be read is a value that says why."""

    def __init__(self, client: "S3Client") -> None:
        self._client = client

    def fetch(self, uri: str, *, limit: int) -> Fetched:
        """The document's bytes if there are at most `limit`; raises TransientFailure only where S3 cannot serve now."""
        place = next((m for form in _FORMS if (m := form.fullmatch(uri))), None)
        if place is None:
            return _NOT_S3
        try:
            with translated("GetObject", unless=_is_final):
                return self._read(place["bucket"], place["key"], limit)
        except ClientError as error:
            return _refused(error)
        except ParamValidationError:
            return _NOT_S3

    def _read(self, bucket: str, key: str, limit: int) -> Fetched:
        answer = self._client.get_object(Bucket=bucket, Key=key)
        body = answer["Body"]
        try:
            # The length is a promise; the bound on the read is what keeps memory.
            content = body.read(limit + 1) if answer["ContentLength"] <= limit else b""
        finally:
            body.close()
        size = max(answer["ContentLength"], len(content))
        if size > limit:
            return Fetched(DocumentStatus.OVERSIZED, f"it has {size} bytes, more than the {limit} that are read")
        return Fetched(DocumentStatus.PRESENT, content=content)


def _is_final(error: ClientError) -> bool:
    return not is_transient(error)


def _refused(error: ClientError) -> Fetched:
    code = code_of(error)
    if code in ("NoSuchKey", "NoSuchBucket", "404"):
        return Fetched(DocumentStatus.MISSING, f"it is not in S3 ({code})")
    if is_denied(error):
        # Without s3:ListBucket S3 answers so for absent objects, too.
        return Fetched(DocumentStatus.UNREADABLE, "S3 denies access to it, or it is not there")
    return Fetched(DocumentStatus.UNREADABLE, f"S3 refuses to give it ({code})")
