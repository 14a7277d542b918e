from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.core.gates import check
from sluice.core.rejection import MAX_CHARS, rejection_text
from sluice.model.approval import GateVerdict, MetricLine
from sluice.model.evidence import (
    Attribution,
    BiasReading,
    Channel,
    Document,
    DocumentStatus,
    Evidence,
    Lineage,
    Metric,
    ModelCard,
    PipelineRun,
    Share,
    Training,
    Unread,
)
from sluice.model.gates import GateReport, GateResult, LookedAt, Production
from sluice.model.ids import GroupName, Micros
from sluice.model.package import Container, DocumentKind
from sluice.model.policy_in_force import (
    BiasLimit,
    CardStatus,
    DigestRule,
    ExplainabilityRule,
    GateRules,
    ImageRule,
    LineageFact,
    LineageRule,
    MetricLimit,
    ModelCardRule,
    ProductionLimit,
)

PASSED, FAILED, MISSING = GateVerdict.PASSED, GateVerdict.FAILED, GateVerdict.MISSING
REPOSITORY = "111122223333.dkr.ecr.us-east-1.amazonaws.com/fraud"
DIGEST = "sha256:" + "4d" * 32


def _document(kind: DocumentKind, **readings: object) -> Document:
    return Document(kind, "report", f"s3://b/{kind.value}.json", DocumentStatus.PRESENT, **readings)  # type: ignore[arg-type]


def _quality(**values: float | None) -> Document:
    metrics = tuple(
        Metric(name, f"m.{name}.value", value, note="" if value is not None else "its value is 'NaN', not a number")
        for name, value in values.items()
    )
    return _document(DocumentKind.MODEL_QUALITY, metrics=metrics)


def _evidence(*documents: Document, version: int = 7, **changes: object) -> Evidence:
    evidence = Evidence(
        package_arn=f"arn:aws:sagemaker:us-east-1:111122223333:model-package/fraud/{version}",
        group=GroupName("fraud"),
        version=version,
        created_at=Micros(1),
        documents=documents,
    )
    return replace(evidence, **changes)  # type: ignore[arg-type]


def _serving(evidence: Evidence) -> Production:
    return Production(evidence, "fraud-prod")


def _one(rules: GateRules, evidence: Evidence, production: Evidence | None = None) -> GateResult:
    results = check(evidence, rules, _serving(production) if production else None).results
    assert len(results) == 1
    return results[0]


@pytest.mark.parametrize(
    "value,verdict,reason",
    [
        (0.83, FAILED, "auc 0.83 is below the minimum 0.85"),
        (0.8499999, FAILED, "auc 0.8499999 is below the minimum 0.85"),
        (0.849999999999, FAILED, "auc 0.849999999999 is below the minimum 0.85"),
        (0.85, PASSED, "auc 0.85 is at least the minimum 0.85"),
        (0.8500001, PASSED, "auc 0.8500001 is at least the minimum 0.85"),
        (None, MISSING, "auc has no number: its value is 'NaN', not a number"),
    ],
)
def test_a_minimum_is_judged_at_just_under_and_just_over(
    value: float | None, verdict: GateVerdict, reason: str
) -> None:
    result = _one(GateRules(metrics=(MetricLimit("auc", minimum=0.85),)), _evidence(_quality(auc=value)))

    assert (result.verdict, result.reason) == (verdict, reason)
    assert bool(result.advice) == (verdict is not PASSED)
    assert result.looked_at == (LookedAt("s3://b/model_quality.json", "m.auc.value"),)


@pytest.mark.parametrize("value,verdict", [(3.999, PASSED), (4.0, PASSED), (4.001, FAILED), (-1.0, PASSED)])
def test_a_maximum_is_judged_at_just_under_and_just_over(value: float, verdict: GateVerdict) -> None:
    result = _one(GateRules(metrics=(MetricLimit("rmse", maximum=4.0),)), _evidence(_quality(rmse=value)))

    assert result.verdict is verdict
    assert result.gate == "metrics.rmse.maximum"


@pytest.mark.parametrize(
    "candidate,production,verdict",
    [
        (0.89, 0.90, PASSED),  # as floats the drop is a little more than 0.01
        (0.889, 0.90, FAILED),
        (0.891, 0.90, PASSED),
        (0.95, 0.90, PASSED),
    ],
)
def test_a_drop_against_production_is_measured_as_written(
    candidate: float, production: float, verdict: GateVerdict
) -> None:
    rules = GateRules(metrics=(MetricLimit("auc", against_production=ProductionLimit(max_drop=0.01)),))

    result = _one(rules, _evidence(_quality(auc=candidate)), _evidence(_quality(auc=production), version=6))

    assert result.verdict is verdict
    assert "of version 6 in production" in result.reason


