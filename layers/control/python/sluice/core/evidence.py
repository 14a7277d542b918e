"""From what was fetched to evidence: pure, total over whatever the documents hold."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from sluice.core.clarify_documents import attributions, bias_readings
from sluice.core.json_readings import mapping
from sluice.core.metric_documents import data_metrics, quality_metrics
from sluice.core.strict_json import strict_json
from sluice.errors import InvalidInput
from sluice.model.canonical import digest_of
from sluice.model.evidence import (
    Document,
    DocumentStatus,
    Evidence,
    Fetched,
    Lineage,
    ModelCard,
)
from sluice.model.ids import Digest
from sluice.model.package import CardText, DocumentKind, DocumentSource, ModelPackage

MAX_BYTES = 5 * 1024 * 1024
"""Larger documents are not read: they are summaries, and evidence has to stay readable."""
MAX_READINGS = 500
"""More numbers than this in one document are no summary any more."""

COMMIT_AUTHOR = "commit_author_email"
"""Customer metadata in which a build system names the commit's author; counts only for delegated roles."""

_CARD_FACTS = (
    ("model_overview", "model_owner"),
    ("model_overview", "problem_type"),
    ("model_overview", "model_creator"),
    ("intended_uses", "purpose_of_model"),
    ("intended_uses", "intended_uses"),
    ("intended_uses", "risk_rating"),
    ("business_details", "business_problem"),
)
_FACT_CHARS = 300


def read_document(source: DocumentSource, fetched: Fetched) -> Document:
    """What one document says; whatever is wrong with it becomes its status and reason."""
    found = Document(kind=source.kind, part=source.part, uri=source.uri, status=fetched.status, reason=fetched.reason)
    if fetched.status is not DocumentStatus.PRESENT:
        return found
    digest = digest_of(fetched.content)
    try:
        _check_declared(source, digest)
        return replace(_read(found, strict_json(fetched.content)), content_digest=digest)
    except InvalidInput as error:
        return replace(found, status=DocumentStatus.MALFORMED, reason=str(error), content_digest=digest)


def documents_of(package: ModelPackage, fetched: Iterable[Fetched]) -> tuple[Document, ...]:
    """The package's documents, read, in the order of its sources; a kind that it does not name at all is missing."""
    read = [read_document(source, found) for source, found in zip(package.sources, fetched, strict=True)]
    named = {document.kind for document in read}
    absent = (
        Document(kind, part="", uri="", status=DocumentStatus.MISSING, reason="the package names no such document")
        for kind in DocumentKind
        if kind not in named
    )
    return (*read, *absent)


def read_card(card: CardText | None) -> ModelCard | None:
    """The model card's status, the digest of its text and a few facts from it."""
    if card is None:
        return None
    if not card.complete:
        reason = "Sluice may not decrypt the card's text"
        return ModelCard(card.status, DocumentStatus.UNREADABLE, reason)
    content = card.content.encode(errors="surrogatepass")
    if not content.strip():
        return ModelCard(card.status, DocumentStatus.MISSING, "the card has no text")
    digest = digest_of(content)
    try:
        facts = dict(_card_facts(strict_json(content)))
    except InvalidInput as error:
        return ModelCard(card.status, DocumentStatus.MALFORMED, str(error), digest)
    return ModelCard(card.status, DocumentStatus.PRESENT, content_digest=digest, facts=facts)


def assemble(
    package: ModelPackage, documents: tuple[Document, ...], lineage: Lineage, *, author: str | None = None
) -> Evidence:
    """The evidence on a package; `author` is the commit's author as it was first said."""
    return Evidence(
        package_arn=package.arn.key,
        group=package.group,
        version=package.arn.version,
        created_at=package.created_at,
        registered_by=package.created_by,
        commit_author=author,
        containers=package.containers,
        documents=documents,
        card=read_card(package.card),
        lineage=lineage,
        customer_metadata=package.customer_metadata,
    )


def _check_declared(source: DocumentSource, found: Digest) -> None:
    declared = source.declared_digest
    if declared is not None and declared.lower() != found:
        raise InvalidInput(f"it is not the document that was registered: declared {declared}, found {found}")


def _read(document: Document, content: Any) -> Document:
    if not isinstance(content, dict):
        raise InvalidInput("it is not a JSON object")
    match document.kind:
        case DocumentKind.MODEL_QUALITY:
            return replace(document, metrics=_bounded(quality_metrics(content)))
        case DocumentKind.DATA_QUALITY:
            return replace(document, metrics=_bounded(data_metrics(content)))
        case DocumentKind.BIAS:
            return replace(document, bias=_bounded(bias_readings(content)))
        case DocumentKind.EXPLAINABILITY:
            return replace(document, attributions=_bounded(attributions(content)))


def _bounded[T](readings: Iterator[T]) -> tuple[T, ...]:
    found = tuple(islice(readings, MAX_READINGS + 1))
    if len(found) > MAX_READINGS:
        raise InvalidInput(f"it holds more than {MAX_READINGS} numbers")
    if not found:
        raise InvalidInput("nothing in it is of a form that Sluice knows")
    return found


def _card_facts(content: Any) -> Iterator[tuple[str, str]]:
    for section, field in _CARD_FACTS:
        value = mapping(mapping(content).get(section)).get(field)
        text = mapping(value).get("name", value) if isinstance(value, dict) else value
        if isinstance(text, str) and text.strip():
            yield field, text.strip()[:_FACT_CHARS]
