"""What an incident cost those who used the endpoint: requests, errors, KPI while it lasted, and before. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sluice.core.figures import figure
from sluice.core.rollout.readings import Side, queries
from sluice.core.slack_text import duration, one_line
from sluice.model.ids import Micros
from sluice.model.incident import Incident
from sluice.model.metric_query import MetricQuery, MinuteValues
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.rollout_rules import MetricSource, Series

_MINUTE: Final = 60_000_000
_SHORTEST: Final = 10 * _MINUTE
_LONGEST: Final = 7 * 24 * 60 * _MINUTE
"""Of a longer one the last week: CloudWatch keeps minutes for 15 days, and twice as much is read."""
_AWS: Final = "AWS/SageMaker"
_REQUESTS: Final = Series(_AWS, "Invocations", "Sum")
_ERRORS: Final = (
    MetricSource("5xx errors", _REQUESTS, (Series(_AWS, "Invocation5XXErrors", "Sum"),)),
    MetricSource("4xx errors", _REQUESTS, (Series(_AWS, "Invocation4XXErrors", "Sum"),)),
)
"""What every endpoint has."""
_DURING: Final = "d"


@dataclass(frozen=True, slots=True)
class Window:
    """The minutes of the incident, and as many before it to compare them with."""

    before: Micros
    start: Micros
    end: Micros


def window_of(incident: Incident) -> Window | None:
    """From the first sign to the end; None while there is none."""
    if incident.resolved is None:
        return None
    began = min((seen.first_at for seen in incident.signals), default=incident.opened_at)
    end = incident.resolved.at
    start = max(min(began, end - _SHORTEST), end - _LONGEST)
    return Window(Micros(2 * start - end), Micros(start), Micros(end))


def sources_of(policy: PolicyInForce | None) -> tuple[MetricSource, ...]:
    """Errors, and what the policy compares versions by that can be counted as it is; a name counts once."""
    if policy is None:
        return _ERRORS
    own = () if policy.rollout is None else policy.rollout.sources
    compared = (*policy.response.watch.compare, *own)
    named = {source.name: source for source in compared if source.quantile is None and source.is_own}
    return (*_ERRORS, *named.values())


def side_of(incident: Incident, policy: PolicyInForce | None) -> Side:
    """The variant that serves production."""
    rollout = None if policy is None else policy.rollout
    return Side(incident.endpoint, "AllTraffic" if rollout is None else rollout.target.variant)


def asked_of(sources: Sequence[MetricSource], side: Side) -> list[MetricQuery]:
    """What CloudWatch is asked, for either window."""
    return queries(sources, side, _DURING, {})


def impact(
    sources: Sequence[MetricSource],
    during: Mapping[str, MinuteValues],
    before: Mapping[str, MinuteValues],
    window: Window,
) -> tuple[str, ...]:
    """The figures in words, each beside that of the time before."""
    return tuple(_lines(sources, during, before, window))


def _lines(
    sources: Sequence[MetricSource],
    during: Mapping[str, MinuteValues],
    before: Mapping[str, MinuteValues],
    window: Window,
) -> Iterator[str]:
    minutes = (window.end - window.start) // _MINUTE
    yield f"Measured over {duration(minutes * 60)}, and compared with as long before."
    yield f"Requests: {_sum(during['d0r']):,.0f} (before: {_sum(before['d0r']):,.0f})."
    for number, source in enumerate(sources):
        now, then = (_counts(source, number, values) for values in (during, before))
        if source in _ERRORS:
            yield f"{source.name}: {now[1]:,.0f}, {_share(*now)} of the requests (before: {_share(*then)})."
        elif now[0] or then[0]:
            yield f"{one_line(source.name)}: {_mean(*now)} a request (before: {_mean(*then)})."


def _counts(source: MetricSource, number: int, values: Mapping[str, MinuteValues]) -> tuple[float, float]:
    events = sum(_sum(values[f"{_DURING}{number}e{part}"]) for part in range(len(source.events)))
    return _sum(values[f"{_DURING}{number}r"]), events


def _sum(values: MinuteValues) -> float:
    return sum(value for value in values if value is not None)


def _share(requests: float, events: float) -> str:
    return f"{figure(100 * events / requests, 3)} %" if requests else "no share"


def _mean(requests: float, events: float) -> str:
    return figure(events / requests, 4) if requests else "nothing measured"
