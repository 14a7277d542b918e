import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.core.strict_json import strict_json
from sluice.errors import InvalidInput
from sluice.model.canonical import canonical_text


@pytest.mark.parametrize(
    "content,reason",
    [
        (b"", "it is empty"),
        (b"  \n", "it is empty"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"auc": 0.9', "not JSON"),
        (b'{"auc": 0.9, "auc": 0.99}', "'auc' is said twice"),
        (b'{"a": [{"auc": 1, "auc": 1}]}', "'auc' is said twice"),
        (b'{"auc": NaN}', "NaN"),
        (b'{"auc": -Infinity}', "Infinity"),
        (b'{"auc": 1e999}', "out of range"),
        (b'{"auc": ' + b"9" * 65 + b"}", "out of range"),
        (b'{"auc": ' + b"9" * 5000 + b"}", "out of range"),
        (b"[" * 65 + b"]" * 65, "deeper than 64"),
        (b"[" * 200_000 + b"]" * 200_000, "deeper than 64"),
    ],
)
def test_what_is_ambiguous_or_boundless_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        strict_json(content)


@pytest.mark.parametrize(
    "content,value",
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b"[" * 64 + b"]" * 64, None),
        (b'{"sd": "NaN"}', {"sd": "NaN"}),
        (b"9" * 64, int("9" * 64)),
    ],
)
def test_what_is_within_the_limits_is_read(content: bytes, value: object) -> None:
    found = strict_json(content)

    assert value is None or found == value


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_read_or_refused_and_nothing_else(content: bytes) -> None:
    try:
        value = strict_json(content)
    except InvalidInput:
        return

    assert canonical_text(value), "what is let through can be written canonically"
