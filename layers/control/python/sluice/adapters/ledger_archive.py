"""`LedgerExport` and `LedgerArchive` over a versioned S3 bucket with Object Lock."""

import heapq
import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sluice.adapters.aws_errors import code_of, translated
from sluice.adapters.ledger_lines import line_of, record_of_line
from sluice.errors import PermanentFailure
from sluice.model.ledger import LedgerRecord, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ROOT = "ledger/"
_GROUPS = f"{_ROOT}group/"
_NAME = re.compile(r"(\d{12})-(\d{12})\.jsonl")

type _Read = LedgerRecord | Unreadable


class S3LedgerArchive:
    """Writes each run once, under a name that says what it holds, and reads the oldest version of each.

    The bucket's default retention locks every version: a later one can be laid over it, but not take its place here.
    """

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def write(self, run: Sequence[LedgerRecord]) -> None:
        """Keep a gapless run of one chain."""
        if any((b.chain, b.seq) != (a.chain, a.seq + 1) for a, b in pairwise(run)):
            raise PermanentFailure(f"not a gapless run: {[(r.chain, r.seq) for r in run][:10]}")
        key = f"{_ROOT}{run[0].chain}/{run[0].seq:012d}-{run[-1].seq:012d}.jsonl"
        body = b"".join(map(line_of, run))
        with translated("PutObject"):
            try:
                self._put(key, body)
            except ClientError as error:
                if code_of(error) not in ("PreconditionFailed", "412"):
                    raise
                self._require_equal(key, body)

    def chains(self) -> frozenset[str]:
        """Names of all chains that have an export, also where a delete marker hides it."""
        folders = set(self._folders(_ROOT))
        if _GROUPS in folders:
            folders = folders - {_GROUPS} | set(self._folders(_GROUPS))
        return frozenset(folder.removeprefix(_ROOT).removesuffix("/") for folder in folders)

    def read(self, chain: str) -> Iterator[_Read]:
        """Exported records by number; overlapping runs are merged, with only those open that overlap."""
        waiting: list[_Open] = []
        for order, run in enumerate(self._runs(f"{_ROOT}{chain}/")):
            while waiting and waiting[0].seq < run.first:
                yield _take(waiting)
            _add(waiting, order, self._lines(run))
        while waiting:
            yield _take(waiting)

    def _put(self, key: str, body: bytes) -> None:
        self._client.put_object(
            Bucket=self._bucket,
            Key=key,
            Body=body,
            ContentType="application/x-ndjson",
            ChecksumAlgorithm="SHA256",
            ChecksumSHA256=b64encode(sha256(body).digest()).decode(),
            IfNoneMatch="*",
        )

    def _require_equal(self, key: str, body: bytes) -> None:
        with translated("GetObject"):
            there = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        if there != body:
            raise PermanentFailure(f"{key} is in the archive with other contents")

    def _folders(self, prefix: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=prefix, Delimiter="/"
        )
        with translated("ListObjectVersions"):
            for page in pages:
                yield from (common["Prefix"] for common in page.get("CommonPrefixes", ()))

    def _runs(self, folder: str) -> Iterator["_Run"]:
        """The oldest version of each run by first number: S3 lists keys in order, and of a key the newest first."""
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=folder)
        oldest: _Run | None = None
        with translated("ListObjectVersions"):
            for page in pages:
                for version in page.get("Versions", ()):
                    name = _NAME.fullmatch(version["Key"].removeprefix(folder))
                    if name is None:
                        continue
                    if oldest is not None and oldest.key != version["Key"]:
                        yield oldest
                    oldest = _Run(version["Key"], version["VersionId"], first=int(name[1]), last=int(name[2]))
        if oldest is not None:
            yield oldest

    def _lines(self, run: "_Run") -> Iterator[_Read]:
        with translated("GetObject"):
            answer = self._client.get_object(Bucket=self._bucket, Key=run.key, VersionId=run.version)
            lines = answer["Body"].read().splitlines()
        if len(lines) != run.last - run.first + 1:
            return iter([Unreadable(run.first, f"{run.key} holds {len(lines)} lines")])
        return (record_of_line(line, seq=run.first + place) for place, line in enumerate(lines))


@dataclass(frozen=True, slots=True)
class _Run:
    """One exported object in its oldest version."""

    key: str
    version: str
    first: int
    last: int


@dataclass(order=True, slots=True)
class _Open:
    """A run being read: its next record, and what follows."""

    seq: int
    order: int
    record: _Read = field(compare=False)
    rest: Iterator[_Read] = field(compare=False)


def _add(waiting: list[_Open], order: int, records: Iterator[_Read]) -> None:
    record = next(records, None)
    if record is not None:
        heapq.heappush(waiting, _Open(record.seq, order, record, records))


def _take(waiting: list[_Open]) -> _Read:
    opened = heapq.heappop(waiting)
    _add(waiting, opened.order, opened.rest)
    return opened.record
