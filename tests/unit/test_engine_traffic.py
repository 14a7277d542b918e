"""The simulated traffic of the embedded cloud: deterministic, and as unruly as it is told to be."""

import math
from dataclasses import replace
from statistics import fmean, pvariance

import pytest

from local.engine.cloudwatch.statistics import statistic
from local.engine.traffic.behaviour import Behaviour
from local.engine.traffic.demand import Burst, Demand
from local.engine.traffic.figures import Figures, Fleet, figures
from local.engine.traffic.routing import Route, Routing

NOON = 1_700_049_600
CALM = Demand(daily_swing=0.0)
USUAL = Behaviour()
FLEET = Fleet("fraud", "AllTraffic", "fraud-1", share=1.0)


def hours(demand: Demand, behaviour: Behaviour = USUAL, fleet: Fleet = FLEET, count: int = 4) -> list[Figures]:
    """The minutes of some hours."""
    return [figures(demand, behaviour, fleet, NOON + 60 * n) for n in range(60 * count)]


def rate(minutes: list[Figures]) -> float:
    """Errors with a 5xx status, per request."""
    return sum(f.errors_5xx for f in minutes) / sum(f.requests for f in minutes)


def test_a_minute_is_the_same_whenever_it_is_computed() -> None:
    first = figures(CALM, Behaviour(), FLEET, NOON)
    hours(CALM)

    again = figures(CALM, Behaviour(), FLEET, NOON)

    assert first == again
    assert first.latencies() == again.latencies()


def test_another_seed_is_another_day() -> None:
    assert figures(CALM, Behaviour(), FLEET, NOON) != figures(replace(CALM, seed="b"), Behaviour(), FLEET, NOON)


def test_requests_and_errors_come_at_the_rates_that_were_set() -> None:
    minutes = hours(CALM, Behaviour(rate_5xx=0.03))

    assert fmean(f.requests for f in minutes) == pytest.approx(600, rel=0.02)
    assert rate(minutes) == pytest.approx(0.03, rel=0.1)


def test_calm_requests_are_as_independent_as_poisson_has_them() -> None:
    counts = [f.requests for f in hours(CALM)]

    assert pvariance(counts) / fmean(counts) == pytest.approx(1.0, abs=0.35)


def test_a_share_of_the_traffic_is_a_share_of_the_requests() -> None:
    minutes = hours(CALM, fleet=replace(FLEET, variant="candidate", share=0.1))

    assert fmean(f.requests for f in minutes) == pytest.approx(60, rel=0.05)


def test_the_rate_follows_the_hour_of_the_day() -> None:
    demand = Demand(requests_per_minute=100, daily_swing=0.5, peak_hour=12)

    assert demand.requests_at(NOON) == pytest.approx(150)
    assert demand.requests_at(NOON + 43200) == pytest.approx(50)


def test_a_burst_of_its_own_hits_one_variant_and_a_shared_one_hits_both_at_once() -> None:
    own = replace(CALM, bursts=(Burst(0.05, 3, errors=10.0, own=True),))
    shared = replace(CALM, bursts=(Burst(0.05, 3, errors=10.0),))
    minutes = [NOON + 60 * n for n in range(400)]

    def hit(demand: Demand, variant: str) -> list[bool]:
        return [demand.weather("fraud", variant, minute).errors > 1 for minute in minutes]

    assert hit(shared, "a") == hit(shared, "b")
    assert hit(own, "a") != hit(own, "b")
    assert any(hit(own, "a"))


def test_noise_of_its_own_spreads_the_errors_of_a_variant_beyond_chance() -> None:
    calm = [f.errors_5xx for f in hours(CALM, Behaviour(rate_5xx=0.05))]
    noisy = [f.errors_5xx for f in hours(replace(CALM, own_noise=0.5), Behaviour(rate_5xx=0.05))]

    assert pvariance(noisy) / fmean(noisy) > 2 * pvariance(calm) / fmean(calm)