@pytest.mark.parametrize("candidate,verdict", [(4.5, PASSED), (4.51, FAILED), (3.0, PASSED)])
def test_a_rise_against_production_is_measured(candidate: float, verdict: GateVerdict) -> None:
    rules = GateRules(metrics=(MetricLimit("rmse", against_production=ProductionLimit(max_rise=0.5)),))

    result = _one(rules, _evidence(_quality(rmse=candidate)), _evidence(_quality(rmse=4.0), version=6))

    assert result.verdict is verdict


def test_the_reason_of_a_drop_has_both_numbers_and_the_margin() -> None:
    rules = GateRules(metrics=(MetricLimit("auc", against_production=ProductionLimit(max_drop=0.01)),))

    result = _one(rules, _evidence(_quality(auc=0.87)), _evidence(_quality(auc=0.9), version=6))

    assert (
        result.reason == "auc 0.87 against 0.9 of version 6 in production: a drop of 0.03, more than the 0.01 allowed"
    )


def test_a_version_that_is_only_approved_is_not_called_the_one_in_production() -> None:
    rules = GateRules(metrics=(MetricLimit("auc", against_production=ProductionLimit(max_drop=0.01)),))
    approved = Production(_evidence(_quality(auc=0.9), version=6))

    report = check(_evidence(_quality(auc=0.9)), rules, approved)

    assert report.results[0].reason == "auc 0.9 against 0.9 of version 6, the newest approved: not worse"
    assert (report.production_version, report.production_endpoint) == (6, "")


def test_the_first_version_has_nothing_to_be_compared_with_and_passes() -> None:
    rules = GateRules(metrics=(MetricLimit("auc", against_production=ProductionLimit(max_drop=0.01)),))

    assert _one(rules, _evidence(_quality(auc=0.5))).verdict is PASSED
    assert _one(rules, _evidence()).verdict is MISSING


def test_a_production_version_without_the_metric_leaves_the_comparison_missing() -> None:
    rules = GateRules(metrics=(MetricLimit("auc", against_production=ProductionLimit(max_drop=0.01)),))

    result = _one(rules, _evidence(_quality(auc=0.9)), _evidence(version=6))

    assert result.verdict is MISSING
    assert "version 6 in production cannot be compared with" in result.reason


def test_a_name_that_stands_for_two_numbers_needs_its_path() -> None:
    twice = (Metric("auc", "train.auc.value", 0.99), Metric("auc", "test.auc.value", 0.8))
    evidence = _evidence(_document(DocumentKind.MODEL_QUALITY, metrics=twice))

    by_name = _one(GateRules(metrics=(MetricLimit("auc", minimum=0.9),)), evidence)
    by_path = _one(GateRules(metrics=(MetricLimit("test.auc", minimum=0.9),)), evidence)

    assert by_name.verdict is MISSING
    assert by_path.verdict is FAILED


@pytest.mark.parametrize("status", [s for s in DocumentStatus if s is not DocumentStatus.PRESENT])
def test_a_document_that_cannot_be_read_is_missing_with_its_reason(status: DocumentStatus) -> None:
    document = Document(DocumentKind.MODEL_QUALITY, "statistics", "s3://b/q.json", status, "because of this")

    result = _one(GateRules(metrics=(MetricLimit("auc", minimum=0.9),)), _evidence(document))

    assert result.verdict is MISSING
    assert f"the model quality document is {status.value}: because of this" in result.reason
    assert "ModelMetrics.ModelQuality.Statistics" in result.advice


def _bias(*values: float | None, metric: str = "DPPL") -> Document:
    readings = tuple(
        BiasReading("post_training", "gender", str(i), metric, f"p[{i}]", v, "" if v is not None else "no group")
        for i, v in enumerate(values)
    )
    return _document(DocumentKind.BIAS, bias=readings)


@pytest.mark.parametrize(
    "values,verdict",
    [
        ([0.1], PASSED),
        ([-0.1], PASSED),
        ([0.1001], FAILED),
        ([-0.1001], FAILED),
        ([0.0, 0.2], FAILED),
        ([0.0, None], MISSING),
        ([None, 0.2], FAILED),
        ([], MISSING),
    ],
)
def test_the_distance_of_a_bias_metric_from_0_is_judged_for_every_value(
    values: Sequence[float | None], verdict: GateVerdict
) -> None:
    rules = GateRules(bias=(BiasLimit("DPPL", "gender", max_abs=0.1),))

    assert _one(rules, _evidence(_bias(*values))).verdict is verdict


