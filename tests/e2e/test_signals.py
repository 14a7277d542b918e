"""Who says that production is not well, end to end: monitors, the judge, and whoever changes it by hand."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from local.cloud import Cloud
from local.team import Team
from tests.e2e.rollout_day import Day
from tests.e2e.trouble_day import Trouble, resolved

pytestmark = pytest.mark.slow

_DRIFT = {
    "constraint_check_type": "LessThanThreshold",
    "description": "Metric f2 with 0.61 +/- 0.003 was LessThanThreshold '0.8'",
    "metric_name": "f2",
}


def _monitor_finds(part: Trouble, *violations: Mapping[str, str]) -> None:
    asked = {"endpoint": part.group, "type": "ModelQuality", "reports": "s3://monitor-reports"}
    document = {"schedule": f"{part.group}-Daily", "violations": list(violations), **asked}
    part.day.cloud.client("s3").create_bucket(Bucket="monitor-reports")
    part.day.cloud.admin("POST", "monitoring-run", document)


def _own_monitor_says(part: Trouble, state: str, at: str) -> None:
    finding = {"name": "approval_rate", "what": "below its floor", "value": 0.21, "limit": 0.3}
    told: dict[str, Any] = {"monitor": f"{part.group}-kpi", "cause": "kpi", "state": state, "at": at}
    detail = {**told, "findings": [finding], "endpoint": part.group}
    entry = {"Source": "sluice.monitor", "DetailType": "ViolationFound", "Detail": json.dumps(detail)}
    answer = part.day.cloud.client("events").put_events(Entries=[entry])
    assert answer["FailedEntryCount"] == 0


def _now(part: Trouble) -> str:
    """The simulated moment, a second later than what was said before."""
    return datetime.fromtimestamp(part.day.cloud.advance(1), UTC).isoformat()


def _eve_updates(part: Trouble, version: int) -> None:
    """By hand, and back by hand: what a version was promoted with serves."""
    sagemaker = part.day.cloud.client("sagemaker", as_role="Developer", session="eve")
    sagemaker.update_endpoint(EndpointName=part.group, EndpointConfigName=part.rollout(version)["final_config"])


def _said(part: Trouble, prefix: str) -> Any:
    signals = part.incident.get("signals") or ()
    return next((s for s in signals if s["source"].startswith(prefix)), None)


def _raised(part: Trouble, prefix: str) -> bool:
    found = _said(part, prefix)
    return found is not None and bool(found["raised"])


def _serves(part: Trouble, version: int) -> bool:
    """Whether that version has the endpoint, and no update is under way."""
    seen = part.endpoint
    wanted = part.rollout(version)["final_config"]
    return bool(seen["EndpointStatus"] == "InService" and seen["EndpointConfigName"] == wanted)


PARTS = (
    Trouble(
        "drifted",
        acts=(
            (Trouble.promoted, lambda p: _monitor_finds(p, _DRIFT)),
            (Trouble.answered, _monitor_finds),
        ),
    ),
    Trouble(
        "owned",
        acts=(
            (Trouble.promoted, lambda p: _own_monitor_says(p, "raised", _now(p))),
            (Trouble.answered, lambda p: _own_monitor_says(p, "cleared", _now(p))),
        ),
    ),
    Trouble("worn", acts=((Trouble.promoted, lambda p: p.behave(2, rate_5xx=0.1)),), ends=Trouble.answered),
    Trouble(
        "meddled",
        acts=(
            (Trouble.promoted, partial(_eve_updates, version=1)),
            (lambda p: _raised(p, "changed/") and _serves(p, 1), partial(_eve_updates, version=2)),
        ),
    ),
)


@pytest.fixture(scope="module")
def day(cloud: Cloud, team: Team) -> Day:
    """The day, played once for all tests here."""
    played = Day(cloud, team, list(PARTS))
    played.play()
    return played


def _part(day: Day, name: str) -> Any:
    return day.parts[name]


def test_violations_of_a_monitor_bring_back_what_served_before_and_a_clean_run_ends_it(day: Day) -> None:
    part = _part(day, "drifted")

    said = _said(part, "monitor/")
    assert said["summary"] == f"Monitor {part.group}-Daily found 1 violation of model quality: f2"
    assert said["findings"] == [{"name": "f2", "what": _DRIFT["description"], "value": 0.61, "limit": 0.8}]
    assert _serves(part, 1)
    assert resolved(part)


def test_a_monitor_of_ones_own_is_heard_as_well(day: Day) -> None:
    part = _part(day, "owned")

    said = _said(part, "own-monitor/")
    assert (said["cause"], said["raised"]) == ("kpi", False)
    assert said["findings"][0]["value"] == 0.21
    assert _serves(part, 1)


def test_a_version_that_wears_out_after_its_promotion_is_found_by_the_judge_and_taken_back(day: Day) -> None:
    part = _part(day, "worn")

    said = _said(part, "watch/")
    assert said["summary"].startswith("Since version 2 was promoted: errors: higher than the margin allows")
    assert part.answer["outcome"] in ("returned", "recovered"), part.answer["because"]
    assert _serves(part, 1)


def test_whoever_changes_production_by_hand_is_named_and_people_decide(day: Day) -> None:
    part = _part(day, "meddled")

    assert "assumed-role/Developer/eve changed" in _said(part, "changed/")["summary"]
    assert not part.answer, "what somebody did on purpose is for people to judge"
    assert _serves(part, 2)
    assert resolved(part)


def test_sluices_own_changes_are_nobodys_meddling(day: Day) -> None:
    for name in ("drifted", "owned"):
        assert _said(_part(day, name), "changed/") is None
