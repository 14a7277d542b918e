"""A service of AWS that speaks JSON with X-Amz-Target, made of functions, one an operation."""

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import botocore.session
from botocore.model import ServiceModel

from local.engine.sagemaker import shapes
from local.engine.sagemaker.errors import ApiError, invalid

type Answer = tuple[int, dict[str, str], bytes]
type Operation = Callable[[dict[str, Any]], dict[str, Any]]


class JsonService:
    """What ministack calls as a service; requests and answers are held against botocore's model."""

    def __init__(self, name: str, operations: Mapping[str, Operation], forget: Callable[[], None]) -> None:
        self._name = name
        self._operations = operations
        self.reset = forget

    @cached_property
    def model(self) -> ServiceModel:
        """The service model that botocore brings."""
        return botocore.session.Session().get_service_model(self._name)

    async def handle_request(self, _method: str, _path: str, headers: Any, body: bytes, _query: Any) -> Answer:
        """Answer one request."""
        name = str(headers.get("x-amz-target", "")).rsplit(".", 1)[-1]
        try:
            return _answer(200, self.perform(name, json.loads(body or b"{}")))
        except ApiError as error:
            return _answer(400, {"__type": error.code, "message": str(error)})

    def perform(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        """Check a request against the model and carry it out."""
        operation = self._operations.get(name)
        if operation is None:
            raise ApiError("UnknownOperationException", f"{name} is not part of the embedded {self._name}.")
        shape = self.model.operation_model(name).input_shape
        found = shapes.faults(shape, request) if shape is not None else []
        if found:
            raise invalid(f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected: {'; '.join(found)}")
        return {key: value for key, value in operation(request).items() if value is not None}

    def get_state(self) -> None:
        """Nothing is kept over a restart; ministack skips a service that reports None."""

    def load_persisted_state(self, _state: Any) -> None:
        """Nothing was kept."""


def _answer(status: int, document: dict[str, Any]) -> Answer:
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(document).encode()
