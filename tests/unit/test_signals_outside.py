"""Who changes production around Sluice is told by CloudTrail: by name, when something has come of it."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.model.endpoint import EndpointStatus
from sluice.model.governing import Mode
from sluice.model.package import RegistryStatus
from sluice.model.signal import Cause, SignalKind
from sluice.model.trail_event import Operation
from sluice.usecases.signals.taking import SignalAction
from tests.event_samples import sample
from tests.packages import ARN, GROUP, a_package
from tests.rollouts import ENDPOINT, serving_config
from tests.signals import EVE, OUR_ROLE, SignalWorld, watching

CALL = sample("cloudtrail_sagemaker_updateendpoint.json")
SERVING = serving_config()["EndpointConfigName"]


def test_an_update_by_anybody_else_says_who_did_it() -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(config="theirs")

    admission = world.called()

    assert admission.action is SignalAction.TAKE
    (signal,) = world.signals
    assert (signal.kind, signal.cause, signal.raised) == (SignalKind.OUTSIDE, Cause.CHANGED, True)
    assert (signal.source, signal.endpoint, signal.group) == (f"changed/{ENDPOINT}", ENDPOINT, GROUP)
    assert signal.summary == f"{EVE} changed {ENDPOINT} to theirs; Sluice put {SERVING} there"


def test_an_update_counts_as_soon_as_it_is_under_way() -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(EndpointStatus.UPDATING)

    world.called()

    assert [(signal.source, signal.config) for signal in world.signals] == [(f"changed/{ENDPOINT}", "")]


def test_who_did_it_is_newer_than_what_was_found_by_looking() -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(config="theirs")
    before = world.clock.now()
    world.changed()

    world.called(at=before)

    found, told = world.signals
    assert found.source == told.source
    assert told.at > found.at


def test_an_update_to_what_sluice_put_there_is_none() -> None:
    world = SignalWorld()
    world.serve()

    assert world.called(config=SERVING).action is SignalAction.IGNORE


def test_an_update_that_is_undone_already_is_none() -> None:
    world = SignalWorld()
    world.serve()

    assert world.called(config="theirs").action is SignalAction.IGNORE


def test_an_update_in_the_midst_of_a_rollout_is_told_whatever_serves() -> None:
    world = SignalWorld()
    world.serve()
    world.hold()

    world.called(config="theirs")

    assert [signal.cause for signal in world.signals] == [Cause.CHANGED]
    assert "while a rollout" in world.signals[0].summary


@pytest.mark.parametrize("operation", list(Operation)[:3])
def test_a_call_that_was_refused_has_changed_nothing(operation: Operation) -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(config="theirs")

    assert world.called(operation, failed="AccessDenied").action is SignalAction.IGNORE


@pytest.mark.parametrize("operation", list(Operation)[:3])
def test_a_call_on_an_endpoint_that_is_only_observed_is_for_others_to_make(operation: Operation) -> None:
    world = SignalWorld(replace(watching(), mode=Mode.OBSERVE))
    world.serve()
    world.becomes(config="theirs")

    assert world.called(operation).action is SignalAction.IGNORE


def test_a_call_on_an_endpoint_of_nobodys_is_ignored() -> None:
    assert SignalWorld().called(endpoint="somebody-elses").action is SignalAction.IGNORE


def test_a_call_in_another_account_is_ignored() -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(config="theirs")

    assert world.called(account="999999999999").action is SignalAction.IGNORE


# Sluice itself


def test_what_sluice_does_and_has_on_record_is_no_news() -> None:
    world = SignalWorld()
    world.serve()

    assert world.called(role=OUR_ROLE, config=SERVING).action is SignalAction.IGNORE


def test_what_sluice_does_in_a_rollout_is_no_news() -> None:
    world = SignalWorld()
    world.serve()
    world.hold()
    world.becomes(config="candidate")

    assert world.called(role=OUR_ROLE, config="candidate").action is SignalAction.IGNORE


def test_sluices_own_role_is_believed_only_as_far_as_the_record_says_the_same() -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(config="theirs")

    world.called(role=OUR_ROLE)

    assert [(signal.source, signal.raised) for signal in world.signals] == [(f"changed/{ENDPOINT}", True)]


def test_a_role_that_only_looks_like_ours_is_not_ours() -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(config="theirs")

    world.called(role=OUR_ROLE + "2")

    assert EVE in world.signals[0].summary


# Deleting, weights


def test_a_deleted_endpoint_says_who_deleted_it_and_that_it_does_not_serve() -> None:
    world = SignalWorld()
    world.serve()
    world.endpoints.somebody_deletes(ENDPOINT)

    world.called(Operation.DELETE_ENDPOINT, config="")

    assert [(s.cause, s.raised) for s in world.signals] == [(Cause.CHANGED, True), (Cause.AVAILABILITY, True)]
    assert world.signals[0].summary == f"{EVE} deleted endpoint {ENDPOINT}"


def test_an_endpoint_that_is_there_was_not_deleted() -> None:
    world = SignalWorld()
    world.serve()

    assert world.called(Operation.DELETE_ENDPOINT, config="").action is SignalAction.IGNORE


def test_more_instances_are_the_teams_own_matter() -> None:
    world = SignalWorld()
    world.serve()
    world.becomes(EndpointStatus.UPDATING)

    assert world.called(Operation.SET_WEIGHTS, config="", moves=False).action is SignalAction.IGNORE


def test_weights_moved_in_the_midst_of_a_rollout_are_told_with_their_author() -> None:
    world = SignalWorld()
    world.serve()
    world.hold()

    world.called(Operation.SET_WEIGHTS, config="")

    assert [signal.source for signal in world.signals] == [f"weights/{ENDPOINT}"]
    assert world.signals[0].summary.startswith(EVE)


def test_the_weight_of_an_only_variant_moves_nothing() -> None:
    world = SignalWorld()
    world.serve()

    assert world.called(Operation.SET_WEIGHTS, config="").action is SignalAction.IGNORE


# The approval of what serves


def _package(world: SignalWorld, status: RegistryStatus, **call: Any) -> SignalAction:
    world.registry.put(a_package(status=status))
    ordinary: dict[str, Any] = {"endpoint": "", "config": "", "package": ARN.text.lower()}
    return world.called(Operation.UPDATE_PACKAGE, **(ordinary | call)).action


def test_an_approval_taken_from_the_version_that_serves_is_told_and_its_return_clears_it() -> None:
    world = SignalWorld()
    world.serve()

    _package(world, RegistryStatus.REJECTED)
    _package(world, RegistryStatus.APPROVED)

    raised, cleared = world.signals
    assert (raised.source, raised.raised, raised.cause) == (f"package/{ENDPOINT}", True, Cause.CHANGED)
    assert raised.summary == f"{EVE} set to Rejected the version that serves {ENDPOINT}"
    assert (cleared.source, cleared.raised) == (raised.source, False)


def test_an_approval_that_is_there_again_clears_it_though_nothing_told_of_it() -> None:
    world = SignalWorld()
    world.serve()
    _package(world, RegistryStatus.REJECTED)
    world.watch()
    assert len(world.signals) == 1

    world.registry.put(a_package(status=RegistryStatus.APPROVED))
    world.watch()

    assert [signal.raised for signal in world.signals] == [True, False]


@pytest.mark.parametrize(
    "call",
    [
        {"role": OUR_ROLE},
        {"moves": False},
        {"package": ARN.text[:-1] + "6"},
        {"package": ARN.text.replace(GROUP, "other")},
        {"failed": "ConflictException"},
    ],
    ids=["ours", "an edit", "another version", "another group", "refused"],
)
def test_other_edits_of_packages_are_no_signal(call: dict[str, Any]) -> None:
    world = SignalWorld()
    world.serve()

    assert _package(world, RegistryStatus.REJECTED, **call) is SignalAction.IGNORE
    assert world.signals == []
