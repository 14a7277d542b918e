"""Custom metrics and alarms of the engine, through boto3."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import clock
from tests.integration.local.conftest import Rig
from tests.integration.local.test_engine_services import role_with


def now() -> datetime:
    """The simulated time."""
    return datetime.fromtimestamp(clock.now(), UTC)


def put(rig: Rig, namespace: str, value: float, *, minutes_ago: float = 0.0, **more: Any) -> None:
    """Put one value of the metric `Errors`."""
    datum = {"MetricName": "Errors", "Value": value, "Timestamp": now() - timedelta(minutes=minutes_ago), **more}
    rig.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[datum])


def alarm_on(rig: Rig, name: str, namespace: str, **more: Any) -> None:
    """Make an alarm for more than five errors in a minute."""
    rule = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 5.0, "EvaluationPeriods": 1}
    metric = {"Namespace": namespace, "MetricName": "Errors", "Statistic": "Sum", "Period": 60}
    rig.client("cloudwatch").put_metric_alarm(AlarmName=name, **{**rule, **metric, **more})


def state_of(rig: Rig, name: str) -> str:
    """The state of an alarm."""
    (alarm,) = rig.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(alarm["StateValue"])


def state_changes(rig: Rig, name: str) -> list[dict[str, Any]]:
    """The events that have come of changes of an alarm's state."""
    return [e for e in rig.events(name) if e["detail-type"] == "CloudWatch Alarm State Change"]


def test_values_of_one_minute_are_one_datapoint_with_every_statistic(rig: Rig) -> None:
    cloudwatch, dimension = rig.client("cloudwatch"), {"Name": "Shop", "Value": "a"}
    metric = {"Namespace": "Values", "MetricName": "Took", "Dimensions": [dimension]}
    datum = {"MetricName": "Took", "Dimensions": [dimension], "Values": [1.0, 3.0], "Counts": [3.0, 1.0]}
    minute = now().replace(second=0, microsecond=0)
    cloudwatch.put_metric_data(Namespace="Values", MetricData=[{**datum, "Timestamp": minute}])
    wanted = {"Sum": 6.0, "Average": 1.5, "SampleCount": 4.0, "Maximum": 3.0, "p50": 1.0, "TC(2:)": 1.0, "PR(:2)": 75.0}

    queries = [
        {"Id": f"q{n}", "MetricStat": {"Metric": metric, "Period": 60, "Stat": stat}} for n, stat in enumerate(wanted)
    ]
    found = cloudwatch.get_metric_data(
        MetricDataQueries=queries, StartTime=minute, EndTime=minute + timedelta(minutes=1)
    )

    assert [r["Values"] for r in found["MetricDataResults"]] == [[value] for value in wanted.values()]
    assert found["MetricDataResults"][0]["Timestamps"] == [minute]


def test_an_alarm_tells_of_its_change_as_cloudwatch_does(rig: Rig) -> None:
    alarm_on(rig, "told-of", "Told", Dimensions=[{"Name": "Queue", "Value": "a"}], AlarmDescription="Too many")
    put(rig, "Told", 7.0, minutes_ago=1, Dimensions=[{"Name": "Queue", "Value": "a"}])
    put(rig, "Told", 90.0, minutes_ago=1, Dimensions=[{"Name": "Queue", "Value": "b"}])
    clock.advance(60)

    rig.until(lambda: state_of(rig, "told-of") == "ALARM")
    (event,) = rig.until(lambda: state_changes(rig, "told-of"))

    detail = event["detail"]
    assert event["source"] == "aws.cloudwatch"
    assert event["resources"] == ["arn:aws:cloudwatch:us-east-1:111122223333:alarm:told-of"]
    assert detail["state"]["value"] == "ALARM"
    assert detail["state"]["reason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [7.0 (")
    assert detail["previousState"]["reason"] == "Unchecked: Initial alarm creation"
    (metric,) = detail["configuration"]["metrics"]
    assert metric["metricStat"]["metric"] == {"namespace": "Told", "name": "Errors", "dimensions": {"Queue": "a"}}
    assert detail["configuration"]["description"] == "Too many"


def test_an_alarm_on_two_of_three_minutes_waits_for_the_second(rig: Rig) -> None:
    for minutes_ago, value in ((3, 0.0), (2, 9.0), (1, 1.0)):
        put(rig, "Patient", value, minutes_ago=minutes_ago)
    alarm_on(rig, "patient", "Patient", EvaluationPeriods=3, DatapointsToAlarm=2)
    assert state_of(rig, "patient") == "OK"

    put(rig, "Patient", 9.0)
    clock.advance(60)

    assert state_of(rig, "patient") == "ALARM"


@pytest.mark.parametrize(
    "treatment, state", [("breaching", "ALARM"), ("notBreaching", "OK"), ("missing", "INSUFFICIENT_DATA")]
)
def test_an_alarm_without_data_does_what_it_was_told(rig: Rig, treatment: str, state: str) -> None:
    name = f"silent-{treatment}"
    alarm_on(rig, name, "Silent", TreatMissingData=treatment)

    assert state_of(rig, name) == state


