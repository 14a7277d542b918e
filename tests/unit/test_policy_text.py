import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.core.policy_text import MAX_BYTES, MAX_DEPTH, default_policy, parse_text, read_document
from sluice.model.approval import Mode
from sluice.model.policy import PolicyDocument
from sluice.model.refusal import DocumentRefused, Problem
from tests.unit.policy_texts import CRITICAL, PILOT, STANDARD


def refusal(text: str) -> tuple[Problem, ...]:
    with pytest.raises(DocumentRefused) as caught:
        read_document(PolicyDocument, text)
    return caught.value.problems


def padded(size: int) -> str:
    """A policy of exactly this many bytes."""
    return PILOT + "#" * (size - len(PILOT.encode()) - 1) + "\n"


@pytest.mark.parametrize("text", [PILOT, STANDARD, CRITICAL], ids=["pilot", "standard", "critical"])
def test_a_policy_of_each_tier_is_read(text: str) -> None:
    assert read_document(PolicyDocument, text).version == 1


def test_the_largest_text_is_read_and_one_byte_more_is_refused() -> None:
    read_document(PolicyDocument, padded(MAX_BYTES))

    assert refusal(padded(MAX_BYTES + 1)) == (
        Problem("", f"has {MAX_BYTES + 1} bytes; at most {MAX_BYTES} are allowed", 1, 1),
    )


