"""Requests to endpoints of the engine, their metrics and alarms, through boto3."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import clock
from tests.integration.local.conftest import Rig
from tests.integration.local.test_engine_services import role_with

ROLE = "arn:aws:iam::111122223333:role/models"
IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/fraud:1"
CALM = {"requests_per_minute": 600, "daily_swing": 0}
INVOCATIONS = "SageMakerVariantInvocationsPerInstance"
_made: list[str] = []


@pytest.fixture(autouse=True)
def made(rig: Rig) -> Iterator[None]:
    """The endpoints of a test, which are deleted after it, so that their instances count no longer."""
    _made.clear()
    yield
    clock.advance(7200)
    for name in _made:
        rig.client("sagemaker").delete_endpoint(EndpointName=name)
    clock.advance(600)


def model(rig: Rig, name: str, behaviour: dict[str, Any] | None = None) -> None:
    """Make a model whose artefact has a manifest beside it."""
    s3, bucket = rig.client("s3"), "artefacts"
    s3.create_bucket(Bucket=bucket)
    if behaviour is not None:
        s3.put_object(Bucket=bucket, Key=f"{name}/behaviour.json", Body=json.dumps(behaviour).encode())
    container = {"Image": IMAGE, "ModelDataUrl": f"s3://{bucket}/{name}/model.tar.gz"}
    rig.client("sagemaker").create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE)


def variant(model_name: str, name: str = "AllTraffic", weight: float = 1.0, count: int = 2) -> dict[str, Any]:
    """A production variant."""
    return {
        "VariantName": name,
        "ModelName": model_name,
        "InstanceType": "ml.c5.large",  # a quota of their own
        "InitialInstanceCount": count,
        "InitialVariantWeight": weight,
    }


def endpoint(rig: Rig, name: str, *variants: dict[str, Any], **traffic: Any) -> None:
    """Make an endpoint with traffic and wait until it serves."""
    sagemaker = rig.client("sagemaker")
    sagemaker.create_endpoint_config(EndpointConfigName=f"{name}-1", ProductionVariants=list(variants))
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-1")
    _made.append(name)
    rig.admin("POST", "traffic", {"endpoint": name, **CALM, **traffic})
    settle(rig, name)


def settle(rig: Rig, name: str) -> dict[str, Any]:
    """Let time pass until an endpoint is in service."""
    for _ in range(100):
        described: dict[str, Any] = rig.client("sagemaker").describe_endpoint(EndpointName=name)
        if described["EndpointStatus"] == "InService":
            return described
        clock.advance(30)
    raise AssertionError(f"{name} does not settle")


def metric(name: str, endpoint_name: str, variant_name: str = "AllTraffic", **more: str) -> dict[str, Any]:
    """A metric of a variant."""
    dimensions = {"EndpointName": endpoint_name, "VariantName": variant_name, **more}
    namespace = "/aws/sagemaker/Endpoints" if name.endswith("Utilization") else "AWS/SageMaker"
    pairs = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    return {"Namespace": namespace, "MetricName": name, "Dimensions": pairs}


def minutes(rig: Rig, asked: dict[str, Any], stat: str, *, last: int = 10, but: int = 2) -> list[float]:
    """The last minutes of a metric but those that are still arriving, oldest first."""
    now = datetime.fromtimestamp(clock.now(), UTC)
    query = {"Id": "q", "MetricStat": {"Metric": asked, "Period": 60, "Stat": stat}}
    found = rig.client("cloudwatch").get_metric_data(
        MetricDataQueries=[query],
        StartTime=now - timedelta(minutes=last),
        EndTime=now - timedelta(minutes=but),
        ScanBy="TimestampAscending",
    )
    return [float(value) for value in found["MetricDataResults"][0]["Values"]]


def test_an_endpoint_in_service_has_invocations_latencies_and_loads(rig: Rig) -> None:
    model(rig, "usual", {"latency_ms": 80, "latency_spread": 0.3, "rate_5xx": 0.02, "rate_4xx": 0})
    endpoint(rig, "usual", variant("usual"))
    clock.advance(1200)

    invocations = minutes(rig, metric("Invocations", "usual"), "Sum")
    errors = minutes(rig, metric("Invocation5XXErrors", "usual"), "Sum")
    rates = minutes(rig, metric("Invocation5XXErrors", "usual"), "Average")
    median = minutes(rig, metric("ModelLatency", "usual"), "p50")
    slow = minutes(rig, metric("ModelLatency", "usual"), "TC(80000:)")
    each = minutes(rig, metric("InvocationsPerInstance", "usual"), "Sum")
    cpu = minutes(rig, metric("CPUUtilization", "usual"), "SampleCount")

    assert all(450 < value < 750 for value in invocations)
    assert rates == pytest.approx([e / n for e, n in zip(errors, invocations, strict=False)], abs=0.02)
    assert 0 < sum(errors) < 0.05 * sum(invocations)
    assert all(70_000 < value < 90_000 for value in median)
    assert all(0.3 * n < value < 0.7 * n for value, n in zip(slow, invocations, strict=False))
    assert each[0] == pytest.approx(invocations[0] / 2)
    assert cpu[0] == 2.0


def test_variants_share_the_requests_by_their_weights_and_behave_as_their_models(rig: Rig) -> None:
    model(rig, "good", {"rate_5xx": 0.0})
    model(rig, "bad", {"rate_5xx": 0.5})
    endpoint(rig, "shared", variant("good"), variant("bad", "candidate", 0.25))
    clock.advance(900)

    baseline = sum(minutes(rig, metric("Invocations", "shared"), "Sum"))
    candidate = sum(minutes(rig, metric("Invocations", "shared", "candidate"), "Sum"))

    assert candidate / (baseline + candidate) == pytest.approx(0.2, abs=0.03)
    assert sum(minutes(rig, metric("Invocation5XXErrors", "shared"), "Sum")) == 0
    assert sum(minutes(rig, metric("Invocation5XXErrors", "shared", "candidate"), "Sum")) > 0.3 * candidate


def test_the_last_minute_is_not_complete_before_its_time(rig: Rig) -> None:
    model(rig, "late")
    endpoint(rig, "late", variant("late"))
    rig.admin("POST", "metrics-delay", {"seconds": 600})
    clock.advance(660)

    early = minutes(rig, metric("Invocations", "late"), "Sum", but=0)
    rig.admin("POST", "metrics-delay", {"seconds": 0})
    complete = minutes(rig, metric("Invocations", "late"), "Sum", but=0)
    rig.admin("POST", "metrics-delay", {"seconds": 60})

    assert len(early) <= len(complete)
    assert early[-1] < 0.7 * min(complete)


def test_an_alarm_on_a_variant_goes_off_when_its_model_turns_bad(rig: Rig) -> None:
    model(rig, "turning", {"rate_5xx": 0.0, "changes": [{"after_minutes": 5, "rate_5xx": 0.3}]})
    endpoint(rig, "turning", variant("turning"))
    rig.client("cloudwatch").put_metric_alarm(
        AlarmName="turning-5xx",
        **metric("Invocation5XXErrors", "turning"),
        Statistic="Average",
        Period=60,
        EvaluationPeriods=2,
        Threshold=0.1,
        ComparisonOperator="GreaterThanThreshold",
    )
    clock.advance(180)
    describe = rig.client("cloudwatch").describe_alarms
    before = describe(AlarmNames=["turning-5xx"])["MetricAlarms"][0]["StateValue"]

    clock.advance(600)

    after = describe(AlarmNames=["turning-5xx"])["MetricAlarms"][0]
    assert before == "OK"
    assert after["StateValue"] == "ALARM"
    assert after["StateUpdatedTimestamp"].timestamp() < clock.now() - 60


def test_a_business_metric_comes_from_the_application_of_the_team(rig: Rig) -> None:
    model(rig, "worthy", {"kpi_mean": 0.4})
    endpoint(rig, "worthy", variant("worthy"), kpi_namespace="Fraud/Checkout", kpi_name="SavedShare")
    clock.advance(600)

    asked = {**metric("Invocations", "worthy"), "Namespace": "Fraud/Checkout", "MetricName": "SavedShare"}
    found = rig.client("cloudwatch").list_metrics(Namespace="Fraud/Checkout")["Metrics"]

    assert all(0.3 < value < 0.5 for value in minutes(rig, asked, "Average", last=6))
    assert [m["MetricName"] for m in found] == ["SavedShare"]


def test_an_endpoint_can_be_given_hours_that_it_did_not_serve(rig: Rig) -> None:
    model(rig, "old")
    endpoint(rig, "old", variant("old"), served_hours_longer=5)

    assert len(minutes(rig, metric("Invocations", "old"), "Sum", last=240)) > 230


def test_a_scaled_variant_keeps_its_target_and_its_policy_until_it_is_deregistered(rig: Rig) -> None:
    scaling = rig.client("application-autoscaling")
    model(rig, "scaled")
    endpoint(rig, "scaled", variant("scaled"))
    of_variant = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/scaled/variant/AllTraffic",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    tracking = {
        "TargetValue": 100.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    }

    arn = scaling.register_scalable_target(**of_variant, MinCapacity=2, MaxCapacity=6)["ScalableTargetARN"]
    scaling.register_scalable_target(**of_variant, SuspendedState={"DynamicScalingInSuspended": True})
    scaling.put_scaling_policy(
        **of_variant,
        PolicyName="requests",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracking,
    )

    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    (policy,) = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert (target["ScalableTargetARN"], target["MinCapacity"], target["MaxCapacity"]) == (arn, 2, 6)
    assert target["SuspendedState"]["DynamicScalingInSuspended"] is True
    assert policy["TargetTrackingScalingPolicyConfiguration"] == tracking

    scaling.deregister_scalable_target(**of_variant)

    assert scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"] == []
    with pytest.raises(ClientError, match="No scalable target registered"):
        scaling.put_scaling_policy(
            **of_variant,
            PolicyName="requests",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=tracking,
        )


def test_a_policy_of_scaling_is_made_for_whoever_might_make_its_alarms(rig: Rig) -> None:
    model(rig, "scaled-by-role")
    endpoint(rig, "scaled-by-role", variant("scaled-by-role"))
    of_variant = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/scaled-by-role/variant/AllTraffic",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    tracking = {"TargetValue": 9.0, "PredefinedMetricSpecification": {"PredefinedMetricType": INVOCATIONS}}
    policy = {"PolicyName": "requests", "PolicyType": "TargetTrackingScaling"}
    rig.client("application-autoscaling").register_scalable_target(**of_variant, MinCapacity=2, MaxCapacity=6)
    alarms = "arn:aws:cloudwatch:*:*:alarm:TargetTracking-endpoint/*"
    scale = {"Effect": "Allow", "Action": "application-autoscaling:*", "Resource": "*"}
    alarm = {"Effect": "Allow", "Action": "cloudwatch:*", "Resource": alarms}
    poor, rich = role_with(rig, "scales", scale), role_with(rig, "scales-with-alarms", scale, alarm)

    def put(role: str) -> dict[str, Any]:
        scaling = rig.identities.role("application-autoscaling", role)
        return dict(
            scaling.put_scaling_policy(**of_variant, **policy, TargetTrackingScalingPolicyConfiguration=tracking)
        )

    with pytest.raises(ClientError, match=r"ValidationException.*cloudwatch:PutMetricAlarm"):
        put(poor)
    assert put(rich)["PolicyARN"]


def test_an_endpoint_with_a_key_of_its_own_is_made_for_whoever_may_grant_its_use(rig: Rig) -> None:
    model(rig, "locked")
    key = "11112222-3333-4444-5555-666677778888"
    rig.client("sagemaker").create_endpoint_config(
        EndpointConfigName="locked-1", ProductionVariants=[variant("locked")], KmsKeyId=key
    )
    make = {"Effect": "Allow", "Action": "sagemaker:CreateEndpoint", "Resource": "*"}
    grant = {
        "Effect": "Allow",
        "Action": "kms:CreateGrant",
        "Resource": f"arn:aws:kms:*:*:key/{key}",
        "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
    }
    poor, rich = role_with(rig, "makes", make), role_with(rig, "makes-with-key", make, grant)

    def made(role: str) -> str:
        answer = rig.identities.role("sagemaker", role).create_endpoint(
            EndpointName="locked", EndpointConfigName="locked-1"
        )
        _made.append("locked")
        return str(answer["EndpointArn"])

    with pytest.raises(ClientError, match=r"AccessDenied.*kms:CreateGrant"):
        made(poor)
    assert made(rich)
    settle(rig, "locked")


def test_a_deployment_is_told_apart_by_the_name_of_its_configuration(rig: Rig) -> None:
    model(rig, "old-fleet", {"rate_5xx": 0.0})
    model(rig, "new-fleet", {"rate_5xx": 0.4})
    endpoint(rig, "deployed", variant("old-fleet"))
    sagemaker = rig.client("sagemaker")
    sagemaker.create_endpoint_config(EndpointConfigName="deployed-2", ProductionVariants=[variant("new-fleet")])
    routing = {"Type": "CANARY", "WaitIntervalInSeconds": 1800, "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50}}
    policy = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": 0}}
    sagemaker.update_endpoint(EndpointName="deployed", EndpointConfigName="deployed-2", DeploymentConfig=policy)
    clock.advance(1500)

    both = sum(minutes(rig, metric("Invocations", "deployed"), "Sum"))
    new = sum(minutes(rig, metric("Invocations", "deployed", EndpointConfigName="deployed-2"), "Sum"))
    rates = minutes(rig, metric("Invocation5XXErrors", "deployed", EndpointConfigName="deployed-2"), "Average")
    old_rates = minutes(rig, metric("Invocation5XXErrors", "deployed", EndpointConfigName="deployed-1"), "Average")

    assert both == pytest.approx(600 * 8.5, rel=0.15)
    assert 0.2 * both < new < 0.8 * both
    assert all(rate > 0.3 for rate in rates)
    assert old_rates
    assert max(old_rates) == 0.0


def test_a_shadow_gets_a_copy_of_the_requests_and_is_worth_nothing_to_the_business(rig: Rig) -> None:
    model(rig, "serving")
    model(rig, "in-the-shadow")
    sagemaker = rig.client("sagemaker")
    sagemaker.create_endpoint_config(
        EndpointConfigName="watched-1",
        ProductionVariants=[variant("serving")],
        ShadowProductionVariants=[variant("in-the-shadow", "Shadow", 0.5)],
    )
    sagemaker.create_endpoint(EndpointName="watched", EndpointConfigName="watched-1")
    _made.append("watched")
    rig.admin("POST", "traffic", {"endpoint": "watched", **CALM})
    settle(rig, "watched")
    clock.advance(900)

    served = sum(minutes(rig, metric("Invocations", "watched"), "Sum"))
    copied = sum(minutes(rig, metric("Invocations", "watched", "Shadow"), "Sum"))
    value = {**metric("Invocations", "watched", "Shadow"), "Namespace": "Team/Applications"}

    assert served == pytest.approx(600 * 8.5, rel=0.15)
    assert 0.2 * served < copied <= 1.1 * served
    assert minutes(rig, {**value, "MetricName": "BusinessValue"}, "Average") == []


def test_a_template_makes_alarms_on_expressions_and_on_other_alarms(rig: Rig) -> None:
    model(rig, "templated", {"rate_5xx": 0.3})
    endpoint(rig, "templated", variant("templated"))
    numbers = {"EvaluationPeriods": "1", "Threshold": "20", "ComparisonOperator": "GreaterThanThreshold"}
    queries = [
        {
            "Id": name,
            "ReturnData": False,
            "MetricStat": {"Metric": metric(of, "templated"), "Period": 60, "Stat": "Sum"},
        }
        for name, of in (("errors", "Invocation5XXErrors"), ("requests", "Invocations"))
    ]
    of_errors = {
        **numbers,
        "AlarmName": "templated-rate",
        "Metrics": [*queries, {"Id": "rate", "Expression": "100 * errors / requests"}],
    }
    resources = {
        "Rate": {"Type": "AWS::CloudWatch::Alarm", "Properties": of_errors},
        "Any": {
            "Type": "AWS::CloudWatch::CompositeAlarm",
            "DependsOn": "Rate",
            "Properties": {"AlarmName": "templated-any", "AlarmRule": "ALARM(templated-rate)"},
        },
    }
    rig.client("cloudformation").create_stack(StackName="templated", TemplateBody=json.dumps({"Resources": resources}))
    rig.client("cloudformation").get_waiter("stack_create_complete").wait(
        StackName="templated", WaiterConfig={"Delay": 1}
    )
    clock.advance(300)

    found = rig.client("cloudwatch").describe_alarms(
        AlarmNamePrefix="templated", AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )

    assert [a["StateValue"] for a in found["MetricAlarms"] + found["CompositeAlarms"]] == ["ALARM", "ALARM"]
