"""Whatever order signals come in, and however often: the incident is the same, and never gets less severe."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sluice.model.governing import Tier
from sluice.model.incident import Incident
from sluice.model.signal import Cause, Signal, SignalKind
from tests.approvals import NOW
from tests.trouble import SECOND, a_signal, an_incident, taken

WINDOW_S = 1800
SOURCES = {
    "alarm/down": Cause.AVAILABILITY,
    "alarm/errors": Cause.ERRORS,
    "alarm/latency": Cause.LATENCY,
    "monitor/quality": Cause.MODEL_QUALITY,
    "monitor/data": Cause.DATA_QUALITY,
}
END = NOW + WINDOW_S * SECOND

tiers = st.sampled_from(list(Tier))
signals = st.builds(
    lambda source, at_s, raised, urgent, kind: a_signal(
        source,
        NOW + at_s * SECOND,
        key=f"{source}|{at_s}|{raised}",
        cause=SOURCES[source],
        raised=raised,
        urgent=urgent,
        kind=kind,
    ),
    st.sampled_from(sorted(SOURCES)),
    st.integers(0, WINDOW_S),
    st.booleans(),
    st.sampled_from([False, False, False, True]),
    st.sampled_from(list(SignalKind)),
)
histories = st.lists(signals, min_size=1, max_size=14, unique_by=lambda signal: signal.key).filter(
    lambda told: any(signal.raised for signal in told)
)


def picture(incident: Incident) -> object:
    """What people see of an incident, and what decisions read."""
    sources = frozenset(
        (seen.source, seen.cause, seen.raised, seen.inhibited, seen.severity, seen.times) for seen in incident.signals
    )
    return sources, incident.severity, incident.cause, incident.quiet_since, incident.last_at


def told_in(order: Sequence[Signal], tier: Tier) -> Incident:
    """The incident that an order makes; before the first raise there is none to be cleared."""
    first = next(n for n, signal in enumerate(order) if signal.raised)
    return an_incident(order[first], *order[:first], *order[first + 1 :], now=END, tier=tier)


@given(histories, st.randoms(use_true_random=False), tiers)
def test_signals_within_the_window_make_the_same_incident_in_whatever_order_they_come(
    told: list[Signal], random: Random, tier: Tier
) -> None:
    shuffled = list(told)
    random.shuffle(shuffled)

    one, other = told_in(told, tier), told_in(shuffled, tier)

    assert picture(one) == picture(other)


@given(histories, tiers)
def test_an_incident_that_is_open_never_gets_less_severe(told: list[Signal], tier: Tier) -> None:
    incident = told_in(told[:1] if told[0].raised else [replace(told[0], raised=True, key="first")], tier)

    for signal in told:
        before, incident = incident, taken(incident, signal, END)

        assert incident.severity.rank >= before.severity.rank


@given(histories, signals, tiers)
def test_one_more_signal_never_makes_the_incident_less_severe(told: list[Signal], more: Signal, tier: Tier) -> None:
    with_more = told_in([*told, replace(more, key="one more")], tier)

    assert with_more.severity.rank >= told_in(told, tier).severity.rank


@given(histories, tiers, st.data())
def test_a_worse_cause_never_makes_the_incident_less_severe(
    told: list[Signal], tier: Tier, data: st.DataObject
) -> None:
    raises = [n for n, signal in enumerate(told) if signal.raised]
    place = data.draw(st.sampled_from(raises))
    worse = [*told[:place], replace(told[place], cause=Cause.AVAILABILITY), *told[place + 1 :]]

    assert told_in(worse, tier).severity.rank >= told_in(told, tier).severity.rank


@given(histories, tiers, st.integers(0, 13))
def test_a_signal_that_is_told_again_changes_nothing(told: list[Signal], tier: Tier, which: int) -> None:
    incident = told_in(told, tier)

    again = taken(incident, told[which % len(told)], END)

    assert again == incident
