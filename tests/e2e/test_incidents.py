"""Production goes wrong, end to end: the real template, machines, functions and roles, on endpoints with traffic."""

import json
from functools import partial
from typing import Any

import pytest

from local.cloud import CHANNEL, Cloud
from local.team import CHEN, OLGA, Team
from tests.e2e.rollout_day import SCALE, Day
from tests.e2e.trouble_day import Trouble, alarm, resolved, rings

_ILL = {"rate_5xx": 0.3}


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
    part.mode = "recommend"
    part.day.govern(part)
    part.day.team.until(lambda: _mode_in_force(part) == "recommend", "recommend in force")


def _mode_in_force(part: Trouble) -> Any:
    record = part.day.team.record("policy", part.group) or {}
    return record.get("in_force", {}).get("mode")


def _asked(part: Trouble) -> bool:
    return part.answer.get("outcome") == "asked"


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
}


@pytest.fixture(scope="module")
def night(cloud: Cloud, team: Team) -> Day:
    """The day, played once for all tests here."""
    day = Day(cloud, team, list(PARTS["a bad night"]))
    day.play()
    return day


def _part(day: Day, name: str) -> Any:
    return day.parts[name]


def _serves(part: Trouble, version: int) -> bool:
    """Whether that version has the endpoint, and its configuration is the one that was promoted first."""
    return bool(part.endpoint["EndpointConfigName"] == part.rollout(version)["final_config"])


def test_an_alarm_after_promotion_brings_back_what_served_before(night: Day) -> None:
    part = _part(night, "alarmed")

    assert part.answer["outcome"] == "recovered", part.answer["because"]
    assert part.answer["verified"]
    assert _serves(part, 1)
    assert part.endpoint["EndpointStatus"] == "InService"
    assert night.team.status(part.packages[1]) == "Rejected"
    assert f"alarm/{part.group}-errors" in night.team.description(part.packages[1])


def test_the_intent_is_on_record_within_a_minute_of_the_signal(night: Day) -> None:
    part = _part(night, "alarmed")

    assert 0 < part.answer["intended_at"] - part.answer["signal"]["at"] <= 60_000_000


def test_the_person_named_in_the_policy_is_called_once_and_told_of_the_end(night: Day) -> None:
    part = _part(night, "alarmed")

    paged = [entry for entry in part.told() if entry["kind"] == "PeoplePaged"]
    assert len([entry for entry in paged if OLGA in json.dumps(entry["body"])]) >= 1
    messages = night.cloud.slack.state.messages(night.cloud.slack.state.channel(OLGA))
    calls = [m for m in messages if part.group in json.dumps(m.blocks or [])]
    assert calls, "Olga was not called"


def test_an_incident_that_clears_resolves_itself_and_leaves_a_review(night: Day) -> None:
    part = _part(night, "alarmed")

    assert part.incident["status"] == "resolved"
    assert part.incident["resolved"]["via"] == "signal"
    review = night.team.until(lambda: part.incident.get("review"), "the review")
    bucket = night.cloud.outputs["ArchiveBucketName"]
    draft = night.cloud.client("s3").get_object(Bucket=bucket, Key=review)["Body"].read().decode()
    assert part.group in draft
    assert "IncidentOpened" in {entry["kind"] for entry in part.told()}


def test_in_recommend_people_are_asked_and_their_press_brings_it_back(night: Day) -> None:
    part = _part(night, "asked")

    assert part.answer["demand"]["person"] == CHEN
    assert part.answer["outcome"] in ("recovered", "returned"), part.answer["because"]
    assert _serves(part, 1)
    assert part.incident["acknowledged"]["person"] == OLGA
    assert resolved(part)


def test_the_card_in_the_channel_tells_the_end(night: Day) -> None:
    part = _part(night, "alarmed")

    def shown() -> bool:
        found = night.cloud.slack.state.messages(CHANNEL)
        card = next((m for m in found if m.ts == part.incident["message_ts"]), None)
        return card is not None and "esolved" in json.dumps(card.blocks)

    assert night.team.until(partial(shown), "the card of the end")
