"""The quotas themselves, by name, with AWS's defaults for an account that has asked for nothing, roughly."""

import hashlib
from functools import cache
from typing import Any

import botocore.session
from ministack.core.responses import AccountRegionScopedDict

_set: Any = AccountRegionScopedDict()
_ACCELERATED = ("g4dn", "g5", "g6", "g6e", "gr6", "inf1", "inf2", "p2", "p3", "trn1", "trn2")
_RARE = ("p4d", "p4de", "p5", "p5e", "p5en", "p6")
_ENDPOINT_USAGE = "{} for endpoint usage"


def endpoint_instances(instance_type: str) -> int:
    """How many instances of a type the endpoints of this account and region may have in all."""
    return int(value(_ENDPOINT_USAGE.format(instance_type)))


def value(name: str) -> float:
    """The quota of a name, as it is applied."""
    return float(_set.get(name, defaults().get(name, 0.0)))


def set_value(name: str, to: float) -> None:
    """Let a quota be something else; raises ValueError for a name that there is not."""
    if name not in defaults():
        raise ValueError(f"SageMaker has no quota named {name}")
    _set[name] = float(to)


def forget() -> None:
    """Let every quota have its default."""
    _set.clear()


def code(name: str) -> str:
    """The code of a quota."""
    return f"L-{hashlib.sha256(name.encode()).hexdigest()[:8].upper()}"


@cache
def defaults() -> dict[str, float]:
    """AWS's default of every quota that is modelled."""
    model = botocore.session.Session().get_service_model("sagemaker")
    types = model.shape_for("ProductionVariantInstanceType").enum  # type: ignore[attr-defined]  # a string shape
    return {_ENDPOINT_USAGE.format(name): _default(name) for name in types}


def _default(instance_type: str) -> float:
    family = instance_type.removeprefix("ml.").partition(".")[0]
    if family in _RARE:
        return 0.0
    return 4.0 if family in _ACCELERATED else 20.0
