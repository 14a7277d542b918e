"""All that is told of a model group is told in one chain, however its name is spelled."""

from dataclasses import replace

from sluice.model.ids import PackageArn
from sluice.model.parameter import address_of
from sluice.usecases.admit_model_package import admit_model_package
from tests.packages import ARN, CHAIN, a_package, a_policy
from tests.world import World

SHOUTED = PackageArn.parse(ARN.text.replace("fraud-detector", "Fraud-Detector"))


def test_a_policys_history_is_in_the_chain_of_its_releases() -> None:
    address = address_of("/sluice/policies/Fraud-Detector")

    assert address is not None
    assert address.chain == CHAIN


def test_people_and_schedules_are_in_the_chain_of_the_platform() -> None:
    addresses = [address_of("/sluice/people"), address_of("/sluice/schedules/ml-oncall")]

    assert [a and a.chain for a in addresses] == ["platform", "platform"]


def test_a_package_named_in_capitals_is_admitted_into_the_chain_of_its_group() -> None:
    world = World(a_policy(), package=replace(a_package(), arn=SHOUTED))

    admit_model_package(SHOUTED, world.admitting)
    world.run_executions()

    assert set(world.records.ledger) == {CHAIN}
    assert world.kinds()[0] == "PackageAdmitted"
