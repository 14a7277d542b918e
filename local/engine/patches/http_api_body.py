"""HTTP APIs: the routes in an OpenAPI `Body` (what SAM writes) are made; ministack ignores the property."""

from typing import Any

from ministack.services.cloudformation import provisioners

from local.engine.patches.expected import PatchMismatch

_API = "AWS::ApiGatewayV2::Api"


def apply() -> None:
    """Wrap the creation of HTTP APIs."""
    handlers = provisioners._RESOURCE_HANDLERS.get(_API, {})
    if "create" not in handlers:
        raise PatchMismatch(f"provisioners._RESOURCE_HANDLERS[{_API!r}] has no create")
    create = handlers["create"]

    def create_with_routes(logical_id: str, props: Any, stack_name: str) -> Any:
        api_id, attributes = create(logical_id, props, stack_name)
        _add_routes(api_id, logical_id, props.get("Body") or {}, stack_name)
        return api_id, attributes

    handlers["create"] = create_with_routes


def _add_routes(api_id: str, logical_id: str, document: dict[str, Any], stack_name: str) -> None:
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            integration = operation.get("x-amazon-apigateway-integration") or {}
            integration_id, _ = provisioners._apigw_v2_integration_create(
                logical_id,
                {
                    "ApiId": api_id,
                    "IntegrationType": str(integration.get("type", "aws_proxy")).upper(),
                    "IntegrationUri": integration.get("uri", ""),
                    "PayloadFormatVersion": integration.get("payloadFormatVersion", "2.0"),
                },
                stack_name,
            )
            route = {"ApiId": api_id, "RouteKey": _route_key(path, method), "Target": f"integrations/{integration_id}"}
            provisioners._apigw_v2_route_create(logical_id, route, stack_name)


def _route_key(path: str, method: str) -> str:
    if path == "/$default":
        return "$default"
    return f"{'ANY' if method == 'x-amazon-apigateway-any-method' else method.upper()} {path}"