@pytest.mark.parametrize(
    "value,verdict", [(0.799, FAILED), (0.8, PASSED), (1.0, PASSED), (1.25, PASSED), (1.251, FAILED)]
)
def test_a_ratio_of_bias_is_judged_within_its_range(value: float, verdict: GateVerdict) -> None:
    rules = GateRules(bias=(BiasLimit("DI", "gender", minimum=0.8, maximum=1.25),))

    assert _one(rules, _evidence(_bias(value, metric="DI"))).verdict is verdict


def test_the_reason_of_a_bias_names_metric_facet_number_and_limit() -> None:
    rules = GateRules(bias=(BiasLimit("DPPL", "gender", max_abs=0.1),))

    result = _one(rules, _evidence(_bias(-0.14)))

    assert result.reason == "DPPL -0.14 of gender=0 is 0.14 away from 0, more than the 0.1 allowed"


def test_one_value_of_a_facet_can_be_judged_alone() -> None:
    rules = GateRules(bias=(BiasLimit("DPPL", "gender", facet_value="0", max_abs=0.1),))

    assert _one(rules, _evidence(_bias(0.05, 0.9))).verdict is PASSED


def test_a_second_bias_report_that_cannot_be_read_keeps_the_gate_from_passing() -> None:
    broken = Document(DocumentKind.BIAS, "post_training", "s3://b/post.json", DocumentStatus.UNREADABLE, "denied")
    rules = GateRules(bias=(BiasLimit("DPPL", "gender", max_abs=0.1),))

    assert _one(rules, _evidence(_bias(0.0), broken)).verdict is MISSING


def _shap(share: float | None) -> Document:
    top = () if share is None else (Share("age", share),)
    note = "" if top else "the values add up to nothing"
    return _document(DocumentKind.EXPLAINABILITY, attributions=(Attribution("kernel_shap", "l0", "e", 5, top, note),))


@pytest.mark.parametrize("share,verdict", [(0.59, PASSED), (0.6, PASSED), (0.61, FAILED), (None, MISSING)])
def test_the_share_of_the_most_important_feature_is_judged(share: float | None, verdict: GateVerdict) -> None:
    rules = GateRules(explainability=ExplainabilityRule(max_top_share=0.6))

    results = {r.gate: r for r in check(_evidence(_shap(share)), rules, None).results}

    assert results["explainability.top_share"].verdict is verdict
    assert results["explainability.report"].verdict is (MISSING if share is None else PASSED)


def test_without_an_explainability_report_both_of_its_gates_are_missing() -> None:
    rules = GateRules(explainability=ExplainabilityRule(max_top_share=0.6))

    assert [r.verdict for r in check(_evidence(), rules, None).results] == [MISSING, MISSING]


@pytest.mark.parametrize(
    "card,verdict",
    [
        (None, MISSING),
        (ModelCard("Approved", DocumentStatus.PRESENT), PASSED),
        (ModelCard("Draft", DocumentStatus.PRESENT), FAILED),
        (ModelCard("", DocumentStatus.PRESENT), FAILED),
        (ModelCard("Approved", DocumentStatus.MALFORMED, "x"), MISSING),
        (ModelCard("Approved", DocumentStatus.UNREADABLE, "x"), MISSING),
    ],
)
def test_a_model_card_is_judged_by_its_status(card: ModelCard | None, verdict: GateVerdict) -> None:
    rules = GateRules(model_card=ModelCardRule((CardStatus.APPROVED,)))

    assert _one(rules, _evidence(card=card)).verdict is verdict


JOB = "arn:aws:sagemaker:us-east-1:111122223333:training-job/t"


@pytest.mark.parametrize(
    "fact,lineage,verdict",
    [
        (LineageFact.TRAINING_JOB, Lineage(trainings=(Training(JOB),)), PASSED),
        (LineageFact.TRAINING_JOB, Lineage(), MISSING),
        (LineageFact.TRAINING_DATA, Lineage(trainings=(Training(JOB, inputs=(Channel("train", "s3://d"),)),)), PASSED),
        (LineageFact.TRAINING_DATA, Lineage(trainings=(Training(JOB),)), MISSING),
        (LineageFact.SOURCE_COMMIT, Lineage(source_commit="c0ffee"), PASSED),
        (LineageFact.SOURCE_COMMIT, Lineage(source_commit="  "), MISSING),
        (LineageFact.EXPERIMENT_RUN, Lineage(trainings=(Training(JOB, run="r1"),)), PASSED),
        (LineageFact.EXPERIMENT_RUN, Lineage(pipeline=PipelineRun("p", experiment="e")), PASSED),
        (LineageFact.EXPERIMENT_RUN, Lineage(trainings=(Training(JOB),)), MISSING),
    ],
)
def test_a_fact_of_lineage_is_known_or_missing(fact: LineageFact, lineage: Lineage, verdict: GateVerdict) -> None:
    result = _one(GateRules(lineage=LineageRule((fact,))), _evidence(lineage=lineage))

    assert result.verdict is verdict
    assert result.gate == f"lineage.{fact.value}"


