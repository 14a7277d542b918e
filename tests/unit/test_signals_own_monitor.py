"""A word of a team's own monitor: what its schema allows is taken, about the endpoint that it names; all else is not."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.errors import InvalidInput
from sluice.model.monitor_event import ViolationEvent, monitor_event
from sluice.model.signal import Cause, Finding, SignalKind
from sluice.usecases.signals.admit_monitoring import admit_monitoring
from sluice.usecases.signals.taking import SignalAction
from tests.event_samples import sample
from tests.packages import ACCOUNT, GROUP, REGION
from tests.rollouts import ENDPOINT
from tests.signals import ANY_JSON, SignalWorld, watching

OWN = sample("sluice_monitor_violation_found.json")


def _own(world: SignalWorld, **detail: Any) -> SignalAction:
    event = deepcopy(OWN) | {"account": ACCOUNT, "region": REGION}
    event["detail"] = {key: value for key, value in (event["detail"] | detail).items() if value is not ...}
    return admit_monitoring(monitor_event(event), world.admitting_monitoring).action


def test_a_word_of_a_teams_own_monitor_is_taken_as_it_is() -> None:
    world = SignalWorld()

    _own(world, endpoint=ENDPOINT)

    (signal,) = world.signals
    assert (signal.kind, signal.cause, signal.raised) == (SignalKind.MONITOR, Cause.DATA_QUALITY, True)
    assert signal.source == "own-monitor/fraud-nightly"
    assert signal.findings == (Finding("amount", "population stability index over 7 days", 0.31, 0.2),)
    assert signal.links == {"Monitor": "https://monitors.example.com/fraud-nightly"}


def test_it_clears_under_the_source_under_which_it_raised() -> None:
    world = SignalWorld()

    _own(world, endpoint=ENDPOINT)
    _own(world, endpoint=ENDPOINT, state="cleared", at="2026-05-29T02:00:00Z", findings=...)

    raised, cleared = world.signals
    assert (cleared.raised, cleared.source, cleared.findings) == (False, raised.source, ())
    assert cleared.at > raised.at


def test_it_is_about_the_endpoint_of_the_group_that_it_names() -> None:
    world = SignalWorld()

    _own(world, endpoint=..., group=GROUP)

    assert [signal.endpoint for signal in world.signals] == [ENDPOINT]


def test_one_that_names_neither_is_about_the_endpoint_whose_policy_names_it() -> None:
    world = SignalWorld(watching(monitors=("fraud-nightly",)))

    _own(world, endpoint=...)

    assert [signal.endpoint for signal in world.signals] == [ENDPOINT]


def test_a_word_about_nothing_that_a_policy_names_is_ignored() -> None:
    world = SignalWorld()

    assert _own(world, endpoint="somebody-elses") is SignalAction.IGNORE
    assert _own(world, endpoint=...) is SignalAction.IGNORE


def test_a_word_from_another_account_is_ignored() -> None:
    world = SignalWorld()
    event = deepcopy(OWN) | {"account": "999999999999", "region": REGION}

    assert admit_monitoring(monitor_event(event), world.admitting_monitoring).action is SignalAction.IGNORE


@pytest.mark.parametrize(
    "field, value",
    [
        ("monitor", ""),
        ("monitor", "two words"),
        ("monitor", 7),
        ("monitor", ...),
        ("endpoint", "ends-with-"),
        ("endpoint", None),
        ("group", "a/b"),
        ("cause", "changed"),
        ("cause", "rollout"),
        ("cause", ["bias"]),
        ("cause", ...),
        ("state", "RAISED"),
        ("state", None),
        ("at", "yesterday"),
        ("at", "2026-05-28T20:26:40"),
        ("at", 1_780_000_000),
        ("at", "0001-01-01T00:00:00+14:00"),
        ("findings", {}),
        ("findings", [1]),
        ("findings", [{"name": "a"}]),
        ("findings", [{"name": "a", "what": "b", "value": "0.3"}]),
        ("findings", [{"name": "a", "what": "b", "value": True}]),
        ("findings", [{"name": "a", "what": "b", "limit": float("nan")}]),
        ("findings", [{"name": "a", "what": "b", "limit": 10**400}]),
        ("findings", [{"name": "a", "what": "b", "more": 1}]),
        ("findings", [{"name": "a", "what": "b"}] * 51),
        ("findings", [{"name": "a" * 201, "what": "b"}]),
        ("link", "http://monitors.example.com"),
        ("link", "javascript:alert(1)"),
        ("link", None),
        ("severity", "critical"),
    ],
)
def test_what_the_schema_does_not_allow_is_turned_away(field: str, value: Any) -> None:
    with pytest.raises(InvalidInput):
        _own(SignalWorld(), **{field: value})


@given(ANY_JSON)
def test_no_envelope_makes_the_parser_fail_otherwise_than_as_none_of_ours(envelope: Any) -> None:
    with pytest.raises(InvalidInput):
        monitor_event(envelope)


@given(st.dictionaries(st.sampled_from(sorted(OWN["detail"])) | st.text(max_size=5), ANY_JSON, max_size=9))
def test_no_detail_makes_the_parser_fail_otherwise_than_as_not_allowed(changes: dict[str, Any]) -> None:
    event = deepcopy(OWN)
    event["detail"] |= changes

    try:
        told = monitor_event(event)
    except InvalidInput:
        return
    assert isinstance(told, ViolationEvent)
    assert json.dumps(event["detail"])
