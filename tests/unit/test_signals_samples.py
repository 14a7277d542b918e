"""Every sample of what says that production is not well leads to the signal, or the silence, that its line tells of."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sluice.errors import InvalidInput
from sluice.model.alarm_event import AlarmEvent
from sluice.model.alarm_seen import AlarmMetric, AlarmSeen
from sluice.model.ids import Micros
from sluice.model.metric_query import AlarmState
from sluice.model.monitor_event import ViolationEvent, monitor_event
from sluice.model.production_event import production_event
from sluice.model.signal import Cause
from sluice.usecases.signals.taking import SignalAction
from tests.event_samples import files, sample, takers_of
from tests.packages import ACCOUNT, REGION
from tests.signals import ANY_JSON, SignalWorld, watching

ALARMS = [f for f in files() if "/" not in f and takers_of(f) == ["functions/admit_alarm"]]
SCHEMA = Draft202012Validator(sample("monitor/schema.json"))
FOUND = sample("sluice_monitor_violation_found.json")


def _seen(event: Any, **changes: Any) -> AlarmSeen:
    """The alarm as CloudWatch would describe it when its event came."""
    detail, state = event["detail"], event["detail"]["state"]
    queries = [q["metricStat"]["metric"] for q in detail["configuration"].get("metrics", ()) if "metricStat" in q]
    ordinary: dict[str, Any] = {
        "name": detail["alarmName"],
        "arn": event["resources"][0],
        "state": AlarmState(state["value"]),
        "since": Micros(1_780_000_000_000_000),
        "reason": state["reason"],
        "metrics": tuple(AlarmMetric(m["namespace"], m["name"], m["dimensions"]) for m in queries),
        "rule": detail["configuration"].get("alarmRule", ""),
        "suppressed": state.get("actionsSuppressedBy", ""),
    }
    return AlarmSeen(**(ordinary | changes))


def _heard(file: str, **changes: Any) -> tuple[SignalWorld, SignalAction]:
    """An alarm that a policy names, as its event and CloudWatch tell of it."""
    event = sample(file) | {"account": ACCOUNT, "region": REGION}
    told = AlarmEvent.parse(event)
    world = SignalWorld(watching(alarms={told.name: None}))
    world.clock.at = Micros(1_767_268_800_000_000)  # within the window of the samples that are muted: 2026-01-01 12:00
    world.later(-600)
    world.alarms.put(_seen(event, **changes))
    return world, world.hear(told.name, told.state, muted_until=told.muted_until).action


@pytest.mark.parametrize("file", [f for f in ALARMS if "muteDetail" not in f and "suppressed" not in f])
def test_an_alarm_of_each_kind_that_a_policy_names_says_what_its_state_is(file: str) -> None:
    state = sample(file)["detail"]["state"]["value"]

    world, _ = _heard(file)

    assert [signal.raised for signal in world.signals] == {"ALARM": [True], "OK": [False]}.get(state, [])


@pytest.mark.parametrize("file", [f for f in ALARMS if "muteDetail" in f])
def test_a_muted_alarm_is_kept_quiet(file: str) -> None:
    world, action = _heard(file, suppressed="")

    assert (action, world.signals) == (SignalAction.KEEP_QUIET, [])


def test_a_suppressed_composite_alarm_is_kept_quiet() -> None:
    world, action = _heard("cloudwatch_alarm_composite_suppressed.json")

    assert (action, world.signals) == (SignalAction.KEEP_QUIET, [])


@pytest.mark.parametrize(
    "file, cause, config",
    [
        ("cloudwatch_alarm_sagemaker_model_latency.json", Cause.LATENCY, "MyEndpointConfig-2"),
        ("cloudwatch_alarm_feature_drift.json", Cause.DATA_QUALITY, ""),
        ("cloudwatch_alarm_single_metric.json", Cause.OTHER, ""),
    ],
)
def test_an_alarm_has_the_cause_of_its_metric(file: str, cause: Cause, config: str) -> None:
    world, _ = _heard(file)

    assert [(signal.cause, signal.config) for signal in world.signals] == [(cause, config)]


@pytest.mark.parametrize(
    "namespace, cause",
    [
        ("/aws/sagemaker/Endpoints/data-metric", Cause.DATA_QUALITY),
        ("aws/sagemaker/Endpoints/data-metrics", Cause.DATA_QUALITY),
        ("/aws/sagemaker/Endpoint/data-metrics", Cause.DATA_QUALITY),
        ("aws/sagemaker/Endpoints/model-metrics", Cause.MODEL_QUALITY),
        ("aws/sagemaker/Endpoints/bias-metrics", Cause.BIAS),
        ("aws/sagemaker/Endpoints/explainability-metrics", Cause.ATTRIBUTION),
        ("aws/sagemaker/ModelMonitoring/model-metrics", Cause.MODEL_QUALITY),
        ("aws/sagemaker/Endpoints", Cause.OTHER),
        ("my/aws/sagemaker/Endpoints/data-metrics", Cause.OTHER),
    ],
)
def test_every_namespace_that_a_monitor_writes_to_is_known(namespace: str, cause: Cause) -> None:
    world, _ = _heard("cloudwatch_alarm_feature_drift.json", metrics=(AlarmMetric(namespace, "x"),))

    assert [signal.cause for signal in world.signals] == [cause]


def test_of_several_metrics_the_one_that_hurts_most_is_the_cause() -> None:
    latency, errors = (AlarmMetric("AWS/SageMaker", name) for name in ("ModelLatency", "Invocation5XXErrors"))

    world, _ = _heard("cloudwatch_alarm_metric_math.json", metrics=(latency, errors))

    assert [signal.cause for signal in world.signals] == [Cause.ERRORS]


@given(ANY_JSON, st.sampled_from(["alarmName", "state", "muteDetail", "alarmTags", "configuration"]))
def test_no_event_of_an_alarm_makes_the_parser_fail_otherwise(value: Any, field: str) -> None:
    event = sample("cloudwatch_alarm_single_metric_with_muteDetail.json")
    event["detail"][field] = value

    try:
        told = AlarmEvent.parse(event)
    except InvalidInput:
        return
    assert told.name
    assert told.muted_until >= 0


@pytest.mark.parametrize("end", [None, 7, "", "tomorrow", "2026-01-01T12:00:00", "0001-01-01T00:00:00+14:00", {}])
def test_a_mute_whose_end_cannot_be_read_is_none(end: Any) -> None:
    event = sample("cloudwatch_alarm_single_metric_with_muteDetail.json")
    event["detail"]["muteDetail"]["muteWindowEnd"] = end

    assert AlarmEvent.parse(event).muted_until == 0


def test_tags_that_travel_with_the_event_are_read() -> None:
    event = sample("cloudwatch_alarm_single_metric.json")
    event["detail"]["alarmTags"] = {"sluice:endpoint": "shop", "n": 1}

    assert AlarmEvent.parse(event).tags == {"sluice:endpoint": "shop"}


@given(ANY_JSON)
def test_no_event_about_production_makes_the_parser_fail_otherwise(envelope: Any) -> None:
    with pytest.raises(InvalidInput):
        production_event(envelope)


# The schema of a monitor of one's own


@pytest.mark.parametrize("file", ["sluice_monitor_violation_found.json", "sluice_monitor_violation_cleared.json"])
def test_the_samples_are_what_the_schema_allows(file: str) -> None:
    SCHEMA.validate(sample(file))

    assert isinstance(monitor_event(sample(file)), ViolationEvent)


VALUES = st.one_of(
    ANY_JSON,
    st.sampled_from(
        ["raised", "cleared", "kpi", "changed", "2026-05-28T20:26:40Z", "shop", "a b", "https://a.example/x"]
    ),
)


@given(st.dictionaries(st.sampled_from(sorted(FOUND["detail"])) | st.just("more"), VALUES, max_size=3))
def test_what_the_schema_refuses_the_parser_refuses(changes: dict[str, Any]) -> None:
    """The parser may be stricter, where a schema cannot say it: a moment that exists, an address that can be opened."""
    event = sample("sluice_monitor_violation_found.json")
    event["detail"] |= changes

    if not SCHEMA.is_valid(event):
        with pytest.raises(InvalidInput):
            monitor_event(event)
