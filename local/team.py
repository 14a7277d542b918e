"""A team at work in the embedded cloud: writes people and policies, registers models, decides in Slack.

Used by the story that `make demo` plays and by the end-to-end tests; everything goes through AWS's and Slack's own
interfaces.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local import training
from local.cloud import CHANNEL, SERVING_ROLE, Cloud
from local.engine.settings import ACCOUNT_ID, REGION

ANNA, BEN, CHEN, DANA, OLGA = "U0ANNA", "U0BEN", "U0CHEN", "U0DANA", "U0OLGA"
IMAGE_DIGEST = "sha256:" + "4d" * 32
REPOSITORY = f"{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com/fraud"
BUCKET = "team-models"
_IMAGE = f"{REPOSITORY}@{IMAGE_DIGEST}"

PEOPLE = f"""\
people:
  - {{slack: U0ANNA, name: Anna, principals: ["arn:aws:sts::{ACCOUNT_ID}:assumed-role/data-scientist/anna"]}}
  - {{slack: U0BEN, name: Ben, principals: ["arn:aws:sts::{ACCOUNT_ID}:assumed-role/data-scientist/ben"]}}
  - {{slack: U0CHEN, name: Chen, principals: ["arn:aws:sts::{ACCOUNT_ID}:assumed-role/ml-engineer/chen"]}}
delegates: []
"""

POLICY = """\
version: 1
owner: {team: fraud, contacts: [U0OLGA]}
tier: standard
mode: enforce
gates:
  metrics:
    - {name: auc, minimum: 0.85}
    - {name: auc, against_production: {max_drop: 0.01}, required: false}
  images: {repositories: [REPOSITORY], digest: required}
approvers:
  - {role: data_science, people: [U0ANNA, U0BEN], count: 1}
  - {role: ml_engineering, user_group: S0MLENG, count: 1}
