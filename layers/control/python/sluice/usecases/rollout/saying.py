"""What a rollout says about production when it ends: signals, taken where all others are."""

from sluice.core.rollout.ending import all_clear, is_passed, signal_of, source_of
from sluice.model.commit import Message
from sluice.model.ids import Micros
from sluice.model.incident import SignalSeen
from sluice.model.incident_commands import RaiseSignal
from sluice.model.rollout import Rollout, RolloutOutcome
from sluice.model.signal import Signal, SignalKind
from sluice.ports import Records
from sluice.usecases.incident.remembered import incidents_of
from sluice.usecases.messages import command


def said_of_end(ended: Rollout, records: Records, now: Micros) -> list[Message]:
    """What is raised by an end; a promotion clears what earlier rollouts of the endpoint have left raised."""
    raised = signal_of(ended, now)
    said = [] if raised is None else [_said(raised, passed=is_passed(ended))]
    if ended.outcome is not RolloutOutcome.PROMOTED:
        return said
    others = _left_raised(ended, records)
    return [
        *said,
        *(_said(_over(seen, ended, now)) for seen in others if raised is None or seen.source != raised.source),
    ]


def said_of_hold(held: Rollout, now: Micros) -> list[Message]:
    """The hold that a rollout left is cleared, and with it what the rollout had raised."""
    raised = signal_of(held, now)
    return [] if raised is None else [_said(all_clear(raised, now))]


def _said(signal: Signal, *, passed: bool = False) -> Message:
    return command(signal.key, RaiseSignal(signal, passed))


def _left_raised(ended: Rollout, records: Records) -> list[SignalSeen]:
    newest = incidents_of(records, ended.request.region, ended.endpoint).newest
    signals = () if newest is None else newest.value.signals
    return [seen for seen in signals if seen.kind is SignalKind.ROLLOUT and seen.raised]


def _over(seen: SignalSeen, by: Rollout, now: Micros) -> Signal:
    """A version was promoted since: whatever an earlier rollout left is not in the way any more."""
    return Signal(
        key=f"{seen.source}|{seen.last_at}|over by {source_of(by.id)}",
        source=seen.source,
        kind=seen.kind,
        cause=seen.cause,
        raised=False,
        group=by.request.group,
        region=by.request.region,
        endpoint=by.endpoint,
        at=now,
        summary=f"Version {by.request.version} was promoted since.",
    )