def test_what_of_the_lineage_could_not_be_read_is_in_the_reason() -> None:
    lineage = Lineage(generated_by=JOB, unread=(Unread(JOB, "SageMaker denies access to it"),))

    result = _one(GateRules(lineage=LineageRule((LineageFact.TRAINING_JOB,))), _evidence(lineage=lineage))

    assert "SageMaker denies access to it" in result.reason


@pytest.mark.parametrize(
    "image,digest,rule,verdict",
    [
        (f"{REPOSITORY}:1", DIGEST, DigestRule.REQUIRED, PASSED),
        (f"{REPOSITORY}@{DIGEST}", None, DigestRule.REQUIRED, PASSED),
        (f"{REPOSITORY}:1", None, DigestRule.REQUIRED, FAILED),
        (f"{REPOSITORY}:1", None, DigestRule.OPTIONAL, PASSED),
        (f"{REPOSITORY}-evil:1", DIGEST, DigestRule.REQUIRED, FAILED),
        (f"{REPOSITORY}/evil:1", DIGEST, DigestRule.REQUIRED, FAILED),
        (f"evil.example:5000/{REPOSITORY}:1", DIGEST, DigestRule.REQUIRED, FAILED),
        (f"{REPOSITORY}@{DIGEST}", "sha256:" + "00" * 32, DigestRule.REQUIRED, FAILED),
        (None, None, DigestRule.REQUIRED, MISSING),
    ],
)
def test_images_come_from_approved_repositories_and_cannot_change(
    image: str | None, digest: str | None, rule: DigestRule, verdict: GateVerdict
) -> None:
    rules = GateRules(images=ImageRule((REPOSITORY,), rule))

    assert _one(rules, _evidence(containers=(Container(image, digest, None),))).verdict is verdict


def test_one_image_from_elsewhere_fails_all() -> None:
    good, bad = Container(f"{REPOSITORY}:1", DIGEST, None), Container("x/y:1", DIGEST, None, specification="second")
    rules = GateRules(images=ImageRule((REPOSITORY,)))

    assert _one(rules, _evidence(containers=(good, bad))).verdict is FAILED
    assert _one(rules, _evidence(containers=())).verdict is MISSING


ALL = GateRules(
    metrics=(
        MetricLimit("auc", minimum=0.85),
        MetricLimit("rmse", maximum=4.0, required=False),
        MetricLimit("auc", against_production=ProductionLimit(max_drop=0.01)),
    ),
    bias=(BiasLimit("DPPL", "gender", max_abs=0.1),),
    explainability=ExplainabilityRule(max_top_share=0.6),
    model_card=ModelCardRule((CardStatus.APPROVED,)),
    lineage=LineageRule((LineageFact.TRAINING_JOB, LineageFact.IMAGE_DIGEST)),
    images=ImageRule((REPOSITORY,)),
)


def test_results_keep_the_order_of_the_policy() -> None:
    gates = [r.gate for r in check(_evidence(), ALL, None).results]

    assert gates == [
        "metrics.auc.minimum",
        "metrics.rmse.maximum",
        "metrics.auc.production",
        "bias.DPPL.gender",
        "explainability.report",
        "explainability.top_share",
        "model_card",
        "lineage.training_job",
        "lineage.image_digest",
        "images",
    ]


def test_without_any_evidence_no_gate_passes() -> None:
    report = check(_evidence(), ALL, None)

    assert {r.verdict for r in report.results} == {MISSING}
    assert report.verdict is MISSING


@pytest.mark.parametrize(
    "required,advisory,verdict",
    [
        ((PASSED,), (FAILED, MISSING), PASSED),
        ((PASSED, MISSING), (), MISSING),
        ((MISSING, FAILED), (), FAILED),
        ((), (FAILED,), PASSED),
        ((), (), PASSED),
    ],
)
def test_only_required_gates_decide_and_failed_outranks_missing(
    required: Sequence[GateVerdict], advisory: Sequence[GateVerdict], verdict: GateVerdict
) -> None:
    results = [GateResult("g", v, True, "r") for v in required] + [GateResult("g", v, False, "r") for v in advisory]

    assert GateReport(tuple(results)).verdict is verdict


