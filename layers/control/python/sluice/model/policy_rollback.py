"""The `rollback` part of a policy document: when an endpoint goes back by itself, and how often."""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sluice.model.document_fields import DAY_S, MINUTE_S, Document, Duration, Spelled
from sluice.model.policy_watch import NamedCause
from sluice.model.refusal import FieldErrors, FieldPath
from sluice.model.response_rules import RollbackRules
from sluice.model.signal import Cause

MOST_A_DAY = 10

PipelineName = Annotated[
    str,
    Spelled(r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}$", "the name of a SageMaker pipeline: letters, digits and hyphens"),
]
LearnableCause = Literal["data_quality", "model_quality", "bias", "attribution", "kpi"]
"""What another training may mend."""


class Retraining(Document):
    """A SageMaker pipeline that is started when the model itself is not well. Its result takes the usual way."""

    pipeline: PipelineName
    """Name of the pipeline, in the endpoint's account and region."""
    on: Annotated[tuple[LearnableCause, ...], Field(min_length=1)] = ("data_quality", "model_quality")
    """For which causes: `data_quality`, `model_quality`, `bias`, `attribution`, `kpi`."""


class RollbackPlan(Document):
    """When the endpoint goes back by itself to what served before. What a person asks for is not limited by this."""

    on: tuple[NamedCause, ...] = ("availability", "errors", "latency", "kpi", "model_quality", "bias")
    """Causes that take the endpoint back; for any other, people are asked. `[]`: none does."""
    cool_down: Duration
    """Time between two returns by itself; from 5m to 7d."""
    at_most: Annotated[int, Field(strict=True, ge=0, le=MOST_A_DAY)]
    """How often within 24 hours; at most 10."""
    recover_within: Duration = 1800
    """After a return, what was raised has to be cleared within this, or the incident gets worse; from 5m to 7d."""
    retrain: Retraining | None = None
    """What is trained anew, and when."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        errors: list[tuple[FieldPath, str]] = [
            ((name,), "must be from 5m to 7d")
            for name in ("cool_down", "recover_within")
            if not 5 * MINUTE_S <= getattr(self, name) <= 7 * DAY_S
        ]
        errors += [(("on", i), f"{cause} is there already") for i, cause in _repeated(self.on)]
        if self.retrain:
            errors += [(("retrain", "on", i), f"{cause} is there already") for i, cause in _repeated(self.retrain.on)]
        if errors:
            raise FieldErrors(*errors)
        return self

    def rules(self) -> RollbackRules:
        """The plan as decisions read it."""
        return RollbackRules(
            on=tuple(Cause(cause) for cause in self.on),
            cool_down_s=self.cool_down,
            at_most=self.at_most,
            recover_within_s=self.recover_within,
            pipeline=self.retrain.pipeline if self.retrain else "",
            retrain_on=tuple(Cause(cause) for cause in self.retrain.on) if self.retrain else (),
        )


def _repeated(words: Sequence[str]) -> list[tuple[int, str]]:
    return [(i, word) for i, word in enumerate(words) if word in words[:i]]
