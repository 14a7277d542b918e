"""Endpoint configurations: variants with their sizes and weights, which never change once they are made."""

from typing import Any

from local import clock
from local.engine.sagemaker import paging, store, tags
from local.engine.sagemaker.endpoints import notices, variants
from local.engine.sagemaker.errors import invalid

_SUMMARY = ("EndpointConfigName", "EndpointConfigArn", "CreationTime")


def create(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """CreateEndpointConfig."""
    name = request["EndpointConfigName"]
    arn = store.arn("endpoint-config", name)
    if arn in store.endpoint_configs:
        raise invalid(f'Cannot create already existing endpoint configuration "{arn}".')
    variants.check(request)
    config = {k: v for k, v in request.items() if k != "Tags"}
    for kind in ("ProductionVariants", "ShadowProductionVariants"):
        if kind in config:
            config[kind] = [variants.complete(v) for v in config[kind]]
    config |= {"EndpointConfigArn": arn, "CreationTime": clock.now()}
    config.setdefault("EnableNetworkIsolation", False)
    store.endpoint_configs[arn] = config
    tags.put(arn, request.get("Tags") or [])
    notices.config_created(config)
    return {"EndpointConfigArn": arn}


def describe(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """DescribeEndpointConfig."""
    return find(request["EndpointConfigName"])


def find(name: str) -> dict[str, Any]:
    """A configuration by name; SageMaker answers an unknown one with ValidationException."""
    arn = store.arn("endpoint-config", name)
    config = store.endpoint_configs.get(arn)
    if config is None:
        raise invalid(f'Could not find endpoint configuration "{arn}".')
    return dict(config)


def list_all(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """ListEndpointConfigs."""
    found = paging.within(list(store.endpoint_configs.values()), request, name="EndpointConfigName")
    ordered = paging.in_order(found, request, name="EndpointConfigName", default_order="Descending")
    return paging.page([{k: c[k] for k in _SUMMARY} for c in ordered], request, answer="EndpointConfigs")


def delete(request: dict[str, Any], _caller: dict[str, Any]) -> dict[str, Any]:
    """DeleteEndpointConfig; SageMaker deletes one in use too, and its endpoint cannot be updated any more."""
    arn = find(request["EndpointConfigName"])["EndpointConfigArn"]
    del store.endpoint_configs[arn]
    store.tags.pop(arn, None)
    return {}
