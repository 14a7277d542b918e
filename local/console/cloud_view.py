"""The embedded cloud as the page shows it: releases, evidence, registry and ledger, read over the ordinary APIs."""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.console.ledger_view import ChainCheck, Line, check, gates_in, line_of
from local.console.release_path import Step, path_of
from local.console.rollout_path import Stage, stages
from local.identities import Identities
from sluice.adapters.ledger_table import DynamoLedger
from sluice.core.rollout.naming import rollout_id_of
from sluice.errors import SluiceError
from sluice.model.ledger import LedgerRecord

_FRESH_S = 0.7
_SHOWN_RELEASES = 8
_SHOWN_ROLLOUTS = 50
_SHOWN_LINES = 80
# The release machine's own names, so that the page can show what is still ahead.
AHEAD = ("CollectEvidence", "CheckGates", "RequestApproval", "SetRegistryStatus", "ConcludeRelease")


@dataclass(frozen=True)
class Release:
    """One execution of the release machine, with what is known around it."""

    release_id: str
    group: str
    version: str
    status: str
    steps: list[Step]
    registry: str
    registry_words: str
    gates: list[dict[str, Any]]
    digest: str
    evidence: str
    rollout: list[Stage] = field(default_factory=list)

    @property
    def ahead(self) -> list[str]:
        """States usually still to come, while it runs."""
        seen = {s.name for s in self.steps}
        return [name for name in AHEAD if name not in seen] if self.status == "RUNNING" else []


@dataclass(frozen=True)
class Picture:
    """Everything on the page's right-hand side at one moment; `trouble` says what could not be read."""

    releases: list[Release] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    checks: list[ChainCheck] = field(default_factory=list)
    chains: Mapping[str, list[LedgerRecord]] = field(default_factory=dict)
    trouble: str = ""


class CloudView:
    """Reads the cloud at most about once a second, however many pages look."""

    def __init__(self, outputs: Mapping[str, str]) -> None:
        self._outputs = outputs
        identities = Identities(outputs["aws_endpoint_url"], outputs["region"])
        self._steps, self._registry = identities.root("stepfunctions"), identities.root("sagemaker")
        self._s3, self._dynamodb = identities.root("s3"), identities.root("dynamodb")
        self._lock = threading.Lock()
        self._taken_s, self._picture = 0.0, Picture()
        self._finished: dict[str, list[Step]] = {}
        self._evidence: dict[str, str] = {}

    def picture(self) -> Picture:
        """The newest picture."""
        with self._lock:
            if time.monotonic() - self._taken_s > _FRESH_S:
                self._picture = self._take()
                self._taken_s = time.monotonic()
            return self._picture

    def _take(self) -> Picture:
        try:
            chains = self._chains()
            releases = self._releases(chains)
        except (ClientError, BotoCoreError, SluiceError) as error:
            return Picture(trouble=f"{type(error).__name__}: {error}")
        records = sorted((r for chain in chains.values() for r in chain), key=lambda r: (r.at, r.seq), reverse=True)
        checks = [check(name, chain) for name, chain in sorted(chains.items())]
        return Picture(releases, [line_of(r) for r in records[:_SHOWN_LINES]], checks, chains)

    def _chains(self) -> dict[str, list[LedgerRecord]]:
        if "LedgerTableName" not in self._outputs:
            return {}
        tables = {"ledger_table": self._outputs["LedgerTableName"], "control_table": self._outputs["ControlTableName"]}
        ledger = DynamoLedger(self._dynamodb, **tables)
        return {c: [r for r in ledger.read(c) if isinstance(r, LedgerRecord)] for c in ledger.chains()}

    def _releases(self, chains: Mapping[str, list[LedgerRecord]]) -> list[Release]:
        if "ReleaseMachineArn" not in self._outputs:
            return []
        arn = self._outputs["ReleaseMachineArn"]
        found = self._steps.list_executions(stateMachineArn=arn, maxResults=_SHOWN_RELEASES)["executions"]
        newest = sorted(found, key=lambda e: e["startDate"], reverse=True)
        return [self._release(execution, chains) for execution in newest]

    def _release(self, execution: Mapping[str, Any], chains: Mapping[str, list[LedgerRecord]]) -> Release:
        arn, status = execution["executionArn"], execution["status"]
        asked = json.loads(self._steps.describe_execution(executionArn=arn).get("input") or "{}")
        steps = self._path(arn, status)
        group, release_id = str(asked.get("group", "?")), str(asked.get("release_id", ""))
        registry, words = self._registry_status(str(asked.get("package_arn", "")))
        digest = next((str(s.output["digest"]) for s in reversed(steps) if s.output and s.output.get("digest")), "")
        gates = gates_in(chains.get(f"group/{group}", []), release_id)
        version = str(asked.get("version", "?"))
        known = self._read_evidence(digest)
        rollout = self._rollout(release_id) if any(s.name == "RequestRollout" for s in steps) else []
        return Release(release_id, group, version, status, steps, registry, words, gates, digest, known, rollout)

    def _rollout(self, release_id: str) -> list[Stage]:
        """The path of the newest execution that rolls a release out in this region."""
        if "RolloutMachineArn" not in self._outputs:
            return []
        arn, wanted = self._outputs["RolloutMachineArn"], rollout_id_of(release_id, self._outputs["region"])
        found = self._steps.list_executions(stateMachineArn=arn, maxResults=_SHOWN_ROLLOUTS)["executions"]
        mine = [e for e in found if e["name"].startswith(f"{wanted}-")]
        newest = max(mine, key=lambda e: e["startDate"], default=None)
        return stages(self._path(newest["executionArn"], newest["status"])) if newest else []

    def _path(self, arn: str, status: str) -> list[Step]:
        if arn in self._finished:
            return self._finished[arn]
        pages = self._steps.get_paginator("get_execution_history").paginate(executionArn=arn)
        steps = path_of(event for page in pages for event in page["events"])
        if status != "RUNNING":
            self._finished[arn] = steps
        return steps

    def _registry_status(self, package_arn: str) -> tuple[str, str]:
        if not package_arn:
            return "", ""
        try:
            package = self._registry.describe_model_package(ModelPackageName=package_arn)
        except ClientError as error:
            return "gone", str(error.response["Error"]["Message"])
        return str(package.get("ModelApprovalStatus", "")), str(package.get("ApprovalDescription", ""))

    def _read_evidence(self, digest: str) -> str:
        name = digest.removeprefix("sha256:")
        if not name or "ArchiveBucketName" not in self._outputs:
            return ""
        if digest not in self._evidence:
            key = f"evidence/{name}.json"
            try:
                body = self._s3.get_object(Bucket=self._outputs["ArchiveBucketName"], Key=key)["Body"].read()
            except ClientError:
                return ""  # written a moment later: the next picture finds it
            self._evidence[digest] = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
        return self._evidence[digest]
