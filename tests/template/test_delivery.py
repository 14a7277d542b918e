"""Nothing that arrives is lost without a trace: dead letters, retries, and an alarm that somebody hears."""

from typing import Any

import pytest

from tests.template.translation import logical_id, of_type

QUEUES = of_type("AWS::SQS::Queue")
SOURCES = of_type("AWS::Lambda::EventSourceMapping")
FUNCTIONS = of_type("AWS::Lambda::Function")
ALARMS = of_type("AWS::CloudWatch::Alarm")
TARGETS = {
    **{f"{name}/{t['Id']}": t for name, rule in of_type("AWS::Events::Rule").items() for t in rule["Targets"]},
    **{name: schedule["Target"] for name, schedule in of_type("AWS::Scheduler::Schedule").items()},
}
QUEUE_SOURCES = {name: s for name, s in SOURCES.items() if logical_id(s["EventSourceArn"]) in QUEUES}
STREAM_SOURCES = {name: s for name, s in SOURCES.items() if name not in QUEUE_SOURCES}
DEAD_LETTERS = sorted(name for name, queue in QUEUES.items() if "RedrivePolicy" not in queue)


def _watched(namespace: str, metric: str) -> set[str]:
    return {
        logical_id(dimension["Value"])
        for alarm in ALARMS.values()
        if (alarm["Namespace"], alarm["MetricName"]) == (namespace, metric)
        for dimension in alarm["Dimensions"]
    }


def test_every_consumed_queue_redrives_to_a_dead_letter_queue_of_its_own() -> None:
    consumed = {logical_id(source["EventSourceArn"]) for source in QUEUE_SOURCES.values()}

    policies = {name: QUEUES[name].get("RedrivePolicy", {}) for name in consumed}

    assert {logical_id(p["deadLetterTargetArn"]) for p in policies.values()} <= set(DEAD_LETTERS)
    assert len({logical_id(p["deadLetterTargetArn"]) for p in policies.values()}) == len(consumed)


def test_a_message_is_tried_three_times_and_a_vote_throughout_an_outage_of_slack_of_an_hour() -> None:
    tries = {
        name: QUEUES[name]["RedrivePolicy"]["maxReceiveCount"]
        for name in (logical_id(source["EventSourceArn"]) for source in QUEUE_SOURCES.values())
    }
    decisions = QUEUES["DecisionsQueue"]

    tried_for_s = tries.pop("DecisionsQueue") * decisions["VisibilityTimeout"]

    assert set(tries.values()) == {3}
    assert 3600 < tried_for_s < decisions["MessageRetentionPeriod"]


def test_votes_that_are_tried_for_so_long_are_heard_of_before_they_are_dead_letters() -> None:
    assert _watched("AWS/SQS", "ApproximateAgeOfOldestMessage") == {"DecisionsQueue"}


@pytest.mark.parametrize("name", sorted(QUEUE_SOURCES))
def test_a_message_stays_hidden_for_six_times_the_functions_timeout(name: str) -> None:
    source = QUEUE_SOURCES[name]
    queue, function = QUEUES[logical_id(source["EventSourceArn"])], FUNCTIONS[logical_id(source["FunctionName"])]

    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_a_bad_message_of_a_batch_holds_up_no_neighbour(name: str) -> None:
    assert SOURCES[name]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_every_target_of_a_rule_or_schedule_retries_and_then_keeps_what_it_could_not_deliver(name: str) -> None:
    target: dict[str, Any] = TARGETS[name]

    assert logical_id(target["DeadLetterConfig"]["Arn"]) in DEAD_LETTERS
    assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] > 0


@pytest.mark.parametrize("name", sorted(STREAM_SOURCES))
def test_a_stream_consumer_gives_up_on_a_poison_record_alone(name: str) -> None:
    source = STREAM_SOURCES[name]

    assert source["BisectBatchOnFunctionError"] is True
    assert 0 < source["MaximumRetryAttempts"] <= 10
    assert logical_id(source["DestinationConfig"]["OnFailure"]["Destination"]) in DEAD_LETTERS


def test_every_function_that_a_schedule_invokes_keeps_what_failed() -> None:
    invoked = {logical_id(t["Arn"]) for t in TARGETS.values() if logical_id(t["Arn"]) in FUNCTIONS}
    configured = {
        logical_id(config["FunctionName"]): logical_id(config["DestinationConfig"]["OnFailure"]["Destination"])
        for config in of_type("AWS::Lambda::EventInvokeConfig").values()
    }

    assert invoked <= set(configured)
    assert set(configured.values()) <= set(DEAD_LETTERS)


def test_dead_letters_are_kept_for_two_weeks() -> None:
    assert {QUEUES[name]["MessageRetentionPeriod"] for name in DEAD_LETTERS} == {14 * 24 * 3600}


def test_every_dead_letter_queue_has_an_alarm_on_its_first_message() -> None:
    assert _watched("AWS/SQS", "ApproximateNumberOfMessagesVisible") == set(DEAD_LETTERS)


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_every_function_has_an_alarm(metric: str) -> None:
    # It polls by an error that the machine retries; what it cannot do is an alarm of the machine.
    polling = {"ChangeEndpointFunction", "TakeBackFunction"} if metric == "Errors" else set()

    assert _watched("AWS/Lambda", metric) == set(FUNCTIONS) - polling


@pytest.mark.parametrize("metric", ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"])
def test_every_state_machine_has_an_alarm(metric: str) -> None:
    assert _watched("AWS/States", metric) == set(of_type("AWS::StepFunctions::StateMachine"))


def test_every_stream_consumer_has_an_alarm_on_its_age() -> None:
    consumers = {logical_id(source["FunctionName"]) for source in STREAM_SOURCES.values()}

    assert _watched("AWS/Lambda", "IteratorAge") == consumers


def test_a_dead_message_and_one_that_waits_for_half_an_hour_raise_an_alarm() -> None:
    ours = [alarm for alarm in ALARMS.values() if not alarm["Namespace"].startswith("AWS/")]
    variables = FUNCTIONS["DeliverOutboxFunction"]["Environment"]["Variables"]
    dimensions = [
        {"Name": "function_name", "Value": {"Ref": "DeliverOutboxFunction"}},
        {"Name": "service", "Value": variables["POWERTOOLS_SERVICE_NAME"]},
    ]

    assert {a["MetricName"]: (a["Statistic"], a["Threshold"]) for a in ours} == {
        "OutboxDead": ("Sum", 0),
        "OutboxWait": ("Maximum", 1800),
    }
    assert {a["Namespace"] for a in ours} == {variables["POWERTOOLS_METRICS_NAMESPACE"]}
    assert all(a["Dimensions"] == dimensions for a in ours)


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_every_alarm_says_what_happened_and_is_heard(name: str) -> None:
    alarm = ALARMS[name]

    assert alarm["AlarmDescription"]
    assert [logical_id(action) for action in alarm["AlarmActions"]] == ["AlarmTopic"]
    assert alarm["TreatMissingData"] == "notBreaching"
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
