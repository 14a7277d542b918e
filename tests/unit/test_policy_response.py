"""What a policy may say about production that goes wrong, and with which reason the rest is refused."""

from typing import Any, get_args

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sluice.core.policy_text import read_document
from sluice.model.codec import decode, encode
from sluice.model.governing import RoleNeed
from sluice.model.ids import GroupName
from sluice.model.policy import PolicyDocument
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.policy_watch import NamedCause
from sluice.model.refusal import DocumentRefused
from sluice.model.response_rules import (
    Hours,
    Level,
    PageRoute,
    PagingRules,
    ResponseRules,
    Severity,
    WatchedMetric,
    WatchRules,
    Webhook,
)
from sluice.model.signal import Cause
from tests.unit.policy_texts import CRITICAL, PILOT, RESPONSE, ROLLOUT, STANDARD

MINUTE, HOUR, DAY = 60, 3600, 86400
URGENT = (Severity.CRITICAL, Severity.ERROR)
SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:fraud-pager-AbCdEf"
TOPIC = "arn:aws:sns:eu-central-1:111122223333:fraud-sms"
HOOK = {"url": "https://ops.example.com/pages", "secret": SECRET}
DAYTIME = {"time_zone": "Europe/Zurich", "days": ["mon-fri"], "from": "08:00", "to": "18:00"}


def policy(text: str, **parts: Any) -> PolicyDocument:
    return PolicyDocument.parse({**yaml.safe_load(text + ROLLOUT), **parts})


def rules(text: str = STANDARD, **parts: Any) -> ResponseRules:
    return policy(text, **parts).in_force(GroupName("fraud")).response


def problems(text: str = STANDARD, **parts: Any) -> list[str]:
    with pytest.raises(DocumentRefused) as caught:
        policy(text, **parts)
    return [f"{p.field}: {p.reason}" for p in caught.value.problems]


def written(text: str) -> ResponseRules:
    return read_document(PolicyDocument, text).in_force(GroupName("fraud")).response


def levels(paging: PagingRules, severity: Severity = Severity.CRITICAL) -> tuple[Level, ...]:
    return next(route.levels for route in paging.routes if severity in route.severities)


def called(paging: PagingRules, severity: Severity = Severity.CRITICAL) -> list[tuple[int, tuple[str, ...]]]:
    return [(level.after_s, level.to) for level in levels(paging, severity)]


@pytest.mark.parametrize("text", [PILOT, STANDARD, CRITICAL])
@pytest.mark.parametrize("response", ["", RESPONSE])
def test_the_view_survives_being_stored(text: str, response: str) -> None:
    view = read_document(PolicyDocument, text + ROLLOUT + response).in_force(GroupName("fraud"))

    assert decode(PolicyInForce, encode(view)) == view


@pytest.mark.parametrize("text", [PILOT, STANDARD, CRITICAL])
def test_what_is_not_said_is_no_part_of_the_digest(text: str) -> None:
    """A part that is new in the format must not make every policy look changed."""
    plain = policy(text)

    assert not {"watch", "rollback", "paging"} & set(yaml.safe_load(plain.canonical))
    assert policy(text, paging={}).digest != plain.digest


def test_a_default_that_is_spelled_out_has_the_digest_of_one_that_is_not() -> None:
    spelled = policy(
        STANDARD, watch={"for": "3d"}, rollback={"cool_down": "60m", "at_most": 2}, paging={"freeze": "error"}
    )

    assert spelled.digest == policy(STANDARD, watch={}, rollback={}, paging={}).digest


@pytest.mark.parametrize("text", [PILOT, STANDARD, CRITICAL])
def test_a_part_that_says_nothing_is_as_good_as_none(text: str) -> None:
    assert rules(text, watch={}, rollback={}, paging={}) == rules(text)


def test_the_view_says_what_the_document_says() -> None:
    said = written(STANDARD + ROLLOUT + RESPONSE)

    assert said.watch.for_s == 5 * DAY
    assert said.watch.alarms == {
        "fraud-5xx": None,
        "checkout-errors": Cause.ERRORS,
        "conversion-low": Cause.KPI,
        "fraud-odd": None,
    }
    assert said.watch.monitors == ("fraud-data-quality",)
    assert said.watch.metrics == (
        WatchedMetric("psi", "Team/Drift", "PSI", {"Endpoint": "{endpoint}"}, "Maximum", 0.2, cause=Cause.DATA_QUALITY),
    )
    assert [source.name for source in said.watch.compare] == ["errors"]
    assert said.rollback.on == (Cause.AVAILABILITY, Cause.ERRORS, Cause.DATA_QUALITY)
    assert (said.rollback.cool_down_s, said.rollback.at_most, said.rollback.recover_within_s) == (2 * HOUR, 1, 1200)
    assert (said.rollback.pipeline, said.rollback.retrain_on) == ("fraud-training", (Cause.DATA_QUALITY,))