def test_size_counts_bytes_not_characters() -> None:
    assert refusal("a: '" + "é" * (MAX_BYTES // 2) + "'")[0].reason.startswith("has 8")


@pytest.mark.parametrize(
    "text, line, column, field, reason",
    [
        ("", 1, 1, "", "is empty"),
        ("# nothing\n", 2, 1, "", "is empty"),
        ("just words", 1, 1, "", "should be a mapping of fields"),
        ("- a\n", 1, 1, "", "should be a mapping of fields"),
        ("a: 1\nb: {{ssm:secret}}\n", 2, 4, "", "must not contain '{{'"),
        ("a: &x 1\n", 1, 4, "a", "uses an anchor or alias"),
        ("a: [*x]\n", 1, 5, "a[0]", "uses an anchor or alias"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, 4, "a", "uses a tag"),
        ("a: !!str 1\n", 1, 4, "a", "uses a tag"),
        ("a: ! x\n", 1, 4, "a", "uses a tag"),
        ("!!map {a: 1}\n", 1, 1, "", "uses a tag"),
        ("a: 1\na: 2\n", 2, 1, "a", "is given twice"),
        ("a:\n  b: 1\n  'b': 2\n", 3, 3, "a.b", "is given twice"),
        ("1: a\n", 1, 1, "", "has a key that is not a text"),
        ("true: a\n", 1, 1, "", "has a key that is not a text"),
        ("? [a]\n: b\n", 1, 3, "", "has a key that is not a text"),
        ("? {a: b}\n: c\n", 1, 3, "", "has a key that is not a text"),
        ("~: a\n", 1, 1, "", "has a key that is not a text"),
        ("a: 1\n---\nb: 2\n", 2, 1, "", "holds more than one document"),
        ("a: [1, 2\nb: 3\n", 2, 2, "", "is not YAML"),
        ("a: 'x\n", 2, 1, "", "is not YAML"),
        ("a: \x07\n", 1, 4, "", "has a character that YAML does not allow"),
        ('a: "\\0"\n', 1, 4, "a", "has a control character"),
        ('a: "\\ud800"\n', 1, 4, "a", "has a control character"),
        ('a: "\\UFFFFFFFF"\n', 1, 1, "", "has an escape or a number that is out of range"),
        ("a: 1.0e999\n", 1, 4, "a", "is too large a number"),
        ("a: " + "[" * (MAX_DEPTH + 1), 1, 4 + MAX_DEPTH, "a" + "[0]" * MAX_DEPTH, "is nested more than"),
    ],
)  # fmt: skip
def test_what_is_not_plain_yaml_is_refused_with_its_place(
    text: str, line: int, column: int, field: str, reason: str
) -> None:
    (problem,) = refusal(text)

    assert (problem.line, problem.column, problem.field) == (line, column, field)
    assert problem.reason.startswith(reason)


def test_merge_keys_merge_nothing() -> None:
    assert parse_text("<<: {a: 1}\n").values == {"<<": {"a": 1}}


def test_nesting_up_to_the_limit_is_read() -> None:
    assert parse_text("a: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH).values["a"]


@pytest.mark.parametrize(
    "text, value",
    [
        ("12", 12), ("-3", -3), ("0", 0), ("0.5", 0.5), (".5", 0.5), ("1e3", 1000.0), ("1.", 1.0), ("true", True), ("False", False),
        ("null", None), ("~", None), ("", None), ("yes", "yes"), ("on", "on"), ("4:30", "4:30"), ("012", "012"), ("0x1f", "0x1f"),
        ("1_000", "1_000"), ("2026-11-24", "2026-11-24"), ("24h", "24h"), (".inf", ".inf"), (".nan", ".nan"), ("'12'", "12"),
        ('"true"', "true"), ("9" * 18, int("9" * 18)), ("9" * 19, "9" * 19), ("1.2.3", "1.2.3"), ("U0ANNA", "U0ANNA"),
    ],
)  # fmt: skip
def test_plain_scalars_mean_what_they_look_like(text: str, value: object) -> None:
    found = parse_text(f"a: {text}\n").values["a"]

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "before, after, line, field, reason",
    [
        ("minimum: 0.85", "minimum: high", 8, "gates.metrics[0].minimum", "should be a valid number"),
        ("minimum: 0.85", "minimum: '0.85'", 8, "gates.metrics[0].minimum", "should be a valid number"),
        ("minimum: 0.85", "minimun: 0.85", 8, "gates.metrics[0].minimun", "is not a field that exists here"),
        ("mode: enforce", "mode: force", 5, "mode", "should be 'observe', 'recommend' or 'enforce'"),
        ("mode: enforce\n", "", 1, "mode", "is required but missing"),
        ("expires_after: 24h", "expires_after: 24", 20, "approval.expires_after", "should be a whole number with a unit"),
        ("[4h, 12h]", "[4h, 24h]", 22, "approval.remind_after", "must lie before expires_after"),
        ("[4h, 12h]", "[12h, 4h]", 22, "approval.remind_after", "must rise"),
        ("after: 20h", "after: 24h", 23, "approval.escalate.after", "must lie before expires_after"),
        ("people: [U0ANNA, U0BEN], count: 1", "people: [U0ANNA, U0BEN], count: 3", 17, "approvers[0]", "role data_science: 3 must approve, but 2 are listed"),
        ("[U0ANNA, U0BEN]", "[U0ANNA, anna]", 17, "approvers[0].people[1]", "should match pattern"),
        ("channel: C0FRAUD", "channel: '#fraud'", 3, "channel", "should match pattern"),
        ("lineage: {require: [training_job, ", "lineage: {require: [", 14, "gates.lineage.require", "tier standard also needs training_job"),
    ],
)  # fmt: skip
def test_what_a_field_may_not_say_is_refused_with_its_place(
    before: str, after: str, line: int, field: str, reason: str
) -> None:
    assert before in STANDARD

    problem = refusal(STANDARD.replace(before, after))[0]

    assert (problem.line, problem.field) == (line, field)
    assert problem.reason.startswith(reason)


def test_all_problems_are_told_at_once_in_the_order_of_the_text() -> None:
    problems = refusal(STANDARD.replace("0.85", "high").replace("C0FRAUD", "fraud").replace("24h", "soon"))

    assert [p.line for p in problems] == [3, 8, 20]


@pytest.mark.parametrize(
    "repositories, expected",
    [
        ("[]", ["gates.images.repositories: should not be empty"]),
        ("[fraud]", ["gates.images.repositories[0]: should match pattern"]),
        ("fraud", ["gates.images.repositories: should be a list"]),
    ],
)
def test_a_list_is_told_to_be_empty_only_where_it_is(repositories: str, expected: list[str]) -> None:
    problems = refusal(PILOT + f"gates: {{images: {{repositories: {repositories}}}}}\n")

    assert len(problems) == len(expected)
    assert all(f"{p.field}: {p.reason}".startswith(said) for p, said in zip(problems, expected, strict=True))


def test_a_problem_reads_as_a_sentence() -> None:
    (problem,) = refusal(STANDARD.replace("mode: enforce", "mode: force"))

    assert str(problem) == "line 5, column 1: mode: should be 'observe', 'recommend' or 'enforce'"


def test_the_default_policy_observes_whatever_its_text_says() -> None:
    assert default_policy(STANDARD).mode is Mode.OBSERVE


def test_the_default_policy_of_the_template_is_valid() -> None:
    template = (Path(__file__).resolve().parents[2] / "template.yaml").read_text()
    said = re.search(r"  DefaultPolicy:\n(?:    .*\n)*?    Default: '(.*)'\n", template)

    assert said is not None
    assert default_policy(said[1]).tier == "pilot"


def test_an_invalid_default_policy_is_refused() -> None:
    with pytest.raises(DocumentRefused, match="tier"):
        default_policy("{version: 1, owner: {team: x}}")


fragments = st.sampled_from(
    [*"{}[]:,&*!|>'\"%@`#-?~\n \t\\", "- ", ": ", "a", "0x", "1e9", "\\U", "<<", "---\n", "...\n", "%YAML 9.9\n", "!!python/name:os", "\x00", "\ufeff", "\x85", "\ud800"]
)  # fmt: skip
texts = st.one_of(st.text(max_size=200), st.lists(fragments, max_size=60).map("".join))


def places(text: str, cls: type[PolicyDocument] | None = None) -> list[tuple[int, int]]:
    """Where a text is wrong; nothing when it is not. Anything but the refusal is let out."""
    try:
        values = parse_text(text).values if cls is None else read_document(cls, text).model_dump(mode="json")
    except DocumentRefused as refused:
        return [(p.line, p.column) for p in refused.problems] or [(0, 0)]
    json.dumps(values, allow_nan=False)
    return []


@settings(max_examples=1000, deadline=None)
@given(texts)
def test_no_text_raises_anything_but_the_refusal(text: str) -> None:
    assert all(line >= 1 and column >= 1 for line, column in places(text))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(STANDARD)), st.integers(0, 40), texts)
