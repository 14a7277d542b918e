"""A request is Slack's if it carries Slack's signature of these bytes, and is young."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.core.slack_signature import MAX_AGE_S, is_genuine, sign

VECTOR: dict[str, str] = json.loads(
    (Path(__file__).parent.parent / "samples" / "slack_signature_vector.json").read_text()
)
SECRET, BODY, STAMP, SIGNATURE = (VECTOR[k] for k in ("signing_secret", "body", "timestamp", "signature"))


def genuine(**changes: Any) -> bool:
    """The known request with some of it changed."""
    asked: dict[str, Any] = {
        "body": BODY.encode(),
        "timestamp": STAMP,
        "signature": SIGNATURE,
        "secrets": (SECRET,),
        "now_s": int(STAMP),
    } | changes
    body = asked.pop("body")
    return is_genuine(body, **asked)


def test_the_known_answer_of_slacks_own_sdk_is_found() -> None:
    assert sign(BODY.encode(), STAMP, SECRET) == SIGNATURE
    assert genuine()


@pytest.mark.parametrize("age", [-MAX_AGE_S, 0, MAX_AGE_S])
def test_five_minutes_either_way_are_young_enough(age: int) -> None:
    assert genuine(now_s=int(STAMP) + age)


@pytest.mark.parametrize("age", [-MAX_AGE_S - 1, MAX_AGE_S + 1])
def test_a_second_more_is_too_old_or_too_far_ahead(age: int) -> None:
    assert not genuine(now_s=int(STAMP) + age)


@pytest.mark.parametrize("secrets", [(SECRET, "other"), ("other", SECRET)])
def test_during_a_rotation_either_secret_is_good(secrets: tuple[str, ...]) -> None:
    assert genuine(secrets=secrets)


@pytest.mark.parametrize("secrets", [(), ("other",), ("other", "another")])
def test_no_other_secret_is(secrets: tuple[str, ...]) -> None:
    assert not genuine(secrets=secrets)


def test_an_empty_secret_lets_nobody_in() -> None:
    """Anybody can sign with it."""
    forged = sign(BODY.encode(), STAMP, "")

    assert not genuine(secrets=("",), signature=forged)
    assert not genuine(secrets=("", SECRET), signature=forged)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "v0=",
        SIGNATURE[:-1],
        SIGNATURE + "0",
        SIGNATURE.upper(),
        SIGNATURE.replace("v0", "v1"),
        SIGNATURE + "\n",
        "v0=" + "é" * 64,
        f"{SIGNATURE},{SIGNATURE}",
    ],
)
def test_a_signature_of_another_form_is_refused(signature: str) -> None:
    assert not genuine(signature=signature)


@pytest.mark.parametrize(
    "timestamp",
    ["", "abc", "1e9", "inf", "nan", "-1", "1531420618.5", " 1531420618", "1531420618\n", "١٥٣١٤٢٠٦١٨", "9" * 5000],
)
def test_a_timestamp_of_another_form_is_refused(timestamp: str) -> None:
    assert not genuine(timestamp=timestamp, signature=sign(BODY.encode(), timestamp, SECRET))


@given(body=st.binary(max_size=300), at=st.integers(0, len(BODY) - 1))
def test_other_bytes_are_never_genuine(body: bytes, at: int) -> None:
    known = BODY.encode()
    flipped = known[:at] + bytes([known[at] ^ 1]) + known[at + 1 :]

    assert not genuine(body=flipped)
    assert genuine(body=body) == (body == known)


@given(body=st.binary(max_size=300), secret=st.text(min_size=1, max_size=40), stamp=st.integers(0, 10**12 - 1))
def test_what_is_signed_is_found_genuine(body: bytes, secret: str, stamp: int) -> None:
    try:
        signature = sign(body, str(stamp), secret)
    except UnicodeEncodeError:
        return  # half a surrogate pair: no secret can hold it

    assert is_genuine(body, timestamp=str(stamp), signature=signature, secrets=[secret], now_s=stamp)


@given(timestamp=st.text(max_size=30), signature=st.text(max_size=80), body=st.binary(max_size=50))
def test_whatever_the_headers_nothing_is_raised_and_nothing_passes(timestamp: str, signature: str, body: bytes) -> None:
    assert not genuine(timestamp=timestamp, signature=signature, body=body)
