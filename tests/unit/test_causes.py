"""An error of a state machine in words: the sentence in it, whatever Lambda wraps around it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.core.causes import plain_error


def told(message: str) -> str:
    """The cause of a failed function as the Python runtime gives it."""
    trace = ['  File "/var/task/app.py", line 12, in handler\n']
    return json.dumps({"errorMessage": message, "errorType": "ChangeFailed", "requestId": "x", "stackTrace": trace})


@pytest.mark.parametrize("plain", ["", "States.Timeout: ", "Lambda.Unknown: Rate Exceeded.", "it ended"])
def test_what_is_plain_already_stays(plain: str) -> None:
    assert plain_error(plain) == plain


@given(st.text(), st.integers(min_value=0, max_value=400))
def test_the_sentence_is_found_however_short_the_machine_cuts_its_cause(message: str, cut: int) -> None:
    whole = f"ChangeFailed: {told(message)}"

    assert plain_error(whole) == f"ChangeFailed: {message}"
    assert plain_error(whole[: len("ChangeFailed: ") + cut]).startswith("ChangeFailed: ")