def test_an_alarm_on_an_expression_divides_errors_by_requests(rig: Rig) -> None:
    def query(name: str) -> dict[str, Any]:
        metric = {"Namespace": "Ratio", "MetricName": name}
        return {"Id": name.lower(), "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False}

    rig.client("cloudwatch").put_metric_alarm(
        AlarmName="ratio",
        Metrics=[query("Errors"), query("Requests"), {"Id": "rate", "Expression": "100 * errors / requests"}],
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        Threshold=5.0,
        EvaluationPeriods=1,
    )
    for name, value in (("Errors", 6.0), ("Requests", 100.0)):
        put(rig, "Ratio", value, MetricName=name, minutes_ago=1)
    clock.advance(60)

    (alarm,) = rig.client("cloudwatch").describe_alarms(AlarmNames=["ratio"])["MetricAlarms"]

    assert alarm["StateValue"] == "ALARM"
    assert "[6.0 (" in alarm["StateReason"]
    assert "Statistic" not in alarm


def test_a_composite_alarm_follows_its_children(rig: Rig) -> None:
    cloudwatch = rig.client("cloudwatch")
    alarm_on(rig, "child", "Child", TreatMissingData="notBreaching")
    cloudwatch.put_composite_alarm(AlarmName="family", AlarmRule="ALARM(child)")

    cloudwatch.set_alarm_state(AlarmName="child", StateValue="ALARM", StateReason="tried")

    (family,) = cloudwatch.describe_alarms(AlarmNames=["family"], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert family["StateValue"] == "ALARM"
    with pytest.raises(ClientError, match="depending on it"):
        cloudwatch.delete_alarms(AlarmNames=["child"])


def test_a_role_reaches_its_own_alarms_and_namespace_only(rig: Rig) -> None:
    mine = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:mine-*"
    rights = {"Effect": "Allow", "Action": ["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"], "Resource": mine}
    cloudwatch = rig.identities.role("cloudwatch", role_with(rig, "alarm-owner", rights))
    allowed = {"Effect": "Allow", "Action": "cloudwatch:PutMetricData", "Resource": "*"}
    condition = {"Condition": {"StringEquals": {"cloudwatch:namespace": "Mine"}}}
    publisher = rig.identities.role("cloudwatch", role_with(rig, "publisher", allowed | condition))
    rule = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 5.0, "EvaluationPeriods": 1}
    metric = {"Namespace": "Mine", "MetricName": "Errors", "Statistic": "Sum", "Period": 60}
    data = [{"MetricName": "Errors", "Value": 1.0}]

    cloudwatch.put_metric_alarm(AlarmName="mine-a", **rule, **metric)
    publisher.put_metric_data(Namespace="Mine", MetricData=data)

    with pytest.raises(ClientError, match="AccessDenied"):
        cloudwatch.put_metric_alarm(AlarmName="other", **rule, **metric)
    with pytest.raises(ClientError, match="AccessDenied"):
        cloudwatch.delete_alarms(AlarmNames=["mine-a", "other"])
    with pytest.raises(ClientError, match="AccessDenied"):
        publisher.put_metric_data(Namespace="Other", MetricData=data)


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"EvaluationPeriods": 2, "DatapointsToAlarm": 3}, "DatapointsToAlarm"),
        ({"ExtendedStatistic": "p99"}, "Exactly one"),
        ({"TreatMissingData": "Breaching"}, "TreatMissingData"),
        ({"Period": 90}, "Period"),
        ({"EvaluationPeriods": 2000}, "more than a day"),
    ],
)
def test_an_alarm_that_cannot_be_right_is_refused(rig: Rig, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message) as refused:
        alarm_on(rig, "wrong", "Wrong", **wrong)

    assert refused.value.response["Error"]["Code"] == "ValidationError"


def test_an_alarm_on_a_queue_of_dead_letters_sees_them_come_and_go(rig: Rig) -> None:
    sqs = rig.client("sqs")
    url = sqs.create_queue(QueueName="dead-letters-seen")["QueueUrl"]
    rig.client("cloudwatch").put_metric_alarm(
        AlarmName="dead-letters-seen",
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": "dead-letters-seen"}],
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0.0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    sqs.send_message(QueueUrl=url, MessageBody="dead")

    rig.until(lambda: clock.advance(60) and state_of(rig, "dead-letters-seen") == "ALARM")
    sqs.purge_queue(QueueUrl=url)

    rig.until(lambda: clock.advance(60) and state_of(rig, "dead-letters-seen") == "OK")


def test_executions_are_counted_as_they_begin_and_end(rig: Rig) -> None:
    machine = {"Name": "StateMachineArn", "Value": rig.outputs["MachineArn"]}
    begin = now() - timedelta(minutes=1)

    execution = rig.run({"path": "wait"})
    rig.client("stepfunctions").stop_execution(executionArn=execution)

    def counted(name: str) -> float:
        found = rig.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/States",
            MetricName=name,
            Dimensions=[machine],
            StartTime=begin,
            EndTime=now() + timedelta(minutes=2),
            Period=600,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(float(point["Sum"]) for point in found)

    assert counted("ExecutionsStarted") >= 1
    assert rig.until(lambda: counted("ExecutionsAborted")) >= 1
