"""What an alarm is about: the endpoints, by whatever names them, and the metrics that it watches."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sluice.core.signals.alarms import CHILDREN, ENDPOINT_TAG, children_of, endpoints_named
from sluice.model.alarm_seen import AlarmMetric, AlarmSeen
from sluice.model.metric_query import AlarmState
from sluice.ports import Records
from sluice.ports.signals import SeenAlarms
from sluice.usecases.signals.concerned import Concerned, by_alarm_name, by_endpoint

_GENERATIONS = 3
"""How deep composite alarms are followed into those that they are made of."""


@dataclass(frozen=True, slots=True)
class AlarmSubject:
    """The endpoints that an alarm is about, and its metrics, those of the alarms below it among them."""

    concerned: tuple[Concerned, ...]
    metrics: tuple[AlarmMetric, ...]


def subject_of(seen: AlarmSeen, tags: Mapping[str, str], records: Records, alarms: SeenAlarms) -> AlarmSubject:
    """A policy that names the alarm says what it is about, else what it watches does, else its tags.

    `tags` are those that its event carried; only where there are none are they asked for.
    """
    below = tuple(_below(seen, alarms)) if seen.rule else ()
    metrics = tuple(metric for alarm in (seen, *below) for metric in alarm.metrics)
    found = by_alarm_name(seen.name, records) or _by_content(metrics, below, records)
    if not found and not endpoints_named(metrics):
        named = (tags or alarms.tags(seen.arn)).get(ENDPOINT_TAG, "")
        found = by_endpoint((named,), records) if named else ()
    return AlarmSubject(found, metrics)


def _by_content(metrics: Iterable[AlarmMetric], below: Iterable[AlarmSeen], records: Records) -> tuple[Concerned, ...]:
    """The endpoints in the dimensions, and those whose policy names an alarm below."""
    named = (each for alarm in below for each in by_alarm_name(alarm.name, records))
    found = (*by_endpoint(endpoints_named(metrics), records), *named)
    return tuple({each.endpoint.lower(): each for each in reversed(found)}.values())


def _below(seen: AlarmSeen, alarms: SeenAlarms) -> Iterator[AlarmSeen]:
    """The alarms that a composite one is made of: of one that rings only those that ring, if any does."""
    met, names = {seen.name}, children_of(seen.rule)
    for _ in range(_GENERATIONS):
        names = tuple(name for name in dict.fromkeys(names) if name not in met)[: CHILDREN + 1 - len(met)]
        if not names:
            return
        met.update(names)
        children = _telling(seen, tuple(alarms.seen(names).values()))
        yield from children
        names = tuple(name for child in children for name in children_of(child.rule))


def _telling(parent: AlarmSeen, children: Sequence[AlarmSeen]) -> Sequence[AlarmSeen]:
    ringing = tuple(child for child in children if child.state is AlarmState.ALARM)
    return ringing if ringing and parent.state is AlarmState.ALARM else children
