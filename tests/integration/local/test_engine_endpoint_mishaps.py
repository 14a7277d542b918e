"""What can be planned to go wrong with the engine's endpoints, and what SageMaker forbids while others hold on to them."""

import pytest
from botocore.exceptions import ClientError

from local import clock
from tests.integration.local.serving_rig import Serving


def test_an_operation_can_be_throttled(shop: Serving) -> None:
    shop.create(shop.config("one"))
    throttled = {
        "operation": "sagemaker:DescribeEndpoint",
        "code": "ThrottlingException",
        "times": 3,
    }  # boto3 tries thrice
    shop.rig.admin("POST", "faults", {"operation": throttled})

    with pytest.raises(ClientError, match="ThrottlingException"):
        shop.seen()

    assert shop.status() == "InService"


def test_an_event_can_be_lost_or_doubled(shop: Serving) -> None:
    first, second = shop.config("one"), shop.config("two")
    shop.rig.admin("POST", "faults", {"event": {"copies": 0, "group": shop.name}})
    shop.rig.admin("POST", "faults", {"event": {"copies": 2, "group": shop.name}})
    shop.create(first)
    shop.update(second)

    told = [e["EndpointStatus"] for e in shop.events("Endpoint", 3)]

    assert told == ["IN_SERVICE", "IN_SERVICE", "UPDATING"]


def test_a_deployment_that_takes_too_long_goes_back(shop: Serving) -> None:
    first, second = shop.config("one"), shop.config("two")
    shop.create(first)
    before = shop.rig.admin("POST", "endpoint-timing")
    routing = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    policy = {"TrafficRoutingConfiguration": routing, "MaximumExecutionTimeoutInSeconds": 600}
    shop.rig.admin("POST", "endpoint-timing", {"fleet_s": 700})
    try:
        shop.update(second, DeploymentConfig={"BlueGreenUpdatePolicy": policy})
        seen = shop.settle(1000)
    finally:
        shop.rig.admin("POST", "endpoint-timing", before)

    assert (seen["EndpointStatus"], seen["EndpointConfigName"]) == ("InService", first)


def test_a_scaled_variant_keeps_its_instance_type_until_it_is_scaled_no_longer(shop: Serving) -> None:
    shop.create(shop.config("one"))
    larger = shop.config("larger", shop.variant("one", InstanceType="ml.m5.xlarge"))
    scaling = shop.rig.client("application-autoscaling")
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{shop.name}/variant/AllTraffic",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=4)

    with pytest.raises(ClientError, match="registered as a scalable target"):
        shop.update(larger)
    scaling.deregister_scalable_target(**target)
    shop.update(larger)

    assert shop.settle()["EndpointConfigName"] == larger


def test_an_endpoint_is_in_service_without_anybody_looking(shop: Serving) -> None:
    shop.api.create_endpoint(EndpointName=shop.name, EndpointConfigName=shop.config("one"))

    clock.advance(900)

    assert [e["EndpointStatus"] for e in shop.events("Endpoint", 2)] == ["CREATING", "IN_SERVICE"]