def test_the_view_of_paging_says_what_the_document_says() -> None:
    said = written(STANDARD + ROLLOUT + RESPONSE).paging
    hours = Hours("Europe/Zurich", (0, 1, 2, 3, 4), "08:00", "18:00")

    assert said.routes == (
        PageRoute(URGENT, (Level(0, ("channel", "schedule:fraud")), Level(5 * MINUTE, ("pagerduty",))), hours),
        PageRoute(URGENT, (Level(0, ("pagerduty", "sns:sms", "webhook:ops")),)),
        PageRoute(tuple(Severity), (Level(0, ("channel",)),)),
    )
    assert (said.repeat_s, said.silence_s, said.group_s, said.reopen_s) == (
        20 * MINUTE,
        3 * HOUR,
        10 * MINUTE,
        2 * HOUR,
    )
    assert (said.freeze, said.runbook) == (Severity.WARNING, "https://wiki.example.internal/fraud")
    assert said.responders == (RoleNeed("oncall", 1, (), "S0ONCALL"),)
    assert (said.pagerduty_secret, said.topics) == (SECRET, {"sms": TOPIC})
    assert said.webhooks == {"ops": Webhook(HOOK["url"], SECRET.replace("fraud-pager", "ops"))}


def test_a_policy_that_says_nothing_calls_whom_its_tier_calls() -> None:
    pilot, standard, critical = (rules(text).paging for text in (PILOT, STANDARD, CRITICAL))

    assert called(pilot) == [(0, ("channel",))]
    assert called(standard) == [(0, ("channel", "U0OLGA")), (15 * MINUTE, ("U0ANNA", "U0BEN", "U0OLGA"))]
    assert called(critical) == [(0, ("channel", "U0OLGA")), (5 * MINUTE, ("U0ANNA", "U0BEN", "U0DANA", "U0OLGA"))]
    assert [paging.repeat_s for paging in (pilot, standard, critical)] == [4 * HOUR, 30 * MINUTE, 15 * MINUTE]
    assert [paging.freeze for paging in (pilot, standard, critical)] == ["critical", "error", "error"]


def test_what_is_not_urgent_waits_in_the_channel() -> None:
    assert called(rules(CRITICAL).paging, Severity.WARNING) == [(0, ("channel",))]
    assert called(rules(CRITICAL).paging, Severity.INFO) == [(0, ("channel",))]


@pytest.mark.parametrize("text", [PILOT, STANDARD, CRITICAL])
def test_the_tiers_routes_know_every_severity_at_any_time(text: str) -> None:
    routes = rules(text).paging.routes

    assert [severity for route in routes if route.hours is None for severity in route.severities] == list(Severity)


def test_a_policy_that_says_nothing_is_watched_and_taken_back_by_its_tier() -> None:
    pilot, standard, critical = (rules(text) for text in (PILOT, STANDARD, CRITICAL))

    assert [each.watch.for_s for each in (pilot, standard, critical)] == [DAY, 3 * DAY, 7 * DAY]
    assert [each.rollback.cool_down_s for each in (pilot, standard, critical)] == [30 * MINUTE, HOUR, HOUR]
    assert [each.rollback.at_most for each in (pilot, standard, critical)] == [3, 2, 2]
    assert {each.rollback.on for each in (pilot, standard, critical)} == {
        (Cause.AVAILABILITY, Cause.ERRORS, Cause.LATENCY, Cause.KPI, Cause.MODEL_QUALITY, Cause.BIAS)
    }


def test_the_alarms_and_the_metrics_of_the_rollout_are_heard_after_it_as_well() -> None:
    watch = rules().watch

    assert watch.alarms == {"fraud-5xx": None}
    assert [source.name for source in watch.compare] == ["errors", "latency"]


