"""The steps of a policy's `rollout`: shares of the traffic, copies of it, or SageMaker's own guarded update."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from sluice.model.document_fields import DAY_S, MINUTE_S, Document, Duration, duration_s
from sluice.model.refusal import FieldErrors, FieldPath
from sluice.model.rollout_rules import GuardrailKind, Guardrails, Step

_LONGEST_WAIT_S = 3600
_EXECUTION_S = (600, 28800)
_SPARE_S = 1800
"""Time for starting instances, besides the waits."""

Percent = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, lt=100)]


class Bake(Document):
    """How long a step is watched. What is left out comes from the tier."""

    minimum: Duration
    """The step lasts at least this long, from 1m."""
    maximum: Duration
    """When it is over and nothing is decided, people are told what is missing; up to 7d."""
    requests: Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]
    """The new version has served at least so many requests before it goes on."""

    @model_validator(mode="after")
    def _times_are_in_order(self) -> Self:
        if self.minimum < MINUTE_S:
            raise FieldErrors((("minimum",), "must be at least 1m: metrics come by the minute"))
        if self.maximum > 7 * DAY_S:
            raise FieldErrors((("maximum",), "must be at most 7d"))
        if self.maximum < self.minimum:
            raise FieldErrors((("maximum",), "must not be shorter than minimum"))
        return self


class TrafficStep(Document):
    """A share of the traffic for the new version, until it has shown that it is no worse."""

    percent: Percent
    """The share in percent, below 100: after the last step the new version gets all."""
    bake: Bake
    """How long it is watched."""

    def step(self) -> Step:
        """The step as decisions read it."""
        return Step(self.percent, self.bake.minimum, self.bake.maximum, self.bake.requests)


class ShadowStep(Document):
    """A first step that serves nobody: the new version gets copies of requests, its answers are thrown away."""

    percent: Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=100)] = 100
    """The share of the requests that is copied."""
    bake: Bake
    """How long it is watched."""

    def step(self) -> Step:
        """The step as decisions read it."""
        return Step(self.percent, self.bake.minimum, self.bake.maximum, self.bake.requests)


class GuardedUpdate(Document):
    """SageMaker's own blue/green update; the judge's verdict is one of the alarms that take it back."""

    type: Literal["canary", "linear", "all_at_once"]
    """`canary`: a first share, then all; `linear`: equal shares; `all_at_once`."""
    size: Annotated[int, Field(strict=True, ge=1, le=100)] = 10
    """The first share (canary, at most 50) or each share (linear, 10 to 50), in percent of the instances."""
    wait: Duration
    """Time between two shares; from 1m to 1h. Default: 10m."""
    termination_wait: Duration
    """Time that the old instances are kept after the last share; from 1m to 1h. On a serverless endpoint: how long
    Sluice watches before it calls the version promoted. Default: 10m."""
    maximum_execution: Duration
    """After this SageMaker takes the update back; from 10m to 8h. Default: the waits and half an hour."""

    @model_validator(mode="before")
    @classmethod
    def _fill_by_type(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        kind = values.get("type")
        filled = {"size": 100 if kind == "all_at_once" else 10, "wait": "10m", "termination_wait": "10m", **values}
        try:
            waits_s = _waits_s(kind, filled["size"], duration_s(filled["wait"]), duration_s(filled["termination_wait"]))
        except (ArithmeticError, TypeError, ValueError):
            waits_s = 0  # validation says what is wrong with them
        return {"maximum_execution": f"{min(waits_s + _SPARE_S, _EXECUTION_S[1])}s", **filled}

    @model_validator(mode="after")
    def _sagemaker_takes_it(self) -> Self:
        errors = list(self._refused())
        if errors:
            raise FieldErrors(*errors)
        return self

    def guardrails(self, *, managed: bool) -> Guardrails:
        """The update as decisions read it."""
        at_once = self.type == "all_at_once"
        return Guardrails(
            kind=GuardrailKind(self.type.upper()),
            size_percent=self.size,
            wait_s=0 if at_once else self.wait,
            termination_wait_s=self.termination_wait,
            max_execution_s=self.maximum_execution,
            managed=managed,
        )

    def _refused(self) -> Iterator[tuple[FieldPath, str]]:
        if self.type == "canary" and self.size > 50:
            yield ("size",), "must be at most 50: SageMaker gives a canary no more than half of the instances"
        if self.type == "linear" and not 10 <= self.size <= 50:
            yield ("size",), "must be from 10 to 50: SageMaker takes no other linear share"
        if self.type == "all_at_once" and self.size != 100:
            yield ("size",), "is 100 when all traffic moves at once: leave it out"
        for name in ("wait", "termination_wait"):
            if not MINUTE_S <= getattr(self, name) <= _LONGEST_WAIT_S:
                yield (name,), "must be from 1m to 1h: SageMaker waits no longer, and metrics come by the minute"
        least, most = _EXECUTION_S
        if not least <= self.maximum_execution <= most:
            yield ("maximum_execution",), "must be from 10m to 8h"
        waits = _waits_s(self.type, self.size, self.wait, self.termination_wait)
        if waits >= min(self.maximum_execution, most):
            yield ("maximum_execution",), f"must be longer than all waits together, which are {waits} s, and at most 8h"


def _waits_s(kind: Any, size: int, wait_s: int, termination_wait_s: int) -> int:
    """How long an update only waits: between its shares, and after the last."""
    between = {"canary": 1, "linear": max(1, -(-100 // size) - 1)}.get(kind, 0)
    return between * wait_s + termination_wait_s
