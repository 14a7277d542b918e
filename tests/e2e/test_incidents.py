"""Production goes wrong, end to end: the real template, machines, functions and roles, on endpoints with traffic."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from local.cloud import CHANNEL, Cloud
from local.team import CHEN, OLGA, Team
from tests.e2e.rollout_day import SCALE, Day
from tests.e2e.trouble_day import SECTIONS, Trouble, alarm, resolved, rings

pytestmark = pytest.mark.slow

_ILL, _WELL = {"rate_5xx": 0.3}, {"rate_5xx": 0.01}
_LONG_STEP = "steps: [{percent: 50, bake: {minimum: 20m, maximum: 60m}}]"


def _falls_ill(part: Trouble) -> None:
    part.behave(2, **_ILL)


def _falls_ill_at_night(part: Trouble) -> None:
    """As above; from the alarm on the clock goes at its own pace, so that what is quick here is quick on AWS."""
    cloud, team = part.day.cloud, part.day.team
    part.behave(2, **_ILL)
    team.until(partial(rings, part), f"the alarm of {part.group}")
    cloud.set_scale(1.0)
    team.until(lambda: part.answer.get("intended_at"), f"what is done about {part.group}", seconds=60)
    cloud.set_scale(SCALE)


def _only_recommends(part: Trouble) -> None:
    part.day.govern(part, mode="recommend")
    part.day.team.until(lambda: _mode_in_force(part) == "recommend", "recommend in force")


def _mode_in_force(part: Trouble) -> Any:
    record = part.day.team.record("policy", part.group) or {}
    return record.get("in_force", {}).get("mode")


def _only_observes(part: Trouble) -> None:
    part.day.govern(part, mode="observe")
    part.day.team.until(lambda: _mode_in_force(part) == "observe", "observe in force")


def _ended_as(outcome: str) -> Callable[[Trouble], bool]:
    return lambda part: part.answer.get("outcome") == outcome and part.answered()


_asked = _ended_as("asked")


def _is_well(part: Trouble) -> None:
    for version in range(1, len(part.packages) + 1):
        part.behave(version, **_WELL)


def _both_fall_ill(part: Trouble) -> None:
    """What is upstream: whichever version serves, its requests fail."""
    for version in range(1, len(part.packages) + 1):
        part.behave(version, **_ILL)


def _falls_ill_and_returns_silently(part: Trouble) -> None:
    """SageMaker takes the next update back without a word."""
    part.day.cloud.plan_fault({"endpoint": {"outcome": "returned", "endpoint": part.group}})
    _falls_ill(part)


def _dies(part: Trouble) -> None:
    """Somebody stops the execution that brings the version before back."""
    machine = part.day.cloud.outputs["RollbackMachineArn"].replace(":stateMachine:", ":execution:")
    part.day.cloud.client("stepfunctions").stop_execution(executionArn=f"{machine}:{part.answer['id']}-1")


def _is_returning(part: Trouble) -> bool:
    return part.answer.get("phase") == "returning"


def _third_in_step(part: Trouble) -> bool:
    return part.rollout(3).get("phase") == "step"


PARTS = {
    "a bad night": [
        Trouble("alarmed", before=alarm, acts=((Trouble.promoted, _falls_ill_at_night),)),
        Trouble(
            "asked",
            before=alarm,
            acts=(
                (Trouble.promoted, _only_recommends),
                (Trouble.promoted, _falls_ill),
                (_asked, lambda p: p.respond("incident_acknowledge", person=OLGA)),
                (_asked, lambda p: p.respond("incident_roll_back", reason="customers call us")),
            ),
        ),
    ],
    "worse nights": [
        Trouble(
            "observed",
            before=alarm,
            acts=(
                (Trouble.promoted, _only_observes),
                (Trouble.promoted, _falls_ill),
                (_ended_as("recorded"), _is_well),
            ),
        ),
        Trouble(
            "upstream",
            before=alarm,
            sections=SECTIONS.replace("recover_within: 15m", "recover_within: 5m"),
            acts=(
                (Trouble.promoted, _both_fall_ill),
                (_ended_as("not_recovered"), _is_well),
            ),
        ),
        Trouble(
            "unmoved",
            before=alarm,
            acts=(
                (Trouble.promoted, _falls_ill_and_returns_silently),
                (_ended_as("held"), _is_well),
                (
                    _ended_as("held"),
                    lambda p: p.respond("incident_clear_hold", reason="deployed by hand, it serves well"),
                ),
            ),
        ),
        Trouble("dead", before=alarm, acts=((Trouble.promoted, _falls_ill), (_is_returning, _dies))),
        Trouble(
            "racing",
            before=alarm,
            versions=3,
            strategy=_LONG_STEP,
            acts=((_third_in_step, _falls_ill),),
            behaviour={"rate_5xx": 0.01},
        ),
    ],
}


class Nights:
    """The parts by name; what a part belongs to is played when it is first looked at."""

    def __init__(self, cloud: Cloud, team: Team) -> None:
        self.cloud, self.team = cloud, team
        self.played: dict[str, Day] = {}

    def part(self, name: str) -> Any:
        """A part, at its end."""
        night = next(key for key, parts in PARTS.items() if name in {part.name for part in parts})
        if night not in self.played:
            self.played[night] = Day(self.cloud, self.team, list(PARTS[night]))
            self.played[night].play()
        return self.played[night].parts[name]


@pytest.fixture(scope="module")
def nights(cloud: Cloud, team: Team) -> Nights:
    """The nights, played as far as they are looked at."""
    return Nights(cloud, team)


def _serves(part: Trouble, version: int) -> bool:
    """Whether that version has the endpoint, and its configuration is the one that was promoted first."""
    return bool(part.endpoint["EndpointConfigName"] == part.rollout(version)["final_config"])


def test_an_alarm_after_promotion_brings_back_what_served_before(nights: Nights) -> None:
    part = nights.part("alarmed")

    assert part.answer["outcome"] == "recovered", part.answer["because"]
    assert part.answer["verified"]
    assert _serves(part, 1)
    assert part.endpoint["EndpointStatus"] == "InService"
    assert nights.team.status(part.packages[1]) == "Rejected"
    assert f"alarm/{part.group}-errors" in nights.team.description(part.packages[1])


def test_the_intent_is_on_record_within_a_minute_of_the_signal(nights: Nights) -> None:
    part = nights.part("alarmed")

    assert 0 < part.answer["intended_at"] - part.answer["signal"]["at"] <= 60_000_000


def test_the_person_named_in_the_policy_is_called_once_and_told_of_the_end(nights: Nights) -> None:
    part = nights.part("alarmed")

    paged = [entry for entry in part.told() if entry["kind"] == "PeoplePaged"]
    assert len([entry for entry in paged if OLGA in json.dumps(entry["body"])]) >= 1
    messages = nights.cloud.slack.state.messages(nights.cloud.slack.state.channel(OLGA))
    calls = [m for m in messages if part.group in json.dumps(m.blocks or [])]
    assert calls, "Olga was not called"


def test_an_incident_that_clears_resolves_itself_and_leaves_a_review(nights: Nights) -> None:
    part = nights.part("alarmed")

    assert part.incident["status"] == "resolved"
    assert part.incident["resolved"]["via"] == "signal"
    review = nights.team.until(lambda: part.incident.get("review"), "the review")
    bucket = nights.cloud.outputs["ArchiveBucketName"]
    draft = nights.cloud.client("s3").get_object(Bucket=bucket, Key=review)["Body"].read().decode()
    assert part.group in draft
    assert "IncidentOpened" in {entry["kind"] for entry in part.told()}


def test_in_recommend_people_are_asked_and_their_press_brings_it_back(nights: Nights) -> None:
    part = nights.part("asked")

    assert part.answer["demand"]["person"] == CHEN
    assert part.answer["outcome"] in ("recovered", "returned"), part.answer["because"]
    assert _serves(part, 1)
    assert part.incident["acknowledged"]["person"] == OLGA
    assert resolved(part)


def test_the_card_in_the_channel_tells_the_end(nights: Nights) -> None:
    part = nights.part("alarmed")

    def shown() -> bool:
        found = nights.cloud.slack.state.messages(CHANNEL)
        card = next((m for m in found if m.ts == part.incident["message_ts"]), None)
        return card is not None and "esolved" in json.dumps(card.blocks)

    assert nights.team.until(partial(shown), "the card of the end")


def test_in_observe_what_would_have_been_done_is_on_record_and_nothing_is_touched(nights: Nights) -> None:
    part = nights.part("observed")

    assert "It would be taken back" in part.answer["because"]
    assert _serves(part, 2)
    assert nights.team.status(part.packages[1]) == "Approved"
    assert not [entry for entry in part.told() if entry["kind"] == "PeoplePaged"]


def test_what_going_back_does_not_help_gets_worse_and_goes_to_and_fro_no_further(nights: Nights) -> None:
    part = nights.part("upstream")

    assert _serves(part, 1)
    assert part.incident["severity"] == "critical"
    assert len([entry for entry in part.told() if entry["kind"] == "RollbackDone"]) == 1


def test_a_return_that_sagemaker_takes_back_holds_the_endpoint_until_a_person_clears_it(nights: Nights) -> None:
    part = nights.part("unmoved")

    assert _serves(part, 2)
    assert not (nights.team.record("endpoint", f"us-east-1/{part.group}") or {})["hold"]
    kinds = [entry["kind"] for entry in part.told()]
    assert "RollbackFailed" in kinds
    assert "HoldCleared" in kinds


def test_an_execution_that_dies_is_followed_by_another_that_brings_it_back(nights: Nights) -> None:
    part = nights.part("dead")

    assert part.answer["attempt"] > 1
    assert part.answer["outcome"] == "recovered", part.answer["because"]
    assert _serves(part, 1)


def test_a_rollout_under_way_hears_of_it_and_the_endpoint_has_one_holder(nights: Nights) -> None:
    part = nights.part("racing")

    assert part.answer["outcome"] in ("handed_over", "recovered", "returned", "not_needed"), part.answer["because"]
    assert part.rollout(3)["outcome"]
    assert part.endpoint["EndpointStatus"] == "InService"
    assert not (nights.team.record("endpoint", f"us-east-1/{part.group}") or {}).get("holder")