@pytest.mark.parametrize(
    "said, alarms",
    [
        ([], {}),
        (["a", "b"], {"a": None, "b": None}),
        ({"a": "errors", "b": None}, {"a": Cause.ERRORS, "b": None}),
        ({"fraud-5xx": "errors"}, {"fraud-5xx": Cause.ERRORS}),
    ],
)
def test_alarms_are_a_list_or_a_mapping_to_what_is_not_well(said: Any, alarms: dict[str, Cause | None]) -> None:
    assert rules(watch={"alarms": said}).watch.alarms == {"fraud-5xx": None, **alarms}


def test_nothing_is_compared_for_any_time_where_the_policy_wants_no_comparison() -> None:
    watch = rules(watch={"compare": [], "for": "5d"}).watch

    assert (watch.compare, watch.for_s) == ((), 0)


def test_pagers_that_are_named_are_called_without_routes() -> None:
    paging = rules(paging={"pagerduty": {"secret": SECRET}, "topics": {"sms": TOPIC}, "webhooks": {"ops": HOOK}}).paging

    assert called(paging)[0] == (0, ("channel", "U0OLGA", "pagerduty", "sns:sms", "webhook:ops"))
    assert called(paging)[1] == (15 * MINUTE, ("U0ANNA", "U0BEN", "U0OLGA"))
    assert called(paging, Severity.INFO) == [(0, ("channel", "webhook:ops"))]


def test_whom_to_call_first_and_then_can_be_said_without_routes() -> None:
    paging = rules(paging={"call": ["schedule:fraud"], "then": ["U0DANA", "schedule:heads"]}).paging

    assert called(paging) == [
        (0, ("channel", "schedule:fraud")),
        (15 * MINUTE, ("U0DANA", "schedule:heads", "schedule:fraud")),
    ]


def test_nobody_follows_where_the_policy_says_so() -> None:
    assert called(rules(paging={"then": []}).paging) == [(0, ("channel", "U0OLGA"))]


def test_managers_are_called_before_approvers_and_a_user_group_cannot_be_called() -> None:
    target = {"endpoint": "fraud"}
    people = {"target": target, "managers": [{"role": "oncall", "people": ["U0EVE"]}]}
    group = {"target": target, "managers": [{"role": "oncall", "user_group": "S0ONCALL"}]}

    assert called(rules(rollout=people).paging)[1][1] == ("U0EVE", "U0OLGA")
    assert called(rules(rollout=group).paging)[1][1] == ("U0ANNA", "U0BEN", "U0OLGA")


def test_a_crowd_of_approvers_is_not_called_all_at_once() -> None:
    crowd = [{"role": "everybody", "people": [f"U{n}" for n in range(50)]}]

    assert len(called(rules(approvers=crowd).paging)[1][1]) <= 21


def test_who_manages_responds_unless_the_policy_says_otherwise() -> None:
    assert rules().paging.responders == policy(STANDARD).needs


def test_an_observing_policy_without_people_calls_the_channel() -> None:
    parts: dict[str, Any] = {"owner": {"team": "search"}, "approvers": [], "mode": "observe"}

    assert called(rules(**parts).paging) == [(0, ("channel",))]


def test_without_a_rollout_nothing_is_watched_or_taken_back() -> None:
    response = rules(rollout=None)

    assert response.watch == WatchRules()
    assert (response.rollback.on, response.rollback.at_most) == ((), 0)


@pytest.mark.parametrize("part", ["watch", "rollback", "paging"])
def test_what_is_about_an_endpoint_needs_one(part: str) -> None:
    parts: dict[str, Any] = {"rollout": None, part: {}}

    assert problems(**parts) == [f"{part}: needs a rollout section: it says which endpoint is looked after"]


def metric(**changes: Any) -> dict[str, Any]:
    return {"metrics": [{"name": "psi", "namespace": "N", "metric": "M", "above": 1.0, **changes}]}


