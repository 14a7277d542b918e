"""A webhook is signed so that its receiver can check it, by the very lines that docs/incidents.md gives."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sluice.core.incident.hook_signature import signed
from sluice.core.incident.page_forms import hook_document
from sluice.model.page import PageAction, PageOrder
from tests.pages import a_page, a_paged_incident, a_rollback

PAGE = (Path(__file__).resolve().parents[2] / "docs/incidents.md").read_text()
BODY = b'{"id": "1"}'


@pytest.fixture
def is_from_sluice() -> Callable[..., bool]:
    """The function of the page."""
    found = re.search(r"```python\n(.*?def is_from_sluice.*?)```", PAGE, re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(found[1], names)  # noqa: S102  # our own page
    check: Callable[..., bool] = names["is_from_sluice"]
    return check


def test_the_page_lets_in_what_sluice_signs(is_from_sluice: Callable[..., bool]) -> None:
    headers = dict(signed(BODY, at_s=int(time.time()), secrets=["new", "old"]))

    assert [is_from_sluice(BODY, headers, secret) for secret in ("new", "old")] == [True, True]


@pytest.mark.parametrize("age,secret,body", [
    (0, "guessed", BODY),
    (0, "new", b"{}"),
    (301, "new", BODY),
    (-302, "new", BODY),
])  # fmt: skip
def test_the_page_turns_away_what_is_forged_or_old(
    is_from_sluice: Callable[..., bool], age: int, secret: str, body: bytes
) -> None:
    headers = dict(signed(BODY, at_s=int(time.time()) - age, secrets=["new"]))

    assert not is_from_sluice(body, headers, secret)


@pytest.mark.parametrize("change", [
    {"Sluice-Signature": "v1="},
    {"Sluice-Signature": "v1=é"},
    {"Sluice-Timestamp": "now"},
    {"Sluice-Timestamp": "-1"},
])  # fmt: skip
def test_the_page_survives_headers_of_another_form(is_from_sluice: Callable[..., bool], change: dict[str, str]) -> None:
    headers = dict(signed(BODY, at_s=int(time.time()), secrets=["new"])) | change

    assert not is_from_sluice(BODY, headers, "new")


def test_an_empty_secret_signs_nothing() -> None:
    assert signed(BODY, at_s=0, secrets=["", "x"])["Sluice-Signature"].count("v1=") == 1


def test_the_example_of_the_page_has_the_fields_that_are_sent() -> None:
    incident = a_paged_incident()
    order = PageOrder(incident.id, "webhook:ops", PageAction.TRIGGER, 1)
    sent = hook_document(a_page(incident=incident, rollback=a_rollback(incident)), incident, order)

    examples = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    [example] = [example for example in examples if "dedup_key" in example]

    assert list(example) == list(sent)
    assert [set(fact) for fact in example["facts"]] == [{"label", "text"}]
    assert [set(link) for link in example["links"]] == [{"label", "url"}]
