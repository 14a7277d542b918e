"""How a rollout ended, and whether somebody has to be called. Pure."""

from dataclasses import replace

from sluice.core.causes import plain_error
from sluice.model.ids import Micros, RolloutId
from sluice.model.rollout import Rollout, RolloutOutcome
from sluice.model.signal import Cause, Signal, SignalKind

_HARMLESS = frozenset(
    {
        RolloutOutcome.PROMOTED,
        RolloutOutcome.REFUSED,
        RolloutOutcome.SUPERSEDED,
        RolloutOutcome.WITHDRAWN,
        RolloutOutcome.OBSERVED,
    }
)
"""Outcomes that changed nothing in production, or what somebody wanted."""

_URGENT = frozenset({RolloutOutcome.HELD, RolloutOutcome.DIVERGED})

_TAKEN_BACK = frozenset({RolloutOutcome.RETURNED, RolloutOutcome.UNDECIDED, RolloutOutcome.FAILED})

_WORDS = {
    "returned": "taken back, since it was worse",
    "undecided": "taken back, since too little was seen of it",
    "diverged": "its rollout ended, since somebody else changed the endpoint",
    "held": "its rollout could not be taken back, and the endpoint is on hold",
    "failed": "its rollout could not be done",
    "unscaled": "it serves, and the endpoint does not scale as before",
}


def outcome_of(rollout: Rollout, *, error: str, held: str) -> tuple[RolloutOutcome, str]:
    """The outcome with its reason, from what was decided on the way and what a step failed with."""
    if held:
        why = f"{rollout.because} " if rollout.because else ""
        return RolloutOutcome.HELD, f"{why}The return failed: {plain_error(held)}"
    if rollout.outcome is not None:
        return rollout.outcome, rollout.because
    return RolloutOutcome.FAILED, plain_error(error) or "it ended without a decision"


def signal_of(rollout: Rollout, at: Micros) -> Signal | None:
    """What an end says about production, or None when nobody needs to know beyond the channel.

    An endpoint that does not scale is such an end, however well the rollout ended; one that was never named is not: no
    policy had said where to deploy, so that nothing has changed. `tries` tells the ends of one rollout apart.
    """
    harmless = rollout.outcome in _HARMLESS
    if rollout.outcome is None or not rollout.endpoint or (harmless and not rollout.unscaled):
        return None
    what = "unscaled" if harmless else rollout.outcome.value
    return Signal(
        key=f"rollout/{rollout.id}|{what}|{rollout.tries}",
        source=source_of(rollout.id),
        kind=SignalKind.ROLLOUT,
        cause=Cause.CHANGED if rollout.outcome is RolloutOutcome.DIVERGED else Cause.ROLLOUT,
        raised=True,
        group=rollout.request.group,
        region=rollout.request.region,
        endpoint=rollout.endpoint,
        at=at,
        summary=f"Version {rollout.request.version}: {_WORDS[what]}. {rollout.because}".strip(),
        urgent=rollout.outcome in _URGENT,
    )


def is_passed(rollout: Rollout) -> bool:
    """Whether production is again as it was before: what the end says has to be known, and is over already."""
    return rollout.outcome in _TAKEN_BACK and rollout.returned and not rollout.unscaled


def all_clear(raised: Signal, at: Micros) -> Signal:
    """What was raised is over."""
    return replace(raised, key=f"{raised.key}|over", raised=False, at=at)


def source_of(rollout_id: RolloutId) -> str:
    """Under which source a rollout speaks of its end."""
    return f"rollout/{rollout_id}"
