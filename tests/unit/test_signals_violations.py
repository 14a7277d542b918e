"""What a report of violations says, for every shape of a real one."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.core.signals.violations import names_of, violations_of
from sluice.errors import InvalidInput
from sluice.model.signal import Finding
from tests.event_samples import ROOT

SAMPLES = ROOT / "tests/samples"
TEXT = st.text(max_size=40)
ROW = st.dictionaries(
    st.sampled_from(
        ["feature_name", "constraint_check_type", "description", "facet", "facet_value", "metric_name", "label"]
    ),
    TEXT | st.none() | st.integers() | st.lists(TEXT, max_size=2),
)


def _report(name: str) -> bytes:
    return Path(SAMPLES / f"constraint_violations_{name}.json").read_bytes()


def _read(*rows: Any) -> tuple[Finding, ...]:
    return violations_of(json.dumps({"violations": rows}).encode())


@pytest.mark.parametrize(
    "name, findings",
    [
        (
            "data_quality",
            [(n, 99.64592817400101, 100.0) for n in ("Area Code_408", "VMail Plan_no", "Churn")],
        ),
        ("baseline_drift_RECONSTRUCTED", [("total_amount", 0.3152, 0.1)]),
        (
            "bias",
            [
                ("DCA of Sex=0", -36.69387755102041, -0.5278688524590163),
                ("DAR of Sex=0", -0.34693877551020413, -0.09508196721311479),
                ("CDDPL of Sex=0", 0.374894782529513, 0.28176563733194276),
            ],
        ),
        (
            "feature_attribution",
            [("shap of label1", 0.7323763972092327, 0.9), ("shap of label0", 0.7639720923277322, 0.9)],
        ),
        ("model_quality_RECONSTRUCTED", [("f2", 0.7, 0.8)]),
    ],
)
def test_a_report_tells_what_is_off_and_how_far_the_farthest_first(
    name: str, findings: list[tuple[str, float, float]]
) -> None:
    found = violations_of(_report(name))

    assert [(f.name, f.value, f.limit) for f in found] == findings


def test_a_text_in_no_known_form_is_kept_whole_and_comes_last() -> None:
    strange = {"feature_name": "age", "constraint_check_type": "completeness_check", "description": "too many  holes"}
    drifted = {"feature_name": "pay", "description": "Baseline drift distance: 0.2 exceeds threshold: 0.1"}

    first, last = _read(strange, drifted)

    assert (first.name, first.value) == ("pay", 0.2)
    assert (last.name, last.what, last.value, last.limit) == ("age", "too many holes", None, None)


def test_a_number_in_any_spelling_is_read() -> None:
    (found,) = _read({"description": "Baseline drift distance: 3.1E-4 exceeds threshold: 1e-05"})

    assert (found.value, found.limit) == (3.1e-4, 1e-5)


def test_a_row_that_says_nothing_is_still_a_violation() -> None:
    (found,) = _read({})

    assert (found.name, found.what) == ("violation", "violated")


@pytest.mark.parametrize(
    "report", [b"", b"{", b"[]", b"{}", b'{"violations": {}}', b'{"violations": null}', b"\xff", b'{"violations": NaN}']
)
def test_what_is_no_report_is_turned_away(report: bytes) -> None:
    with pytest.raises(InvalidInput):
        violations_of(report)


def test_many_names_are_told_by_their_number() -> None:
    rows = [{"feature_name": f"f{n}"} for n in range(5)]

    assert names_of(_read(*rows)) == "f0, f1, f2 and 2 more"
    assert names_of(_read(*rows[:3])) == "f0, f1, f2"


@given(st.lists(ROW | TEXT | st.none(), max_size=6))
def test_whatever_rows_hold_each_object_is_one_finding_of_bounded_size(rows: list[Any]) -> None:
    found = _read(*rows)

    assert len(found) == sum(isinstance(row, dict) for row in rows)
    assert all(0 < len(f.name) <= 200 and 0 < len(f.what) <= 1000 for f in found)


@given(st.binary(max_size=200))
def test_no_bytes_make_reading_fail_otherwise_than_as_no_report(report: bytes) -> None:
    try:
        violations_of(report)
    except InvalidInput:
        return
    assert b"violations" in report