def test_sticky_clients_make_a_small_variant_differ_from_the_rest_for_long() -> None:
    sticky = replace(CALM, sticky=True, clients=40)
    small = replace(FLEET, variant="candidate", share=0.1, place=(0.9, 1.0))

    counts = [f.requests for f in hours(sticky, fleet=small)]

    assert pvariance(counts) / fmean(counts) > 3


def test_latencies_are_lognormal_in_microseconds() -> None:
    found = figures(
        replace(CALM, requests_per_minute=20_000), Behaviour(latency_ms=80, latency_spread=0.5), FLEET, NOON
    )

    latencies = found.latencies()

    assert latencies.count == found.requests
    assert statistic("p50", latencies) == pytest.approx(80_000, rel=0.03)
    assert statistic("p90", latencies) == pytest.approx(80_000 * math.exp(0.5 * 1.2816), rel=0.04)


def test_values_of_answers_are_fractions_with_the_mean_that_was_set() -> None:
    found = figures(
        replace(CALM, requests_per_minute=20_000), Behaviour(kpi_mean=0.3, rate_4xx=0, rate_5xx=0), FLEET, NOON
    )

    values = found.values()

    assert statistic("Average", values) == pytest.approx(0.3, abs=0.01)
    assert (values.minimum, values.count) == (0.0, found.requests)
    assert values.maximum <= 1.0


def test_more_instances_have_less_to_do() -> None:
    few, many = (figures(CALM, Behaviour(), replace(FLEET, instances=n), NOON).cpu() for n in (1, 4))

    assert many.count == 4
    assert many.maximum < few.minimum


def test_a_behaviour_changes_at_its_minute_of_traffic() -> None:
    behaviour = Behaviour.parsed({"rate_5xx": 0.01, "changes": [{"after_minutes": 10, "rate_5xx": 0.2}]})

    assert behaviour.after(9.9).rate_5xx == 0.01
    assert behaviour.after(10).rate_5xx == 0.2


@pytest.mark.parametrize("wrong", [{"rate_6xx": 0.1}, {"rate_5xx": 1.5}, {"latency_ms": -1}])
def test_a_manifest_that_no_model_can_keep_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Behaviour.parsed(wrong)


def route(share: float, *, variant: str = "AllTraffic", model: str = "m1") -> Route:
    """A fleet of the endpoint `fraud`."""
    return Route("fraud", variant, "c1", model, f"s3://models/{model}/model.tar.gz", share)


def test_a_minute_of_the_past_keeps_the_shares_that_it_had() -> None:
    pairs = [[route(1 - share), route(share, variant="candidate", model="m2")] for share in (0.1, 0.5)]
    routing = Routing([0.0, 80.0], pairs)

    shares = {minute: {r.variant: r.share for r in routing.minute(minute)} for minute in (0, 60, 120)}

    assert shares[0] == {"AllTraffic": pytest.approx(0.9), "candidate": pytest.approx(0.1)}
    assert shares[60]["candidate"] == pytest.approx((20 * 0.1 + 40 * 0.5) / 60)
    assert shares[120]["candidate"] == pytest.approx(0.5)


def test_a_fleet_that_comes_within_a_minute_takes_its_part_of_it() -> None:
    routing = Routing([30.0], [[route(1.0)]])

    assert [r.share for r in routing.minute(0)] == [pytest.approx(0.5)]


def test_a_model_has_taken_traffic_since_its_first_share_whatever_serves_it_now() -> None:
    routing = Routing([0.0, 1000.0, 2000.0], [[route(0.0)], [route(1.0)], [route(1.0, variant="b")]])

    assert routing.began("m1") == 1000.0
    assert routing.began("m2") == math.inf


def test_an_endpoint_can_have_served_longer_than_it_exists() -> None:
    routing = Routing([86400.0], [[route(1.0)]], longer_s=3600)

    assert [r.share for r in routing.minute(86400 - 1800)] == [1.0]
    assert routing.minute(86400 - 7200) == []
    assert routing.began("m1") == 82800