_RANK = {PASSED: 2, MISSING: 1, FAILED: 0}
_VALUES = st.floats(-10, 10, allow_nan=False)


@given(value=_VALUES, gain=st.floats(0, 10), bound=_VALUES, margin=st.floats(0, 1), before=_VALUES)
def test_a_better_metric_never_worsens_a_verdict(
    value: float, gain: float, bound: float, margin: float, before: float
) -> None:
    rules = GateRules(
        metrics=(
            MetricLimit("up", minimum=bound),
            MetricLimit("down", maximum=bound),
            MetricLimit("up", against_production=ProductionLimit(max_drop=margin)),
            MetricLimit("down", against_production=ProductionLimit(max_rise=margin)),
        )
    )
    production = _evidence(_quality(up=before, down=before), version=6)

    worse = check(_evidence(_quality(up=value, down=value)), rules, _serving(production))
    better = check(_evidence(_quality(up=value + gain, down=value - gain)), rules, _serving(production))

    for a, b in zip(worse.results, better.results, strict=True):
        assert _RANK[a.verdict] <= _RANK[b.verdict]


@given(
    st.lists(st.sampled_from(["quality", "bias", "shap"]), unique=True),
    st.sampled_from([s for s in DocumentStatus if s is not DocumentStatus.PRESENT]),
)
def test_a_document_that_is_not_there_never_passes_a_required_gate(present: list[str], status: DocumentStatus) -> None:
    documents = {
        "quality": (DocumentKind.MODEL_QUALITY, _quality(auc=0.9)),
        "bias": (DocumentKind.BIAS, _bias(0.0)),
        "shap": (DocumentKind.EXPLAINABILITY, _shap(0.1)),
    }
    shown = [
        d if name in present else Document(kind, "", "s3://b/x", status, "gone")
        for name, (kind, d) in documents.items()
    ]
    rules = GateRules(
        metrics=(MetricLimit("auc", minimum=0.85),),
        bias=(BiasLimit("DPPL", "gender", max_abs=0.1),),
        explainability=ExplainabilityRule(),
    )

    report = check(_evidence(*shown), rules, None)

    assert (report.verdict is PASSED) == (len(present) == 3)
    assert [r.verdict is PASSED for r in report.results] == [name in present for name in documents]


def test_metrics_stand_beside_those_of_production() -> None:
    production = _evidence(_quality(auc=0.9, rmse=4.0, f1=0.7, loss=1.0), version=6)
    candidate = _evidence(_quality(auc=0.91, rmse=4.1, f1=0.7, loss=0.9, recall=0.8))
    rules = GateRules(metrics=(MetricLimit("auc", minimum=0.85), MetricLimit("loss", maximum=2.0)))

    report = check(candidate, rules, _serving(production))

    assert (report.production_version, report.production_endpoint) == (6, "fraud-prod")
    assert report.comparison == (
        MetricLine("auc", 0.91, 0.9, "better"),
        MetricLine("loss", 0.9, 1.0, "better"),
        MetricLine("f1", 0.7, 0.7, "same"),
        MetricLine("rmse", 4.1, 4.0, "worse"),
    )


def test_without_production_the_metrics_are_new() -> None:
    rules = GateRules(metrics=(MetricLimit("auc", minimum=0.85),))

    assert check(_evidence(_quality(auc=0.9, f1=0.7)), rules, None).comparison == (MetricLine("auc", 0.9, None, "new"),)


def test_a_rejection_says_every_required_gate_with_its_number_and_what_to_do() -> None:
    report = check(_evidence(_quality(auc=0.83)), GateRules(metrics=ALL.metrics[:2], model_card=ALL.model_card), None)

    text = rejection_text(report)

    assert text.startswith("Sluice: 2 required gates did not pass. (1) auc 0.83 is below the minimum 0.85. To do: ")
    assert "(2) the package has no model card. To do: add a model card" in text
    assert "rmse" not in text, "advisory gates reject nothing"


@given(st.lists(st.tuples(st.text(max_size=700), st.text(max_size=300)), min_size=1, max_size=60))
def test_a_rejection_fits_the_registry_and_has_one_line(parts: list[tuple[str, str]]) -> None:
    results = tuple(GateResult("g", FAILED, True, reason, advice=advice) for reason, advice in parts)

    text = rejection_text(GateReport(results))

    assert len(text) <= MAX_CHARS
    assert len(text.splitlines()) == 1
    assert text.startswith(f"Sluice: {len(parts)} required gate")