@pytest.mark.parametrize(
    "watch, problem",
    [
        ({"for": "59m"}, "for: must be from 1h to 30d"),
        ({"for": "31d"}, "for: must be from 1h to 30d"),
        ({"for_": "3d"}, "for_: is not a field that exists here"),
        ({"alarms": ["a", "a"]}, "alarms: names an alarm twice"),
        ({"alarms": ["a", 3]}, "alarms: should be a list of names, or a mapping from names to causes"),
        ({"alarms": {"a": "changed"}}, "alarms.a: should be 'availability', 'errors', "),
        ({"alarms": {" ": "errors"}}, "alarms. : should match pattern"),
        ({"alarms": [f"a{n}" for n in range(21)]}, "alarms: should have at most 20 items"),
        ({"monitors": ["m", "m"]}, "monitors[1]: m is there already: give this one another name"),
        ({"monitors": ["psi"], **metric()}, "metrics[0].name: psi is there already: give this one another name"),
        ({"compare": ["errors", "amount"]}, "compare[1]: is no metric of rollout.judge, which has errors, latency"),
        (metric(below=0.5), "metrics[0]: metric psi: set exactly one of above and below"),
        (metric(above=None), "metrics[0]: metric psi: set exactly one of above and below"),
        (metric(above="high"), "metrics[0].above: should be a valid number"),
        (metric(period="30s"), "metrics[0].period: must be from 1m to 24h, in whole minutes"),
        (metric(period="90s"), "metrics[0].period: must be from 1m to 24h, in whole minutes"),
        (metric(period="25h"), "metrics[0].period: must be from 1m to 24h, in whole minutes"),
        (metric(stat="Median"), "metrics[0].stat: should be a statistic of CloudWatch: Average, Sum, Minimum, Maximum, SampleCount or a percentile"),
        (metric(dimensions={"E": "{endpont}"}), "metrics[0].dimensions.E: knows only {endpoint} and {variant} in braces"),
        (metric(cause="rollout"), "metrics[0].cause: should be 'availability'"),
    ],
)  # fmt: skip
def test_a_watch_that_makes_no_sense_is_refused_with_the_field_and_the_reason(
    watch: dict[str, Any], problem: str
) -> None:
    (found,) = problems(watch=watch)

    assert found.startswith(f"watch.{problem}")


@pytest.mark.parametrize(
    "rollback, problem",
    [
        ({"on": ["errors", "errors"]}, "on[1]: errors is there already"),
        ({"on": ["changed"]}, "on[0]: should be 'availability'"),
        ({"on": "errors"}, "on: should be a list"),
        ({"cool_down": "4m"}, "cool_down: must be from 5m to 7d"),
        ({"cool_down": "8d"}, "cool_down: must be from 5m to 7d"),
        ({"recover_within": "299s"}, "recover_within: must be from 5m to 7d"),
        ({"at_most": -1}, "at_most: should be greater than or equal to 0"),
        ({"at_most": 11}, "at_most: should be less than or equal to 10"),
        ({"at_most": True}, "at_most: should be a valid integer"),
        ({"retrain": {"pipeline": "fraud_training"}}, "retrain.pipeline: should be the name of a SageMaker pipeline: letters, digits and hyphens"),
        ({"retrain": {"pipeline": "f" * 257}}, "retrain.pipeline: should be the name of a SageMaker pipeline: letters, digits and hyphens"),
        ({"retrain": {"pipeline": "f", "on": []}}, "retrain.on: should not be empty"),
        ({"retrain": {"pipeline": "f", "on": ["errors"]}}, "retrain.on[0]: should be 'data_quality', 'model_quality', 'bias', 'attribution' or 'kpi'"),
        ({"retrain": {"pipeline": "f", "on": ["bias", "bias"]}}, "retrain.on[1]: bias is there already"),
    ],
)  # fmt: skip
def test_a_rollback_that_makes_no_sense_is_refused_with_the_field_and_the_reason(
    rollback: dict[str, Any], problem: str
) -> None:
    (found,) = problems(rollback=rollback)

    assert found.startswith(f"rollback.{problem}")


def route(*targets: str, **changes: Any) -> dict[str, Any]:
    return {"levels": [{"to": list(targets)}], **changes}