approval: {expires_after: 24h, on_expiry: reject, remind_after: [4h], escalate: {after: 20h, to: [U0OLGA]}}
"""


class Patience(Exception):
    """Something expected did not come true in time."""


class Team:
    """People and their model groups."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.registry = cloud.client("sagemaker", as_role="data-scientist", session="anna")
        self._s3 = cloud.client("s3")
        self._s3.create_bucket(Bucket=BUCKET)

    def write(self, name: str, text: str) -> None:
        """Write a parameter, as a team would with the CLI."""
        self.cloud.client("ssm").put_parameter(
            Name=name, Value=text, Type="String", Tier="Intelligent-Tiering", Overwrite=True
        )

    def introduce(self) -> None:
        """Write who is who, and wait until it is in force."""
        self.write("/sluice/people", PEOPLE)
        self.until(lambda: self.record("people", "people"), "people in force")

    def enrol(self, group: str, policy: str = POLICY, **changes: str) -> None:
        """Create a model group and put it under a policy; `changes` replace `key: value` texts of the policy."""
        self.registry.create_model_package_group(ModelPackageGroupName=group)
        self.put(group, policy, **changes)

    def put(self, group: str, policy: str = POLICY, **changes: str) -> None:
        """Put a group under a policy, and wait until it is in force."""
        text = policy.replace("REPOSITORY", f'"{REPOSITORY}"').replace(
            "PAGERDUTY", self.cloud.outputs["pagerduty_secret"]
        )
        for key, value in changes.items():
            before = next(line for line in text.splitlines() if line.startswith(f"{key}:"))
            text = text.replace(before, f"{key}: {value}")
        self.write(f"/sluice/policies/{group}", text)
        self.until(lambda: self.record("policy", group.lower()), f"policy of {group} in force")

    def register(self, group: str, *, auc: float | None = 0.91, client: Any = None, **more: Any) -> str:
        """Register a version whose evaluation says `auc` (None: it has no evaluation); returns its ARN."""
        metrics: dict[str, Any] = {}
        if auc is not None:
            key = f"{group}/{time.time_ns()}/evaluation.json"
            document = {"binary_classification_metrics": {"auc": {"value": auc, "standard_deviation": 0.01}}}
            self._s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(document).encode())
            source = {"ContentType": "application/json", "S3Uri": f"s3://{BUCKET}/{key}"}
            metrics = {"ModelMetrics": {"ModelQuality": {"Statistics": source}}}
        job = self.train(group)
        container = {"Image": _IMAGE, "ImageDigest": IMAGE_DIGEST, "ModelDataUrl": _artefact(group)}
        specification = {
            "Containers": [container],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        }
        answer = (client or self.registry).create_model_package(
            ModelPackageGroupName=group,
            InferenceSpecification=specification,
            **{"ModelApprovalStatus": "PendingManualApproval", "MetadataProperties": {"GeneratedBy": job}}
            | metrics
            | more,
        )
        return str(answer["ModelPackageArn"])

    def train(self, group: str) -> str:
        """The ARN of a training job that made a model of the group."""
        return training.trained(self.cloud.url, group, image=_IMAGE, model=_artefact(group))

    def serve(self, endpoint: str, package: str, *, instances: int = 2) -> None:
        """Put a version into production by hand, as a team does before it hands its endpoint over."""
        version = package.rpartition("/")[2]
        name = f"{endpoint}-by-hand-{version}"
        self.registry.create_model(
            ModelName=name, PrimaryContainer={"ModelPackageName": package}, ExecutionRoleArn=SERVING_ROLE
        )
        variant = {
            "VariantName": "AllTraffic",
            "ModelName": name,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": instances,
        }
        self.registry.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        self.registry.create_endpoint(EndpointName=endpoint, EndpointConfigName=name)

    def serve_again(self, endpoint: str) -> None:
        """Deploy by hand what served at first, over whatever serves now."""
        first = self.registry.describe_endpoint_config(EndpointConfigName=f"{endpoint}-by-hand-1")
        name = f"{endpoint}-by-hand-again"
        self.registry.create_endpoint_config(EndpointConfigName=name, ProductionVariants=first["ProductionVariants"])
        self.registry.update_endpoint(EndpointName=endpoint, EndpointConfigName=name)

    def endpoint(self, name: str) -> Mapping[str, Any]:
        """An endpoint as DescribeEndpoint tells it."""
        return dict(self.registry.describe_endpoint(EndpointName=name))

    def status(self, arn: str) -> str:
        """The approval status in the registry."""
        return str(self.registry.describe_model_package(ModelPackageName=arn)["ModelApprovalStatus"])

    def description(self, arn: str) -> str:
        """The approval description in the registry."""
        return str(self.registry.describe_model_package(ModelPackageName=arn).get("ApprovalDescription", ""))

    def cards(self, group: str, *, open_only: bool = True) -> list[Any]:
        """The group's cards in the channel, oldest first; by default those that still have buttons."""
        found = [m for m in self.cloud.slack.state.messages(CHANNEL) if group in json.dumps(m.blocks or [])]
        return [m for m in found if not open_only or button_ids(m.blocks or [])]

    def card(self, group: str, action: str = "decide_approve") -> Any:
        """The newest card of a group with a button, once it is there."""

        def found() -> Any:
            return next((c for c in reversed(self.cards(group)) if action in button_ids(c.blocks or [])), None)

        return self.until(found, f"a card of {group} with {action}")

    def press(self, person: str, group: str, action: str = "decide_approve") -> Any:
        """Press a button on the newest open card of a group."""
        card = self.card(group, action)
        return self.cloud.slack.workspace.click(person, action, CHANNEL, card.ts)

    def answer(self, person: str, group: str, action: str, reason: str) -> Any:
        """Press a button that asks why, and send the form with a reason."""
        self.press(person, group, action)
        self.until(lambda: self.cloud.slack.state.modal(person), "the form")
        return self.cloud.slack.workspace.submit_modal(person, {"reason": reason})

    def vote_late(self, person: str, value: str, action: str) -> None:
        """Press a button that was on a card before it changed, as a slow network would deliver it."""
        stale = {
            "type": "actions",
            "block_id": "decide",
            "elements": [
                {"type": "button", "action_id": action, "text": {"type": "plain_text", "text": "late"}, "value": value}
            ],
        }
        message = self.cloud.slack.state.post({"channel": CHANNEL, "text": "an old card", "blocks": [stale]})
        self.cloud.slack.workspace.click(person, action, CHANNEL, message.ts)

    def approval(self, group: str) -> Mapping[str, Any]:
        """The record of the group's newest approval."""
        entries = self.entries(group, "ApprovalRequested")
        package = self.record("package", entries[-1]["body"]["package_arn"].lower()) or {}
        return self.record("approval", package["approval"]) or {}

    def told(self, person: str) -> list[str]:
        """What only this person was told, oldest first."""
        return [str(e.text) for e in self.cloud.slack.state.ephemerals(person)]

    def heard(self, person: str, containing: str) -> bool:
        """Whether a direct message to a person contains a text."""
        messages = self.cloud.slack.state.messages(self.cloud.slack.state.channel(person))
        return any(containing in json.dumps(message.blocks or []) for message in messages)

    def said(self, containing: str) -> list[str]:
        """Messages of the channel that contain a text."""
        found = self.cloud.slack.state.messages(CHANNEL)
        return [str(m.text) for m in found if containing in str(m.text) or containing in json.dumps(m.blocks or [])]

    def record(self, kind: str, record_id: str) -> Mapping[str, Any] | None:
        """A record of Sluice, as it is kept."""
        table = self.cloud.outputs["ControlTableName"]
        key = {"pk": {"S": f"{kind}#{record_id}"}, "sk": {"S": "record"}}
        item = self.cloud.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
        return json.loads(item["body"]["S"]) if item else None

    def entries(self, group: str, kind: str | None = None) -> list[Mapping[str, Any]]:
        """The ledger entries of a group, in their order: kind, subject, body."""
        pages = (
            self.cloud.client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=self.cloud.outputs["LedgerTableName"],
                KeyConditionExpression="pk = :chain",
                ExpressionAttributeValues={":chain": {"S": f"group/{group.lower()}"}},
            )
        )
        items = [item for page in pages for item in page["Items"]]
        found = [
            {"kind": i["kind"]["S"], "subject": i["subject"]["S"], "body": json.loads(i["body"]["S"])} for i in items
        ]
        return [entry for entry in found if kind is None or entry["kind"] == kind]

    def concluded(self, group: str, outcome: str, count: int = 1) -> Sequence[Mapping[str, Any]]:
        """Wait until so many releases of a group ended with an outcome."""

        def ended() -> list[Mapping[str, Any]] | None:
            found = [e for e in self.entries(group, "ReleaseConcluded") if e["body"]["outcome"] == outcome]
            return found if len(found) >= count else None

        return self.until(ended, f"release of {group} to end as {outcome}")

    def history(self) -> list[str]:
        """What happened in the newest execution, for finding out why nothing more did."""
        sfn = self.cloud.client("stepfunctions")
        arn = self.cloud.outputs["ReleaseMachineArn"]
        newest = sfn.list_executions(stateMachineArn=arn)["executions"][0]["executionArn"]
        events = sfn.get_execution_history(executionArn=newest, maxResults=1000)["events"]
        return [json.dumps({k: v for k, v in event.items() if k != "timestamp"}, default=str)[:500] for event in events]

    def until[T](self, look: Callable[[], T | None], what: str, *, seconds: float = 30) -> T:
        """Look until something is there; raises Patience with what was awaited."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = look()
            if found:
                return found
            time.sleep(0.05)
        raise Patience(f"waited {seconds:g} s for {what}\n" + "\n".join(self.history()[-12:]))


def button_ids(blocks: Sequence[Mapping[str, Any]]) -> list[str]:
    """The action ids of a message's buttons."""
    actions = [block for block in blocks if block.get("type") == "actions"]
    return [element["action_id"] for block in actions for element in block["elements"]]


def _artefact(group: str) -> str:
    return f"s3://{BUCKET}/{group}/model.tar.gz"


def _entry(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": item["kind"]["S"], "subject": item["subject"]["S"], "body": json.loads(item["body"]["S"])}
