"""The real AWS command line works against the embedded cloud, as a newcomer would use it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from local.cloud import ROOT, Cloud
from local.team import POLICY, Team

AWS = ROOT / "tools/aws/.venv/bin/aws"


def aws(cloud: Cloud, *arguments: str | Path) -> Any:
    """Run the command line as the account's root user; its answer as JSON."""
    keys = {"AWS_ACCESS_KEY_ID": cloud.outputs["account_id"], "AWS_SECRET_ACCESS_KEY": "test"}
    where = {"AWS_ENDPOINT_URL": cloud.url, "AWS_DEFAULT_REGION": cloud.outputs["region"], "AWS_PAGER": ""}
    answer = subprocess.run(
        [AWS, *arguments, "--output", "json"],
        env={"PATH": os.environ["PATH"], "HOME": str(cloud.state)} | keys | where,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout or "{}")


def test_a_group_is_enrolled_and_a_decision_read_with_the_command_line(
    cloud: Cloud, team: Team, group: str, tmp_path: Path
) -> None:
    text = tmp_path / "policy.yaml"
    text.write_text(POLICY.replace("REPOSITORY", '"111122223333.dkr.ecr.us-east-1.amazonaws.com/fraud"'))
    aws(cloud, "sagemaker", "create-model-package-group", "--model-package-group-name", group)
    name = f"/sluice/policies/{group}"
    tier = ("--type", "String", "--tier", "Intelligent-Tiering")
    aws(cloud, "ssm", "put-parameter", "--name", name, *tier, "--value", f"file://{text}")
    team.until(lambda: team.record("policy", group), "the policy in force")

    arn = team.register(group, auc=0.5)
    team.concluded(group, "gates_failed")

    package = aws(cloud, "sagemaker", "describe-model-package", "--model-package-name", arn)
    history = aws(cloud, "ssm", "get-parameter-history", "--name", name)
    assert package["ModelApprovalStatus"] == "Rejected"
    assert "auc 0.5 is below the minimum 0.85" in package["ApprovalDescription"]
    assert history["Parameters"][-1]["Labels"] == ["live"]