@pytest.mark.parametrize(
    "paging, problem",
    [
        ({"call": ["olga"]}, "call[0]: should be a Slack id of a person, channel, pagerduty, schedule:NAME, sns:NAME or webhook:NAME"),
        ({"call": ["channel\n"]}, "call[0]: should be a Slack id of a person"),
        ({"call": ["pagerduty"]}, "call[0]: pagerduty is not said: add paging.pagerduty with the ARN of a secret"),
        ({"then": ["sns:sms"]}, "then[0]: sms is not among paging.topics, which has none"),
        ({"then": ["sns:mail"], "topics": {"sms": TOPIC}}, "then[0]: mail is not among paging.topics, which has sms"),
        ({"routes": [route("webhook:ops")]}, "routes[0].levels[0].to[0]: ops is not among paging.webhooks, which has none"),
        ({"routes": [route("U1", "channel", "U1")]}, "routes[0].levels[0].to[2]: U1 is there already"),
        ({"routes": [route()]}, "routes[0].levels[0].to: should not be empty"),
        ({"routes": []}, "routes: should not be empty"),
        ({"routes": [route("U1")], "call": ["U2"]}, "call: is for policies without routes: the routes say who is called"),
        ({"routes": [route("U1")], "then": []}, "then: is for policies without routes: the routes say who is called"),
        ({"routes": [route("U1")], "pagerduty": {"secret": SECRET}}, "pagerduty: is never called: name pagerduty where it should be, or leave it out"),
        ({"call": ["U1"], "topics": {"sms": TOPIC}}, "topics.sms: is never called: name sns:sms where it should be, or leave it out"),
        ({"routes": [route("U1")], "webhooks": {"ops": HOOK}}, "webhooks.ops: is never called: name webhook:ops where it should be, or leave it out"),
        ({"routes": [route("U1"), route("U2", severity=["error"])]}, "routes[1]: is never reached: routes before it take all its severities at any time"),
        ({"routes": [route("U1", severity=["urgent"])]}, "routes[0].severity[0]: should be 'critical', 'error', 'warning' or 'info'"),
        ({"routes": [{"levels": [{"to": ["U1"]}, {"to": ["U2"]}]}]}, "routes[0].levels[1].after: is needed: how long after the level before"),
        ({"routes": [{"levels": [{"to": ["U1"], "after": "25h"}]}]}, "routes[0].levels[0].after: must be at most 24h"),
        ({"routes": [route("U1", hours={**DAYTIME, "time_zone": "Zurich"}), route("U2")]}, "routes[0].hours.time_zone: should be the name of a time zone"),
        ({"routes": [route("U1", hours={**DAYTIME, "from": "8:00"}), route("U2")]}, "routes[0].hours.from: should be a time of day such as 08:00"),
        ({"routes": [route("U1", hours={**DAYTIME, "to": "24:00"}), route("U2")]}, "routes[0].hours.to: should be a time of day such as 08:00"),
        ({"routes": [route("U1", hours={**DAYTIME, "days": ["monday"]}), route("U2")]}, "routes[0].hours.days[0]: should be a day such as mon, or days such as mon-fri"),
        ({"routes": [route("U1", hours={**DAYTIME, "days": []}), route("U2")]}, "routes[0].hours.days: should not be empty"),
        ({"repeat": "4m"}, "repeat: must be from 5m to 24h"),
        ({"silence": "14m"}, "silence: must be from 15m to 7d"),
        ({"group": "59s"}, "group: must be from 1m to 24h"),
        ({"reopen": "8d"}, "reopen: must be from 1m to 7d"),
        ({"freeze": "always"}, "freeze: should be 'critical', 'error', 'warning', 'info' or 'never'"),
        ({"responders": [{"role": "a"}]}, "responders[0]: role a: name either people or a user_group"),
        ({"pagerduty": {"secret": "R0UT1NGKEY"}}, "pagerduty.secret: should be the ARN of a secret: arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME"),
        ({"topics": {"sms": TOPIC + ".fifo"}}, "topics.sms: should be the ARN of a standard topic"),
        ({"topics": {"s m": TOPIC}}, "topics.s m: should be a name of letters, digits"),
        ({"webhooks": {"ops": {"url": HOOK["url"]}}}, "webhooks.ops.secret: is required but missing"),
        ({"webhooks": {"ops": {**HOOK, "url": "https://10.0.0.1/"}}}, "webhooks.ops.url: should be an address such as https://example.com/path, with a name and no IP address"),
        ({"runbook": "http://wiki.example.com"}, "runbook: should begin with https://"),
    ],
)  # fmt: skip
def test_paging_that_makes_no_sense_is_refused_with_the_field_and_the_reason(
    paging: dict[str, Any], problem: str
) -> None:
    (found,) = problems(paging=paging)

    assert found.startswith(f"paging.{problem}")


HEARD = "needs somebody to call for what is critical: a person, a schedule, PagerDuty or a topic"
ALWAYS = "needs a route without hours for severity critical: somebody has to be called at any time"


