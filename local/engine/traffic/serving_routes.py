"""The routes of an endpoint as the engine's SageMaker has them."""

from local.engine.sagemaker import store
from local.engine.sagemaker.serving import History, Serving
from local.engine.traffic.routing import Route, Routing


def endpoints() -> list[str]:
    """The endpoints of this account and region that have served, with those that are gone."""
    names = (fleet.endpoint for history in list(store.served.values()) for fleets in history.fleets for fleet in fleets)
    return list(dict.fromkeys(names))


def changes(endpoint: str) -> int:
    """How often what serves an endpoint has changed: until the next time, its routing is the same."""
    return len(_history(endpoint).since)


def routing(endpoint: str, longer_s: float) -> Routing:
    """What has served an endpoint."""
    history = _history(endpoint)
    return Routing(list(history.since), [[_route(fleet) for fleet in fleets] for fleets in history.fleets], longer_s)


def _history(endpoint: str) -> History:
    found: History = store.served.get(store.arn("endpoint", endpoint)) or History()
    return found


def _route(fleet: Serving) -> Route:
    return Route(
        endpoint=fleet.endpoint,
        variant=fleet.variant,
        config=fleet.config,
        model=fleet.model_package_arn or fleet.model,
        artefact=fleet.artefact,
        share=fleet.share,
        instances=fleet.instances,
        instance_type=fleet.instance_type,
        is_shadow=fleet.shadow,
        by_config=fleet.config_dimension,
    )
