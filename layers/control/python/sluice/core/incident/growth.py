"""How an incident begins, grows, comes back and falls silent. Pure: each answers the incident as it is then."""

from dataclasses import dataclass, field, replace

from sluice.core.incident.folding import folded
from sluice.core.incident.grouping import source_of
from sluice.core.incident.naming import incident_id_of
from sluice.core.incident.severity import severity_of, weight
from sluice.core.incident.sources import cleared, first_word, is_late, raised_again, standing
from sluice.core.incident.wording import summary_of
from sluice.model.governing import Mode, Tier
from sluice.model.ids import EPOCH, Micros
from sluice.model.incident import Changed, Incident, IncidentStatus, SignalSeen
from sluice.model.response_rules import PagingRules, Severity
from sluice.model.signal import Cause, Signal

_INHIBITED = frozenset({Cause.ERRORS, Cause.LATENCY, Cause.KPI})
"""What an endpoint that is down explains."""
_EARLY = 40
"""So many clears that came ahead of their raise are remembered."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the policy says at the moment, and what changed production last."""

    tier: Tier
    mode: Mode
    team: str
    channel: str
    paging: PagingRules
    changed: Changed = field(default_factory=Changed)


def opened(signal: Signal, number: int, setting: Setting, now: Micros) -> Incident:
    """The incident of that number of the endpoint, with its first signal."""
    empty = Incident(
        id=incident_id_of(signal.region, signal.endpoint, number),
        number=number,
        group=signal.group,
        region=signal.region,
        endpoint=signal.endpoint,
        tier=setting.tier,
        mode=setting.mode,
        team=setting.team,
        channel=setting.channel,
        paging=setting.paging,
        cause=signal.cause,
        severity=severity_of(signal, setting.tier),
        summary="",
        opened_at=now,
        last_at=signal.at,
        changed=setting.changed,
    )
    return joined(empty, signal, now)


def reopened(incident: Incident, signal: Signal, setting: Setting, now: Micros) -> Incident:
    """The incident once more: under the policy of today, with people to be called anew."""
    grown = joined(
        replace(
            incident,
            tier=setting.tier,
            mode=setting.mode,
            team=setting.team,
            channel=setting.channel,
            paging=setting.paging,
            changed=setting.changed,
        ),
        signal,
        now,
    )
    severity, cause = _worst_raised(grown, signal)
    return replace(
        _called_anew(grown, now),
        severity=severity,
        cause=cause,
        resolved=None,
        reopened=incident.reopened + 1,
        attempt=incident.attempt + 1,
        review="",
        told=True,
    )


def joined(incident: Incident, signal: Signal, now: Micros) -> Incident:
    """The incident with one more raise: it never gets less severe.

    Whoever has taken it is called anew only when it gets worse, or after a silence longer than the window. As long as
    nobody has, people are being called anyhow.
    """
    seen = source_of(incident, signal.source)
    late = seen is not None and is_late(seen, signal)
    spoken = (
        first_word(signal, incident.tier, incident.early.get(signal.source, EPOCH))
        if seen is None
        else raised_again(seen, signal, incident.tier)
    )
    early = {source: at for source, at in incident.early.items() if source != signal.source}
    grown = _with_source(replace(incident, early=early), spoken, now)
    was_quiet = bool(incident.quiet_since) and not grown.quiet_since
    silent_s = (signal.at - incident.quiet_since) / 1_000_000
    if was_quiet and not late and silent_s > incident.paging.group_s:
        grown = _not_taken_any_more(grown, now)
    return _worsened(grown, signal, now)


def silenced(incident: Incident, signal: Signal, now: Micros) -> Incident:
    """The incident with one more clear; that of an unknown source is kept for a raise that comes later."""
    seen = source_of(incident, signal.source)
    if seen is not None:
        return _with_source(incident, cleared(seen, signal), now)
    early = sorted({**incident.early, signal.source: signal.at}.items(), key=lambda item: (item[1], item[0]))
    return replace(incident, early=dict(early[-_EARLY:]))


def settled(incident: Incident, now: Micros) -> Incident:
    """The incident with what holds at a moment: a source that flapped, and was quiet for the window, is cleared."""
    standing_now = tuple(standing(seen, incident.paging.group_s, now) for seen in incident.signals)
    return _put_together(incident, standing_now)


def _with_source(incident: Incident, spoken: SignalSeen, now: Micros) -> Incident:
    others = tuple(seen for seen in incident.signals if seen.source != spoken.source)
    grown = replace(incident, signals=(*others, spoken), last_at=max(incident.last_at, spoken.last_at))
    return settled(grown, now)


def _put_together(incident: Incident, signals: tuple[SignalSeen, ...]) -> Incident:
    kept = folded(_inhibited(signals))
    raised = any(seen.raised for seen in kept)
    quiet_since = EPOCH if raised else max((seen.cleared_at for seen in kept), default=EPOCH)
    return replace(incident, signals=kept, quiet_since=quiet_since, summary=summary_of(incident, kept))


def _inhibited(signals: tuple[SignalSeen, ...]) -> tuple[SignalSeen, ...]:
    """Each source, marked if an endpoint that is down explains it; what is worse than that is not explained by it."""
    down = [weight(seen.severity, seen.cause) for seen in signals if seen.raised and seen.cause is Cause.AVAILABILITY]
    heaviest = max(down, default=None)
    return tuple(
        replace(
            seen,
            inhibited=heaviest is not None
            and seen.cause in _INHIBITED
            and weight(seen.severity, seen.cause) <= heaviest,
        )
        for seen in signals
    )


def _worsened(incident: Incident, signal: Signal, now: Micros) -> Incident:
    """The incident with the weight of a signal, unless a worse one explains it."""
    seen = source_of(incident, signal.source)
    severity = severity_of(signal, incident.tier)
    inhibited = seen is not None and seen.inhibited
    if inhibited or weight(severity, signal.cause) <= weight(incident.severity, incident.cause):
        return incident
    heavier = replace(incident, severity=severity, cause=signal.cause)
    return _not_taken_any_more(heavier, now) if severity.rank > incident.severity.rank else heavier


def _worst_raised(incident: Incident, signal: Signal) -> tuple[Severity, Cause]:
    """The weight of what is raised; that of the signal which brought the incident back counts in any case."""
    own = (severity_of(signal, incident.tier), signal.cause)
    raised = [(seen.severity, seen.cause) for seen in incident.signals if seen.raised and not seen.inhibited]
    return max([own, *raised], key=lambda each: weight(*each))


def _not_taken_any_more(incident: Incident, now: Micros) -> Incident:
    """Who came, came for something else."""
    return incident if incident.acknowledged is None else _called_anew(incident, now)


def _called_anew(incident: Incident, now: Micros) -> Incident:
    """People are called from the first level on, whoever was called before."""
    return replace(incident, status=IncidentStatus.OPEN, acknowledged=None, level=0, called_since=now)
