import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.core.evidence import MAX_READINGS, assemble, documents_of, read_card, read_document
from sluice.model.canonical import digest_of
from sluice.model.codec import decode, encode
from sluice.model.evidence import Document, DocumentStatus, Evidence, Fetched, Lineage
from sluice.model.ids import Micros
from sluice.model.package import CardText, Container, DocumentKind, DocumentSource, RegistryStatus
from tests.versions import a_package

SAMPLES = Path(__file__).parents[1] / "samples"


def _read(kind: DocumentKind, content: bytes | dict[str, Any]) -> Document:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return read_document(DocumentSource(kind, "report", "s3://b/d.json"), Fetched(DocumentStatus.PRESENT, "", text))


def _sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.json").read_bytes()


def test_metrics_of_model_monitor_are_read_and_a_deviation_of_nan_is_none() -> None:
    document = _read(DocumentKind.MODEL_QUALITY, _sample("model_quality_statistics_binary"))

    metrics = {m.name: m for m in document.metrics}
    assert document.status is DocumentStatus.PRESENT
    assert metrics["auc"].value == 1.0
    assert metrics["auc"].standard_deviation is None
    assert metrics["auc"].path == "binary_classification_metrics.auc.value"
    assert metrics["precision"].value == 0.3333333333333333
    assert "confusion_matrix" not in metrics
    assert "item_count" not in metrics


def test_metrics_of_an_evaluation_script_are_read_with_their_deviation() -> None:
    document = _read(DocumentKind.MODEL_QUALITY, _sample("evaluation_regression"))

    rmse = next(m for m in document.metrics if m.name == "rmse")
    assert (rmse.value, rmse.standard_deviation) == (0.609248066149471, 0.003079253267651125)
    assert sorted(m.name for m in document.metrics) == ["mae", "mse", "r2", "rmse"]


def test_metrics_of_several_classes_are_read() -> None:
    group = {"confusion_matrix": {"0": {"0": 1}}, "weighted_f1": {"value": 0.8, "standard_deviation": 0.01}}

    document = _read(DocumentKind.MODEL_QUALITY, {"version": 0.0, "multiclass_classification_metrics": group})

    assert [(m.name, m.value) for m in document.metrics] == [("weighted_f1", 0.8)]


@pytest.mark.parametrize("content", [{"auc": 0.9}, {"metrics": {"auc": 0.9}}, {"auc": {"value": 0.9}}])
def test_plain_forms_of_home_made_documents_are_read(content: dict[str, Any]) -> None:
    document = _read(DocumentKind.MODEL_QUALITY, content)

    assert [(m.name, m.value) for m in document.metrics] == [("auc", 0.9)]


def test_a_metric_whose_value_is_a_text_keeps_its_reason() -> None:
    document = _read(DocumentKind.MODEL_QUALITY, {"m": {"auc": {"value": "NaN"}}})

    assert document.metrics[0].value is None
    assert document.metrics[0].note == "its value is 'NaN', not a number"


def test_bias_is_read_before_and_after_training_with_the_error_of_a_null() -> None:
    document = _read(DocumentKind.BIAS, _sample("clarify_analysis_bias"))

    readings = {(r.stage, r.metric): r for r in document.bias}
    assert len(readings) == 19
    assert readings["post_training", "DI"].value == 1.0
    assert readings["post_training", "DI"].facet == "customer_gender_female"
    assert readings["post_training", "DI"].facet_value == "1"
    assert readings["pre_training", "CDDL"].value is None
    assert readings["pre_training", "CDDL"].note == "Group variable is empty or not provided"


def test_bias_is_read_from_a_model_cards_evaluation() -> None:
    document = _read(DocumentKind.BIAS, _sample("modelcard_generic_evaluation"))

    first = document.bias[0]
    assert (first.stage, first.facet, first.facet_value, first.metric) == ("post_training", "Gender", "0", "AD")
    assert first.value == -0.11415724421435
    assert len(document.bias) == 3


def test_global_shap_values_become_shares_with_the_largest_first() -> None:
    document = _read(DocumentKind.EXPLAINABILITY, _sample("clarify_analysis_explainability"))

    attribution = document.attributions[0]
    assert (attribution.method, attribution.label, attribution.features) == ("kernel_shap", "label0", 45)
    assert attribution.top[0].feature == "customer_gender_male"
    assert attribution.top[0].share == pytest.approx(0.0763847, abs=1e-6)
    assert len(attribution.top) == 10


def test_figures_of_data_quality_are_read() -> None:
    common = {"common": {"num_present": 90, "num_missing": 10}}
    content = {
        "dataset": {"item_count": 100},
        "features": [{"name": "a", "numerical_statistics": common}, {"name": "b", "string_statistics": {}}],
    }

    document = _read(DocumentKind.DATA_QUALITY, content)

    assert {m.name: m.value for m in document.metrics} == {
        "item_count": 100.0,
        "feature_count": 2.0,
        "lowest_completeness": 0.9,
    }


@pytest.mark.parametrize(
    "content,reason",
    [
        (b"[1]", "not a JSON object"),
        (b"{}", "nothing in it is of a form that Sluice knows"),
        (b'{"auc": NaN}', "NaN"),
        (b"not json", "not JSON"),
        (json.dumps({f"m{i}": i for i in range(MAX_READINGS + 1)}).encode(), "more than 500 numbers"),
    ],
)
def test_a_document_that_cannot_be_used_is_malformed_with_its_reason(content: bytes, reason: str) -> None:
    document = _read(DocumentKind.MODEL_QUALITY, content)

    assert document.status is DocumentStatus.MALFORMED
    assert reason in document.reason
    assert document.content_digest == digest_of(content)


