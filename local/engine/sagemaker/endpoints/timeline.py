"""Endpoints over time: changes that are under way go on at their moments, in lockstep with the rest of the cloud."""

import contextlib
from typing import Any

from local.engine import lockstep
from local.engine.sagemaker import store
from local.engine.sagemaker.endpoints import describing, notices
from local.engine.sagemaker.endpoints.state import Endpoint, Process


class Changes:
    """The changes of all endpoints, as one part of what happens by itself."""

    def due(self, until: float) -> float | None:
        """The next moment at which a change goes on."""
        endpoint = _next()
        return endpoint.resumes if endpoint is not None and endpoint.resumes <= until else None

    def turn(self, at: float) -> None:
        """Let the change that is due go on."""
        endpoint = _next()
        if endpoint is None or endpoint.process is None:
            return
        process = endpoint.process
        try:
            endpoint.resumes = at + process.send(at)
        except StopIteration:
            if endpoint.process is process:
                endpoint.process = None
        if endpoint.arn in store.endpoints:
            endpoint.note(at)

    def places(self) -> set[tuple[str, str]]:
        """The accounts and regions that have endpoints."""
        return {key[:2] for key in list(store.endpoints._data)}


def begin(endpoint: Endpoint, process: Process, at: float) -> None:
    """Let a change begin now; one that was under way is given up."""
    endpoint.process = process
    with contextlib.suppress(StopIteration):
        endpoint.resumes = at + next(process)
        endpoint.note(at)
        return
    endpoint.process = None
    endpoint.note(at)


def become(endpoint: Endpoint, status: str, at: float, *, failure: str | None = None) -> None:
    """Bring an endpoint into a status, and tell of it."""
    endpoint.status, endpoint.failure, endpoint.modified = status, failure, at
    notices.endpoint_changed(describing.describe(endpoint))


def tell_step(endpoint: Endpoint) -> None:
    """Tell of a step of a deployment, where deployments are told."""
    if endpoint.pending is not None and endpoint.pending.told:
        notices.deployment_changed(describing.describe(endpoint))


def start() -> None:
    """Join what happens by itself on the simulated clock."""
    lockstep.join(Changes())


def _next() -> Endpoint | None:
    under_way: list[Any] = [e for e in list(store.endpoints.values()) if e.process is not None]
    return min(under_way, key=lambda e: e.resumes, default=None)
