"""Events about packages arrive: repeated, late, reordered, and with deaths in between."""

from typing import Any

import pytest

from sluice.core.admission import Action
from sluice.errors import InvalidInput, TransientFailure
from sluice.model.approval import Mode
from sluice.model.ids import Micros, PackageArn
from sluice.model.package import PackageStatus, RegistryStatus
from sluice.usecases.admit_model_package import admit_model_package, execution_name
from tests.approvals import NOW
from tests.packages import ACCOUNT, ARN, BEN, CHANNEL, CHEN, REGION, a_package, a_policy
from tests.world import World

PENDING, APPROVED, REJECTED = RegistryStatus.PENDING, RegistryStatus.APPROVED, RegistryStatus.REJECTED


def waiting(mode: Mode = Mode.ENFORCE) -> World:
    """A world in which people are asked about a package."""
    world = World(a_policy(mode=mode))
    world.register()
    world.work()
    return world


def decided_in_studio(world: World, status: RegistryStatus = APPROVED) -> None:
    """Somebody sets the status in Studio; the event comes."""
    world.edit(status=status, approval_description="looks fine to me")
    world.event(status_changed=True)


def test_a_registered_package_starts_one_execution_under_the_hash_of_its_arn_and_generation() -> None:
    world = World(a_policy())

    world.register()

    [name] = world.executions.started
    assert name == execution_name(ARN.text.upper().replace("ARN", "arn"), 1)
    assert (len(name), world.executions.started[name]["release_id"]) == (64, "fraud-detector/7/1")
    assert (world.package.started, world.kinds()) == (True, ["PackageAdmitted"])


def test_five_deliveries_of_an_event_are_one_release() -> None:
    world = World(a_policy())
    world.register()
    known = world.package

    actions = {world.event().action for _ in range(5)}

    assert (actions, world.package, len(world.executions.started)) == ({Action.IGNORE}, known, 1)
    assert world.kinds() == ["PackageAdmitted"]


def test_a_late_event_about_an_older_state_starts_nothing() -> None:
    """What counts is what the registry says now."""
    world = waiting()
    world.vote(BEN)
    world.vote(CHEN)
    world.work()

    world.event()
    late = world.event(status_changed=True)

    assert (late.action, world.status, len(world.executions.started)) == (Action.IGNORE, APPROVED, 1)


def test_an_event_about_a_package_that_is_gone_is_no_news() -> None:
    world = World(a_policy())

    assert world.event().action is Action.IGNORE
    assert world.records.commits[2:] == []


@pytest.mark.parametrize("arn", [ARN.text.replace(ACCOUNT, "999999999999"), ARN.text.replace(REGION, "eu-west-1")])
def test_a_package_of_another_account_or_region_is_refused(arn: str) -> None:
    world = World(a_policy())

    with pytest.raises(InvalidInput, match="a package of"):
        admit_model_package(PackageArn.parse(arn), world.admitting)


def test_a_registration_under_way_is_left_alone_until_it_is_complete() -> None:
    world = World(a_policy())

    world.register(a_package(package_status=PackageStatus.IN_PROGRESS))
    first = len(world.executions.started)
    world.edit(package_status=PackageStatus.COMPLETED)
    world.event()

    assert (first, len(world.executions.started)) == (0, 1)


def test_an_edit_has_the_evidence_read_again_and_starts_no_second_release() -> None:
    world = waiting()

    world.edit(customer_metadata={"team": "fraud"})
    admission = world.event()

    assert (admission.action, world.package.evidence_epoch, world.package.generation) == (Action.REFRESH, 1, 1)
    assert world.kinds()[-1] == "EvidenceTouched"
    assert len(world.executions.started) == 1


def test_sluices_own_change_is_recognised_and_starts_nothing() -> None:
    world = waiting()
    world.vote(BEN)
    world.vote(CHEN)
    world.work()

    admission = world.event(status_changed=True)

    assert (admission.action, world.package.generation, world.status) == (Action.OWN, 1, APPROVED)
    assert "DecisionElsewhere" not in world.kinds()


def test_a_return_to_pending_by_somebody_is_asked_about_anew() -> None:
    world = waiting()
    world.vote(BEN)
    world.vote(CHEN)
    world.work()
    world.event()

    world.edit(status=PENDING, approval_description="again, please")
    world.event(status_changed=True)
    world.work()

    assert (world.package.generation, len(world.executions.started), world.outcomes()) == (2, 2, ["approved"])
    assert (world.approval.generation, world.approval.is_open, world.approval.votes) == (2, True, ())


def test_enforce_sets_a_decision_in_studio_back_and_tells_the_channel() -> None:
    world = waiting()

    decided_in_studio(world)
    world.event()
    world.work()

    assert (world.status, world.package.generation, world.approval.is_open) == (PENDING, 1, True)
    assert world.kinds().count("DecisionElsewhere") == 1
    assert sum("set to Approved outside Sluice by d-1/zoe" in text for text in world.chat.texts(CHANNEL)) == 1