def test_no_edit_of_a_policy_raises_anything_but_the_refusal(at: int, cut: int, text: str) -> None:
    edited = STANDARD[:at] + text + STANDARD[at + cut :]

    lines = sum(edited.count(end) for end in "\n\r\x85\u2028\u2029") + 2
    assert all(1 <= line <= lines for line, _ in places(edited, PolicyDocument))


keys = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8).filter(
    lambda k: not k.isdigit()
)
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**17), 10**17),
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=20),
)
trees = st.dictionaries(
    keys,
    st.recursive(leaves, lambda t: st.lists(t, max_size=4) | st.dictionaries(keys, t, max_size=4), max_leaves=10),
    min_size=1,
    max_size=5,
)


@settings(max_examples=200, deadline=None)
@given(trees)
def test_plain_values_written_as_json_are_read_as_they_are(values: dict[str, object]) -> None:
    text = json.dumps(values, ensure_ascii=False)
    if "{{" in text or len(text.encode()) > MAX_BYTES:
        return
    assert parse_text(text).values == values


def test_every_field_knows_its_place() -> None:
    parsed = parse_text(STANDARD)
    document = yaml.safe_load(STANDARD)

    assert parsed.values == document
    assert parsed.place(("gates", "metrics", 2, "against_production", "max_drop")) == (10, 40)
    assert parsed.place(("approvers", 1)) == (18, 5)
    assert parsed.place(("approvers", 7, "nowhere")) == (16, 1)
