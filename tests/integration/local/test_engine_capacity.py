"""Service Quotas of the engine, through boto3."""

import urllib.error

import pytest
from botocore.exceptions import ClientError

from tests.integration.local.conftest import Rig
from tests.integration.local.test_engine_services import role_with

LARGE = "ml.m5.large for endpoint usage"


def quotas(rig: Rig) -> dict[str, dict[str, object]]:
    """All quotas of SageMaker by name."""
    pages = rig.client("service-quotas").get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker")
    return {quota["QuotaName"]: quota for page in pages for quota in page["Quotas"]}


def test_quotas_of_endpoint_instances_are_listed_and_can_be_set(rig: Rig) -> None:
    service = rig.client("service-quotas")
    before = quotas(rig)[LARGE]

    rig.admin("POST", "quota", {"name": LARGE, "value": 3})

    found = service.get_service_quota(ServiceCode="sagemaker", QuotaCode=before["QuotaCode"])["Quota"]
    default = service.get_aws_default_service_quota(ServiceCode="sagemaker", QuotaCode=before["QuotaCode"])["Quota"]
    rig.admin("POST", "quota", {"name": LARGE, "value": before["Value"]})
    assert (found["QuotaName"], found["Value"]) == (LARGE, 3.0)
    assert default["Value"] == before["Value"]
    assert len(quotas(rig)) > 100


def test_a_quota_that_there_is_not_is_neither_found_nor_set(rig: Rig) -> None:
    with pytest.raises(ClientError, match="NoSuchResourceException"):
        rig.client("service-quotas").get_service_quota(ServiceCode="sagemaker", QuotaCode="L-00000000")
    with pytest.raises(urllib.error.HTTPError):
        rig.admin("POST", "quota", {"name": "ml.m5.tiny for endpoint usage", "value": 1})


def test_a_role_reads_the_quota_that_it_may(rig: Rig) -> None:
    large, other = quotas(rig)[LARGE], quotas(rig)["ml.m5.xlarge for endpoint usage"]
    rights = {"Effect": "Allow", "Action": "servicequotas:GetServiceQuota", "Resource": large["QuotaArn"]}
    service = rig.identities.role("service-quotas", role_with(rig, "quota-reader", rights))

    assert service.get_service_quota(ServiceCode="sagemaker", QuotaCode=large["QuotaCode"])["Quota"]
    with pytest.raises(ClientError, match="AccessDenied"):
        service.get_service_quota(ServiceCode="sagemaker", QuotaCode=other["QuotaCode"])


def test_a_variant_that_does_not_exist_cannot_be_scaled(rig: Rig) -> None:
    scaling = rig.client("application-autoscaling")
    variant = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/nowhere/variant/AllTraffic",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }

    with pytest.raises(ClientError, match="No scalable resource found"):
        scaling.register_scalable_target(**variant, MinCapacity=1, MaxCapacity=4)
    with pytest.raises(ClientError, match="ObjectNotFoundException"):
        scaling.deregister_scalable_target(**variant)
    assert scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []
