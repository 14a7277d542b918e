"""How a rollback ended, what that makes of its endpoint, and what is told of it. Pure."""

from dataclasses import replace

from sluice.core.causes import plain_error
from sluice.model.endpoint import EndpointRecord, LastKnownGood
from sluice.model.governing import Mode
from sluice.model.ids import EPOCH, Micros
from sluice.model.rollback import Decision, Rollback, RollbackOutcome, RollbackPhase
from sluice.model.signal import Cause, Signal, SignalKind

_IN_MODE = {Mode.OBSERVE: RollbackOutcome.RECORDED, Mode.RECOMMEND: RollbackOutcome.ASKED}


def ended(rollback: Rollback, *, mode: Mode, error: str = "", held: str = "", retraining: str = "") -> Rollback:
    """The rollback with its end, from what was decided on the way and what a step failed with.

    `held` is what the decision, or the return, failed with; `error` what came after it; `retraining` what was started.
    """
    done = replace(rollback, phase=RollbackPhase.DONE, mode=rollback.mode or mode, retraining=retraining)
    done = replace(done, rejects=rollback.rejects and bool(rollback.returned_at))
    if rollback.outcome is not None:
        return replace(done, because=_with(rollback.because, error))
    if retraining:
        return replace(done, outcome=RollbackOutcome.RETRAINING)
    if rollback.returned_at:
        because = _with(rollback.because, error, "Whether it helped could not be seen: ")
        return replace(done, outcome=RollbackOutcome.RETURNED, because=because)
    if rollback.decision is Decision.RETRAIN:
        because = _with(rollback.because, error, "The pipeline could not be started: ")
        return replace(done, outcome=RollbackOutcome.ASKED, because=because)
    what = "The return failed: " if rollback.decision is Decision.ROLL_BACK else "Nothing could be decided: "
    because = _with(rollback.because, held or error or "it ended without a decision", what)
    quiet = None if rollback.demand is not None or rollback.fence else _IN_MODE.get(mode)
    return replace(done, outcome=quiet or RollbackOutcome.HELD, because=because)


def given_back(endpoint: EndpointRecord, rollback: Rollback) -> EndpointRecord:
    """The endpoint after a rollback: free, with what serves there as its last known good, or on hold.

    What was asked for before the version that left comes too late as ever. A hold that is there already stays.
    """
    free = replace(endpoint, holder=None, intent=None) if endpoint.holder == rollback.id else endpoint
    target = rollback.target
    if rollback.returned_at and target is not None and endpoint.holder == rollback.id:
        asked_at = EPOCH if endpoint.good is None else endpoint.good.requested_at
        since = rollback.returned_at
        free = replace(free, good=LastKnownGood(target.config, target.package_arn, target.version, since, asked_at))
    if rollback.outcome is RollbackOutcome.HELD and not free.hold:
        return replace(free, hold=f"{rollback.id}: {rollback.because}")
    return free


def signal_of(rollback: Rollback, at: Micros) -> Signal | None:
    """What the end says about production where no incident knows of it: a hold that a person's own rollback left."""
    if rollback.outcome is not RollbackOutcome.HELD or rollback.incident_id:
        return None
    return Signal(
        key=f"rollback/{rollback.id}|held",
        source=f"rollback/{rollback.id}",
        kind=SignalKind.ROLLOUT,
        cause=Cause.ROLLOUT,
        raised=True,
        group=rollback.group,
        region=rollback.region,
        endpoint=rollback.endpoint,
        at=at,
        summary=f"A rollback could not be done, and the endpoint is on hold. {rollback.because}",
        urgent=True,
    )


def told_of(rollback: Rollback) -> dict[str, object]:
    """What the bus hears of the end."""
    left, target = rollback.left, rollback.target
    return {
        "rollback_id": rollback.id,
        "incident_id": rollback.incident_id,
        "group": rollback.group,
        "region": rollback.region,
        "endpoint": rollback.endpoint,
        "source": rollback.signal.source,
        "cause": rollback.signal.cause.value,
        "decision": "" if rollback.decision is None else rollback.decision.value,
        "outcome": "" if rollback.outcome is None else rollback.outcome.value,
        "because": rollback.because,
        "automatic": rollback.demand is None,
        "package_arn": "" if left is None else left.package_arn,
        "from_version": 0 if left is None else left.version,
        "from_config": "" if left is None else left.config,
        "to_version": 0 if target is None else target.version,
        "to_config": "" if target is None else target.config,
        "verified": rollback.verified,
        "reject": rollback.rejects,
        "retraining": rollback.retraining,
    }


def _with(because: str, error: str, what: str = "") -> str:
    return f"{because} {what}{plain_error(error)}".strip() if error else because
