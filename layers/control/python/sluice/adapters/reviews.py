"""`Reviews` over the archive's bucket."""

from typing import TYPE_CHECKING

from sluice.adapters.aws_errors import translated

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class S3Reviews:
    """Markdown documents by key; the bucket is versioned and locked, so that a draft stays as it was written."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def keep(self, key: str, text: str) -> str:
        """Put a document; put twice it is there in two equal versions."""
        with translated("PutObject"):
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=text.encode(),
                ContentType="text/markdown; charset=utf-8",
                ChecksumAlgorithm="SHA256",
            )
        return self._bucket
