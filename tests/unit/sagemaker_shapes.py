"""Values of botocore's shapes for property tests, and the check that a request is valid for botocore."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, Shape, StructureShape
from botocore.validate import ParamValidator
from hypothesis import strategies as st


@cache
def request_shape(operation: str) -> StructureShape:
    """What an operation of SageMaker takes."""
    model = botocore.session.get_session().get_service_model("sagemaker")
    shape = model.operation_model(operation).input_shape
    assert shape is not None
    return shape


def complaints(operation: str, request: Mapping[str, Any]) -> str:
    """What botocore finds wrong with a request before it is sent."""
    return str(ParamValidator().validate(dict(request), request_shape(operation)).generate_report())


@cache
def values_of(shape: Shape) -> st.SearchStrategy[Any]:
    """Any value that botocore accepts for a shape; of structures any choice of the fields that may be left out."""
    if isinstance(shape, StructureShape):
        required = {name: values_of(shape.members[name]) for name in shape.required_members}
        optional = {name: values_of(part) for name, part in shape.members.items() if name not in required}
        return st.fixed_dictionaries(required, optional=optional)
    if isinstance(shape, ListShape):
        return st.lists(values_of(shape.member), min_size=shape.metadata.get("min", 0), max_size=2)
    return _SCALARS[shape.type_name](shape.metadata)


def member(shape: Shape, *path: str) -> Shape:
    """A part of a structure, through the lists on the way."""
    for name in path:
        while isinstance(shape, ListShape):
            shape = shape.member
        assert isinstance(shape, StructureShape)
        shape = shape.members[name]
    return shape


def _text(limits: Mapping[str, Any]) -> st.SearchStrategy[str]:
    return st.sampled_from(limits["enum"]) if "enum" in limits else st.just("s3://a-bucket/with-a-key")


def _whole(limits: Mapping[str, Any]) -> st.SearchStrategy[int]:
    least = limits.get("min", 0)
    return st.integers(least, limits.get("max", least + 100))


_SCALARS: Mapping[str, Callable[[Mapping[str, Any]], st.SearchStrategy[Any]]] = {
    "string": _text,
    "integer": _whole,
    "float": lambda limits: st.floats(limits.get("min", 0), 100, width=32),
    "boolean": lambda _: st.booleans(),
}