def test_after_a_set_back_the_people_still_decide() -> None:
    world = waiting()
    world.vote(BEN)
    decided_in_studio(world, REJECTED)
    world.event()
    world.work()

    world.vote(CHEN)
    world.work()
    world.event()

    assert (world.status, world.outcomes(), world.package.generation) == (APPROVED, ["approved"], 1)


def test_what_a_decision_in_studio_edited_besides_the_status_voids_the_votes() -> None:
    world = waiting()
    world.vote(BEN)
    world.edit(status=APPROVED, approval_description="fine", customer_metadata={"note": "new"})

    world.event(status_changed=True)
    world.event()
    world.work()

    assert (world.status, world.approval.votes, world.approval.voided_votes) == (PENDING, (), 1)


def test_enforce_asks_anew_about_a_package_that_was_decided_in_studio_after_its_release() -> None:
    world = waiting()
    world.vote(BEN)
    world.vote(CHEN)
    world.work()
    world.event()

    decided_in_studio(world, REJECTED)
    world.event()
    world.work()

    assert (world.status, world.package.generation, world.approval.generation) == (PENDING, 2, 2)
    assert world.approval.is_open


def test_recommend_reports_a_decision_in_studio_and_ends_the_release() -> None:
    world = waiting(Mode.RECOMMEND)
    asked = world.approval.id

    decided_in_studio(world)
    world.work()

    assert (world.status, world.outcomes()) == (APPROVED, ["decided_elsewhere"])
    assert world.approval_of(asked).status.value == "decided_elsewhere"
    assert any("outside Sluice" in text for text in world.chat.texts(CHANNEL))
    assert world.registry.sets == []


def test_observe_records_a_decision_in_studio_and_tells_nobody() -> None:
    world = waiting(Mode.OBSERVE)
    said = len(world.chat.messages)

    decided_in_studio(world)
    world.work()

    assert (world.status, world.outcomes()) == (APPROVED, ["observed"])
    assert "DecisionElsewhere" in world.kinds()
    assert [text for text in world.chat.texts(CHANNEL)[said:] if "outside Sluice" in text] == []


@pytest.mark.parametrize("mode", list(Mode))
def test_a_package_decided_before_enrolment_is_left_alone(mode: Mode) -> None:
    world = World()
    world.govern(a_policy(mode=mode), since=Micros(NOW + 10))

    world.register(a_package(status=APPROVED))
    world.reconcile()

    assert (world.status, world.registry.sets, world.kinds()) == (APPROVED, [], [])
    assert world.executions.started == {}


def test_a_decision_in_studio_before_the_people_were_asked_ends_the_release_all_the_same() -> None:
    world = World(a_policy(mode=Mode.RECOMMEND))
    world.register()

    decided_in_studio(world)
    world.work()

    assert (world.status, world.outcomes()) == (APPROVED, ["decided_elsewhere"])


def test_back_and_forth_before_anybody_noticed_leaves_one_card_that_counts() -> None:
    """Approved and set to pending again in Studio, while the commands still wait: the first card must not decide."""
    world = waiting(Mode.RECOMMEND)
    first = world.approval
    decided_in_studio(world)
    world.edit(status=PENDING)
    world.event(status_changed=True)

    late = world.vote(BEN, approval_id=first.id)
    world.work()
    world.vote(BEN)
    world.vote(CHEN)
    world.work()

    assert world.approval_of(first.id).votes == ()
    assert "newest card" in world.chat.told(late.person)[0]
    assert sorted(world.outcomes()) == ["approved", "decided_elsewhere"]
    assert len(world.registry.sets) == 1


def test_a_release_that_was_overtaken_before_it_asked_asks_nobody() -> None:
    world = World(a_policy(mode=Mode.RECOMMEND))
    world.register()
    decided_in_studio(world)
    world.edit(status=PENDING)
    world.event(status_changed=True)

    world.work()

    assert (world.outcomes(), world.approval.generation, world.approval.is_open) == (["decided_elsewhere"], 2, True)
    assert len(world.chat.texts(CHANNEL)) == 2  # one card, one report


def test_when_the_records_cannot_be_written_nothing_is_started() -> None:
    world = World(a_policy())
    world.records.transient_next()

    with pytest.raises(TransientFailure):
        world.register()

    assert world.executions.started == {}


def test_a_lost_race_is_decided_again_on_what_is_true_then() -> None:
    world = World(a_policy())
    world.records.stale_next(3)

    world.register()

    assert (len(world.executions.started), world.package.generation) == (1, 1)


def test_a_set_back_that_the_registry_could_not_take_is_made_up_by_the_next_delivery() -> None:
    world = waiting()
    world.edit(status=APPROVED, approval_description="fine")

    def throttled(_: Any) -> None:
        world.registry.fail_next = TransientFailure("UpdateModelPackage: ThrottlingException")

    world.records.before_commit = throttled
    with pytest.raises(TransientFailure):
        world.event(status_changed=True)
    world.event(status_changed=True)
    world.work()

    assert (world.status, world.package.generation) == (PENDING, 1)
    assert world.kinds().count("DecisionElsewhere") == 1
