"""What is known of a model package when it is judged. Its digest is what votes are bound to.

Only what matters to the judgement is in it: no approval status, no time of change or reading, so that an edit which
changes nothing relevant keeps the digest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from sluice.model.canonical import canonical_text, digest_of
from sluice.model.ids import Digest, GroupName, Micros
from sluice.model.package import NOBODY, Actor, Container, DocumentKind

FORMAT = 1
"""Version of the evidence format, part of the digest."""


class DocumentStatus(StrEnum):
    """What became of an attempt to read a document."""

    PRESENT = "present"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    OVERSIZED = "oversized"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes of a document, or why there are none."""

    status: DocumentStatus
    reason: str = ""
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Metric:
    """One number of a document. `path` is where it stands; without a `value`, `note` says why."""

    name: str
    path: str
    value: float | None
    standard_deviation: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class BiasReading:
    """One bias metric of one facet value; `stage` is `pre_training` or `post_training`."""

    stage: str
    facet: str
    facet_value: str
    metric: str
    path: str
    value: float | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """A feature and its share of all attributions, from 0 to 1."""

    feature: str
    share: float


@dataclass(frozen=True, slots=True)
class Attribution:
    """Global attributions of one label by one method: the most important features first, at most a few of them."""

    method: str
    label: str
    path: str
    features: int
    top: tuple[Share, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One metric document as it was found, with everything that was read from it."""

    kind: DocumentKind
    part: str
    uri: str
    status: DocumentStatus
    reason: str = ""
    content_digest: Digest | None = None
    metrics: tuple[Metric, ...] = ()
    bias: tuple[BiasReading, ...] = ()
    attributions: tuple[Attribution, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The package's model card: its status and what its text says. `reading` tells whether the text could be read."""

    status: str
    reading: DocumentStatus
    reason: str = ""
    content_digest: Digest | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Channel:
    """One input of a training job."""

    name: str
    uri: str


@dataclass(frozen=True, slots=True)
class Training:
    """A training job."""

    arn: str
    image: str | None = None
    model_data: str | None = None
    inputs: tuple[Channel, ...] = ()
    experiment: str | None = None
    trial: str | None = None
    run: str | None = None


@dataclass(frozen=True, slots=True)
class PipelineRun:
    """A pipeline execution: who started it, which training jobs it ran, which packages its steps registered."""

    arn: str
    started_by: Actor = NOBODY
    training_jobs: tuple[str, ...] = ()
    registered: tuple[str, ...] = ()
    experiment: str | None = None
    trial: str | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """Something of the lineage that could not be read, and why."""

    arn: str
    reason: str


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where the model came from, as far as SageMaker and the package say."""

    generated_by: str | None = None
    pipeline: PipelineRun | None = None
    trainings: tuple[Training, ...] = ()
    source_commit: str | None = None
    repository: str | None = None
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True, slots=True)
class CommitAuthor:
    """Who wrote the commit, as the package said when it was first seen (record kind `commit_author`, id = package ARN).

    Customer metadata can be edited later by others; the first word counts, so that nobody can make himself a voter.
    """

    KIND: ClassVar[str] = "commit_author"

    email: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the gates and the voters judge."""

    package_arn: str
    group: GroupName
    version: int
    created_at: Micros
    registered_by: Actor = NOBODY
    commit_author: str | None = None
    containers: tuple[Container, ...] = ()
    documents: tuple[Document, ...] = ()
    card: ModelCard | None = None
    lineage: Lineage = Lineage()
    customer_metadata: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def text(self) -> str:
        """The evidence as canonical JSON."""
        return canonical_text(self)

    @property
    def digest(self) -> Digest:
        """SHA-256 of the canonical text."""
        return digest_of(self.text.encode())