@pytest.mark.parametrize(
    "paging, problem",
    [
        ({"call": [], "then": []}, f"paging.call: tier critical {HEARD}"),
        ({"call": ["channel", "webhook:ops"], "then": [], "webhooks": {"ops": HOOK}}, f"paging.call: tier critical {HEARD}"),
        ({"routes": [route("channel")]}, f"paging.routes[0]: tier critical {HEARD}"),
        ({"routes": [route("channel", hours=DAYTIME), route("U1")]}, f"paging.routes[0]: tier critical {HEARD}"),
        ({"routes": [route("U1", hours=DAYTIME)]}, f"paging.routes: tier critical {ALWAYS}"),
        ({"routes": [route("U1", severity=["error"])]}, f"paging.routes: tier critical {ALWAYS}"),
        ({"freeze": "never"}, "paging.freeze: tier critical needs a severity here: releases wait while something is critical"),
        ({"repeat": "61m"}, "paging.repeat: tier critical allows at most 1h"),
    ],
)  # fmt: skip
def test_a_critical_policy_calls_somebody_at_any_time(paging: dict[str, Any], problem: str) -> None:
    assert problems(CRITICAL, paging=paging) == [problem]
    assert rules(STANDARD, paging=paging).paging.routes


@pytest.mark.parametrize(
    "paging",
    [
        {"routes": [route("channel", severity=["warning"]), route("U1", severity=["critical"])]},
        {"routes": [route("schedule:day", hours=DAYTIME), route("sns:sms")], "topics": {"sms": TOPIC}},
        {"call": [], "then": ["U1"]},
        {"freeze": "critical"},
        {"repeat": "1h"},
    ],
)
def test_what_the_tier_critical_just_allows_is_accepted(paging: dict[str, Any]) -> None:
    assert rules(CRITICAL, paging=paging).paging.routes


@pytest.mark.parametrize(
    "days, numbers",
    [
        (["mon"], (0,)),
        (["sun", "mon", "mon"], (0, 6)),
        (["mon-fri"], (0, 1, 2, 3, 4)),
        (["sat-mon"], (0, 5, 6)),
        (["mon-mon"], (0,)),
        (["mon-sun"], (0, 1, 2, 3, 4, 5, 6)),
    ],
)
def test_days_may_go_over_the_end_of_the_week(days: list[str], numbers: tuple[int, ...]) -> None:
    (hours, _) = rules(paging={"routes": [route("U1", hours={**DAYTIME, "days": days}), route("U1")]}).paging.routes

    assert hours.hours is not None
    assert hours.hours.days == numbers


def test_a_route_with_hours_counts_every_day_unless_it_says_which() -> None:
    night = {key: value for key, value in DAYTIME.items() if key != "days"}
    (hours, _) = rules(paging={"routes": [route("U1", hours=night), route("U1")]}).paging.routes

    assert hours.hours == Hours("Europe/Zurich", (0, 1, 2, 3, 4, 5, 6), "08:00", "18:00")


def test_a_problem_has_its_place_in_the_text() -> None:
    text = STANDARD + ROLLOUT + RESPONSE.replace("for: 5d", "for: 5m")

    with pytest.raises(DocumentRefused) as caught:
        read_document(PolicyDocument, text)

    line = text.splitlines().index("  for: 5m") + 1
    assert [(p.field, p.line, p.column) for p in caught.value.problems] == [("watch.for", line, 3)]


def test_a_policy_can_name_every_cause_except_those_that_sluice_finds() -> None:
    assert set(get_args(NamedCause)) == set(Cause) - {Cause.CHANGED, Cause.ROLLOUT}


TARGETS = st.lists(
    st.sampled_from(["channel", "U1", "schedule:a", "pagerduty", "sns:sms", "webhook:ops"]), min_size=1, unique=True
)
ROUTES = st.lists(
    st.builds(
        lambda to, severity, hours: route(*to, severity=severity, **({"hours": DAYTIME} if hours else {})),
        TARGETS,
        st.lists(st.sampled_from(list(Severity)), min_size=1, unique=True),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)  # fmt: skip


@given(ROUTES)
def test_whatever_a_critical_policy_says_somebody_is_called_for_what_is_critical(routes: list[dict[str, Any]]) -> None:
    pagers = {"pagerduty": {"secret": SECRET}, "topics": {"sms": TOPIC}, "webhooks": {"ops": HOOK}}
    try:
        paging = rules(CRITICAL, paging={"routes": routes, **pagers}).paging
    except DocumentRefused:
        return

    for at_work in (True, False):
        chosen = next(r for r in paging.routes if Severity.CRITICAL in r.severities and (at_work or r.hours is None))
        reached = {target for level in chosen.levels for target in level.to}
        assert reached - {"channel", "webhook:ops"}