def test_a_document_that_is_not_the_registered_one_is_malformed() -> None:
    content = b'{"auc": 0.99}'
    source = DocumentSource(DocumentKind.MODEL_QUALITY, "statistics", "s3://b/d", "sha256:" + "0" * 64)

    document = read_document(source, Fetched(DocumentStatus.PRESENT, "", content))

    assert document.status is DocumentStatus.MALFORMED
    assert "not the document that was registered" in document.reason
    assert document.metrics == ()


def test_a_declared_digest_is_compared_without_regard_to_case() -> None:
    content = b'{"auc": 0.99}'
    source = DocumentSource(DocumentKind.MODEL_QUALITY, "statistics", "s3://b/d", digest_of(content).upper())

    assert read_document(source, Fetched(DocumentStatus.PRESENT, "", content)).status is DocumentStatus.PRESENT


@pytest.mark.parametrize("status", [DocumentStatus.MISSING, DocumentStatus.UNREADABLE, DocumentStatus.OVERSIZED])
def test_what_could_not_be_fetched_is_evidence_of_that(status: DocumentStatus) -> None:
    source = DocumentSource(DocumentKind.BIAS, "report", "s3://b/d")

    document = read_document(source, Fetched(status, "because"))

    assert (document.status, document.reason, document.bias) == (status, "because", ())


def test_a_kind_that_the_package_does_not_name_is_missing() -> None:
    documents = documents_of(a_package(sources=()), [])

    assert [(d.kind, d.status) for d in documents] == [(kind, DocumentStatus.MISSING) for kind in DocumentKind]


_KEYS = [
    "post_training_bias_metrics",
    "facets",
    "metrics",
    "value",
    "explanations",
    "global_shap_values",
    "metric_groups",
    "metric_data",
    "name",
    "features",
    "dataset",
    "item_count",
    "x",
]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(_KEYS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(
    st.sampled_from(list(DocumentKind)),
    st.dictionaries(
        st.sampled_from(["facets", "explanations", "metric_groups", "features", "post_training_bias_metrics", "y"]),
        _JSON,
    ),
)
def test_any_json_is_read_or_malformed_never_a_crash(kind: DocumentKind, content: dict[str, Any]) -> None:
    document = _read(kind, content)

    assert document.status in (DocumentStatus.PRESENT, DocumentStatus.MALFORMED)
    assert (document.status is DocumentStatus.MALFORMED) == bool(document.reason)


def test_a_model_card_gives_its_status_a_digest_and_a_few_facts() -> None:
    text = json.dumps({"intended_uses": {"risk_rating": "Low", "purpose_of_model": "fraud"}, "model_overview": 3})

    card = read_card(CardText("Approved", text))

    assert card is not None
    assert (card.status, card.reading) == ("Approved", DocumentStatus.PRESENT)
    assert card.facts == {"purpose_of_model": "fraud", "risk_rating": "Low"}
    assert card.content_digest == digest_of(text.encode())


@pytest.mark.parametrize(
    "given_card,reading",
    [
        (CardText("Approved", "{}", complete=False), DocumentStatus.UNREADABLE),
        (CardText("Approved", ""), DocumentStatus.MISSING),
        (CardText("Approved", "{"), DocumentStatus.MALFORMED),
    ],
)
def test_a_card_that_cannot_be_read_says_so(given_card: CardText, reading: DocumentStatus) -> None:
    card = read_card(given_card)

    assert card is not None
    assert card.reading is reading
    assert card.reason


def _evidence(**changes: Any) -> Evidence:
    package = a_package(**changes)
    return assemble(
        package, documents_of(package, [Fetched(DocumentStatus.MISSING, "gone") for _ in package.sources]), Lineage()
    )


def test_status_and_times_of_change_are_no_part_of_the_digest() -> None:
    before = _evidence()

    after = _evidence(
        status=RegistryStatus.APPROVED, approval_description="fine", last_modified=Micros(9_999), description="x"
    )

    assert after.digest == before.digest


@pytest.mark.parametrize(
    "changes",
    [
        {"customer_metadata": {"note": "x"}},
        {"card": CardText("Draft", "{}")},
        {"sources": ()},
        {"containers": (Container("i:2", None, "s3://b/m"),)},
        {"containers": (Container("i:1", None, "s3://b/m", spec_digest="sha256:1"),)},
    ],
)
def test_an_edit_of_what_is_judged_changes_the_digest(changes: dict[str, Any]) -> None:
    assert _evidence(**changes).digest != _evidence().digest


def test_a_changed_lineage_changes_the_digest() -> None:
    before = _evidence()

    after = replace(before, lineage=Lineage(source_commit="c0ffee"))

    assert after.digest != before.digest


def test_evidence_survives_its_own_text() -> None:
    package = a_package()
    contents = [
        _sample("model_quality_statistics_binary"),
        _sample("clarify_analysis_bias"),
        _sample("clarify_analysis_explainability"),
    ]
    documents = documents_of(package, [Fetched(DocumentStatus.PRESENT, "", c) for c in contents])
    evidence = assemble(package, documents, Lineage(source_commit="c0ffee"))

    again = decode(Evidence, json.loads(evidence.text))

    assert again == evidence
    assert again.digest == evidence.digest
    assert json.loads(json.dumps(encode(evidence))) == json.loads(evidence.text)
