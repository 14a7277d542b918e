"""`/sluice status` tells open incidents first, with who has them and where their messages are."""

from sluice.core.rollback.naming import rollback_id_of
from sluice.model.commit import Commit
from sluice.model.endpoint import EndpointRecord
from sluice.model.incident_wish import IncidentWish
from sluice.model.rollback import RollbackOutcome
from sluice.model.status_command import ShowStatus
from sluice.usecases.rollout.remembered import save_endpoint
from tests.incidents import ANNA, IncidentWorld
from tests.packages import BEN, CHANNEL, GROUP, REGION, TEAM
from tests.trouble import ENDPOINT


def asks(world: IncidentWorld, about: str = "") -> str:
    """What Ben is told when he asks."""
    world.command(ShowStatus(BEN, TEAM, CHANNEL, about, world.clock.now()))
    world.work()
    return world.chat.told(BEN)[-1]


def test_an_open_incident_is_told_with_its_message_and_who_has_it() -> None:
    world = IncidentWorld()
    world.say(summary="5 % of <all> requests fail")
    world.work()

    nobody = asks(world)
    world.press(IncidentWish.ACKNOWLEDGE, ANNA)
    anna = asks(world, GROUP)

    assert nobody.startswith("*Open incidents*\n🔴")
    assert f"`{ENDPOINT}` ({REGION})" in nobody
    assert "nobody has it yet" in nobody
    assert "&lt;all&gt;" in nobody
    assert "<https://sluice.slack.com/archives/C0MODELS/p" in nobody
    assert "Anna has it" in anna


def test_an_incident_that_is_over_is_not_told() -> None:
    world = IncidentWorld()
    world.say()
    world.end_rollback(RollbackOutcome.RECOVERED)
    world.clear()
    world.pass_minutes(10)

    assert asks(world) == "Nothing is under way."


def test_a_hold_that_a_rollback_left_leads_to_the_incident_that_can_clear_it() -> None:
    world = IncidentWorld()
    world.say()
    world.work()
    holder = rollback_id_of(world.incident.id, 1)
    endpoint = EndpointRecord(REGION, ENDPOINT, world.incident.group, hold=f"{holder}: no version is left")
    world.records.commit(Commit((save_endpoint(endpoint, None, world.clock.now()),)), at=world.clock.now())

    told = asks(world)

    (line,) = [line for line in told.splitlines() if "no version is left" in line]
    assert "|message>" in line
