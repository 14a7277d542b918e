"""Types of identifiers, times and units, so that a signature says what it takes."""

import re
from dataclasses import dataclass
from typing import NewType, Self

from sluice.errors import InvalidInput

GroupName = NewType("GroupName", str)
"""Name of a SageMaker ModelPackageGroup."""

Digest = NewType("Digest", str)
"""`sha256:` and 64 lower-case hex digits."""

ApprovalId = NewType("ApprovalId", str)
"""Opaque random id (>= 128 bits) of one approval on one evidence digest; the only thing a button carries."""

RolloutId = NewType("RolloutId", str)
"""32 hex digits: the hash of a release and a region, so that asking twice for one rollout names one."""

IncidentId = NewType("IncidentId", str)
"""32 hex digits: the hash of an endpoint and the number of its incident, so that a race opens one."""

RollbackId = NewType("RollbackId", str)
"""32 hex digits: the hash of an incident and the number of the answer to it."""

SlackUserId = NewType("SlackUserId", str)
"""Slack's own id of a person, such as `U0ANNA`; names and handles are mutable and never identify anybody."""

Micros = NewType("Micros", int)
"""A moment: microseconds since the Unix epoch, UTC. DynamoDB and JSON keep it whole, which a float would not."""

EPOCH = Micros(0)
"""The moment before all others: what has not happened yet."""

_PACKAGE_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):sagemaker:(?P<region>[a-z0-9-]{9,16}):(?P<account>\d{12}):"
    r"model-package/(?P<group>[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62})/(?P<version>\d{1,9})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class PackageArn:
    """ARN of a versioned model package: `arn:aws:sagemaker:REGION:ACCOUNT:model-package/GROUP/VERSION`.

    SageMaker lower-cases names in the ARNs that it returns; `text` keeps what was given, so compare by `key`.
    """

    text: str
    region: str
    account: str
    group: GroupName
    version: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an ARN; raises InvalidInput when it is not that of a versioned model package."""
        match = _PACKAGE_ARN.fullmatch(text)
        if match is None:
            raise InvalidInput(f"not the ARN of a versioned model package: {text[:200]!r}")
        return cls(
            text=text,
            region=match["region"],
            account=match["account"],
            group=GroupName(match["group"]),
            version=int(match["version"]),
        )

    @property
    def key(self) -> str:
        """The form under which records are kept: lower-case, so that both spellings meet."""
        return self.text.lower()
