"""An endpoint that does not serve, or serves something else than Sluice put there, says so; in order again, too."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.errors import TransientFailure
from sluice.model.endpoint import BROKEN, EndpointConfig, EndpointOwner, EndpointStatus
from sluice.model.governing import Mode
from sluice.model.signal import Cause, SignalKind
from sluice.usecases.signals.admit_endpoint_change import look_at_endpoint
from sluice.usecases.signals.taking import SignalAction
from tests.packages import GROUP
from tests.rollouts import ENDPOINT, serving_config
from tests.signals import SignalWorld, watching


def _another(name: str) -> EndpointConfig:
    return {**serving_config(), "EndpointConfigName": name}


def _said(world: SignalWorld) -> list[tuple[str, bool, Cause]]:
    return [(signal.source, signal.raised, signal.cause) for signal in world.signals]


# Whether it serves


@pytest.mark.parametrize("status", sorted(BROKEN))
def test_an_endpoint_that_does_not_serve_raises_a_signal(status: EndpointStatus) -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(status, reason="the container did not pass the ping health check")

    admission = world.changed()

    assert admission.action is SignalAction.TAKE
    (signal,) = world.signals
    assert (signal.kind, signal.cause, signal.raised) == (SignalKind.ENDPOINT, Cause.AVAILABILITY, True)
    assert (signal.source, signal.endpoint, signal.group) == (f"endpoint/{ENDPOINT}", ENDPOINT, GROUP)
    assert "ping health check" in signal.summary


def test_back_in_service_clears_it() -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(EndpointStatus.FAILED)
    world.changed()
    raised_at = world.signals[0].at
    world.signals.clear()

    world.becomes()
    world.changed()

    assert _said(world) == [(f"endpoint/{ENDPOINT}", False, Cause.AVAILABILITY)]
    assert world.signals[0].at > raised_at


@pytest.mark.parametrize("status", [s for s in EndpointStatus if s not in BROKEN | {EndpointStatus.IN_SERVICE}])
def test_an_endpoint_under_way_neither_raises_nor_clears(status: EndpointStatus) -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(EndpointStatus.FAILED)
    world.changed()
    world.signals.clear()

    world.becomes(status)

    assert world.changed().action is SignalAction.IGNORE
    assert world.signals == []


def test_several_events_of_one_change_make_one_signal() -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(EndpointStatus.FAILED)

    for _ in range(3):
        world.changed()

    assert len({signal.key for signal in world.signals}) == 1


def test_an_endpoint_that_is_gone_after_it_served_raises_a_signal_once() -> None:
    world = SignalWorld()
    world.serve()
    world.endpoints.somebody_deletes(ENDPOINT)
    world.changed()
    assert "does not exist any more" in world.signals[0].summary
    world.signals.clear()

    world.changed()

    assert world.signals == []


def test_an_endpoint_that_is_not_there_yet_says_nothing() -> None:
    world = SignalWorld()

    assert world.changed().action is SignalAction.IGNORE


def test_the_first_version_of_an_endpoint_fails_by_its_rollout_alone() -> None:
    world = SignalWorld()
    world.serve(by_us=False)
    world.hold()
    world.becomes(EndpointStatus.FAILED)

    assert world.changed().action is SignalAction.IGNORE


def test_an_endpoint_that_others_deployed_to_is_looked_after_as_well() -> None:
    world = SignalWorld()
    world.serve(by_us=False)
    world.becomes(EndpointStatus.FAILED)

    world.changed()

    assert _said(world) == [(f"endpoint/{ENDPOINT}", True, Cause.AVAILABILITY)]


def test_an_endpoint_that_fails_while_a_rollout_changes_it_raises_a_signal_too() -> None:
    world = SignalWorld()
    world.serve()
    world.hold()
    world.becomes(EndpointStatus.UPDATE_ROLLBACK_FAILED)

    world.changed()

    assert _said(world) == [(f"endpoint/{ENDPOINT}", True, Cause.AVAILABILITY)]


# Whether what serves is what Sluice put there


def test_a_silent_return_to_what_served_before_raises_a_signal() -> None:
    world = SignalWorld()
    world.serve()
    world.promoted(_another("fraud-v7"))
    world.becomes()

    world.changed()

    (signal,) = world.signals
    assert (signal.source, signal.kind, signal.cause) == (f"changed/{ENDPOINT}", SignalKind.ENDPOINT, Cause.CHANGED)
    assert "went back to" in signal.summary


def test_a_configuration_that_nobody_knows_is_somebodys_doing() -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(config="theirs")

    world.changed()

    (signal,) = world.signals
    assert (signal.kind, signal.cause, signal.config) == (SignalKind.OUTSIDE, Cause.CHANGED, "theirs")
    assert "serves theirs; Sluice put" in signal.summary


def test_what_sluice_put_there_serves_again_and_that_clears_it() -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(config="theirs")
    world.changed()
    world.signals.clear()

    world.becomes(config=serving_config()["EndpointConfigName"])
    world.changed()

    assert _said(world) == [(f"changed/{ENDPOINT}", False, Cause.CHANGED)]


def test_what_is_known_is_not_said_again_when_scaling_touches_the_endpoint() -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(config="theirs")
    world.changed()
    world.signals.clear()

    world.becomes()

    assert world.changed().action is SignalAction.IGNORE


@pytest.mark.parametrize(
    "prepare",
    [
        lambda world: world.hold(),
        lambda world: world.becomes(EndpointStatus.UPDATING),
        lambda world: world.govern(replace(watching(), mode=Mode.OBSERVE)),
    ],
    ids=["our rollout has it", "it is under way", "others deploy"],
)
def test_another_configuration_says_nothing_while(prepare: Any) -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(config="theirs")

    prepare(world)

    assert world.changed().action is SignalAction.IGNORE


def test_an_endpoint_to_which_sluice_has_deployed_nothing_is_nobodys_drift() -> None:
    world = SignalWorld()
    world.serve(by_us=False)
    world.becomes(config="theirs")

    assert world.changed().action is SignalAction.IGNORE


def test_a_split_of_the_traffic_that_sluice_did_not_leave_raises_a_signal() -> None:
    world = SignalWorld()
    two = serving_config()["ProductionVariants"][0]
    config = {
        "EndpointConfigName": "two",
        "ProductionVariants": [{**two, "VariantName": name, "InitialVariantWeight": 1.0} for name in ("a", "b")],
    }
    world.serve(config)
    world.endpoints.somebody_sets_weights(ENDPOINT, {"a": 3.0})

    world.changed()

    (signal,) = world.signals
    assert (signal.source, signal.cause) == (f"weights/{ENDPOINT}", Cause.CHANGED)
    assert "a 75% instead of 50%" in signal.summary


# Events


def test_an_endpoint_of_nobodys_is_ignored_with_a_reason() -> None:
    admission = SignalWorld().changed(name="somebody-elses")

    assert (admission.action, admission.reason) == (
        SignalAction.IGNORE,
        "no policy names somebody-elses as its target",
    )


def test_an_event_of_another_account_is_not_looked_at() -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(EndpointStatus.FAILED)

    assert world.changed(account="999999999999").action is SignalAction.IGNORE
    assert world.changed(region="eu-west-1").action is SignalAction.IGNORE


def test_a_lost_event_is_found_by_looking() -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(config="theirs")

    look_at_endpoint(EndpointOwner(ENDPOINT, GROUP), world.admitting_endpoint_signals)

    assert _said(world) == [(f"changed/{ENDPOINT}", True, Cause.CHANGED)]


def test_an_endpoint_that_cannot_be_read_is_tried_again_with_its_event() -> None:
    world = SignalWorld()
    world.serve()
    world.endpoints.fail(TransientFailure("DescribeEndpoint: Throttling"))

    with pytest.raises(TransientFailure):
        world.changed()
