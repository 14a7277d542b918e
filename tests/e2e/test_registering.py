"""What the console registers, under the policy that `make demo` enrols its group with."""

import json
from typing import Any

import pytest

from local.cloud import Cloud
from local.console.registering import Registering
from local.rollout_story import ROLLOUT_POLICY
from local.team import Team

pytestmark = pytest.mark.e2e
BEST_OF_THE_STORY = 0.94


def gates(team: Team, group: str, arn: str) -> dict[str, Any]:
    """The verdicts of the gates on a version, by gate."""
    release = f"{group}/{arn.rpartition('/')[2]}/1"

    def checked() -> list[dict[str, Any]] | None:
        found = [e["body"]["results"] for e in team.entries(group, "GatesChecked") if e["subject"] == release]
        return found[-1] if found else None

    return {gate["gate"]: gate["verdict"] for gate in team.until(checked, f"the gates of {release}")}


def test_a_good_version_is_asked_about_after_the_demo_and_a_weak_one_is_refused(
    cloud: Cloud, team: Team, group: str
) -> None:
    """It was refused: it named no training job, and the newest approved version was better."""
    team.registry.create_model_package_group(ModelPackageGroupName=group)
    team.register(group, auc=BEST_OF_THE_STORY, ModelApprovalStatus="Approved")
    team.put(group, ROLLOUT_POLICY.replace("fraud-scoring", f"{group}-scoring"))
    registering = Registering(cloud.outputs, group=group)

    good = registering.register(good=True)
    verdicts = gates(team, group, good)
    card = team.card(group)
    weak = registering.register(good=False)

    assert verdicts == {
        "metrics.auc.minimum": "passed",
        "metrics.auc.production": "passed",
        "lineage.training_job": "passed",
        "images": "passed",
    }
    assert f"{BEST_OF_THE_STORY}" in json.dumps(card.blocks)
    assert gates(team, group, weak)["metrics.auc.minimum"] == "failed"
    team.until(lambda: team.status(weak) == "Rejected", "the weak one's rejection")
    assert team.status(good) == "PendingManualApproval"
