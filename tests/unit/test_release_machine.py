"""The routes of `release` as its definition has them, from the approval to the end of the rollout."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from sluice.core.causes import plain_error
from tests.fakes.clock import FakeClock
from tests.machine import Execution, definition
from tests.packages import ARN

RELEASE = {
    "release_id": "fraud-detector/7/1",
    "package_arn": ARN.text,
    "group": "fraud-detector",
    "version": 7,
    "generation": 1,
    "region": "us-east-1",
}
APPROVED = {"route": "set_status", "outcome": "approved", "status": "Approved", "description": "d", "client_token": "a"}
REJECT = {"route": "set_status", "outcome": "returned", "status": "Rejected", "description": "r", "client_token": "b"}
WEEK_S = 7 * 24 * 3600
DESCRIBE = "arn:aws:states:::aws-sdk:sagemaker:describeModelPackage"
UPDATE = "arn:aws:states:::aws-sdk:sagemaker:updateModelPackage"


class ThePackageIsGone(Exception):
    """What a task may fail with."""


@dataclass
class Played:
    """An execution whose functions answer as they would; `registry` is the status there, `sets` what was set."""

    rollout: bool = True
    begin: str = "evidence"
    registry: str = "PendingManualApproval"
    fails: str = ""
    clock: FakeClock = field(default_factory=FakeClock)
    sets: list[Any] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    concluded: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        tasks = {
            "CollectEvidenceFunctionArn": lambda _: {"digest": "sha256:1", "epoch": 0},
            "CheckGatesFunctionArn": lambda _: {"route": "set_status", "gates_ref": "gates/1", "answer": APPROVED},
            "RequestRolloutFunctionArn": self._request,
            "ConcludeReleaseFunctionArn": self._conclude,
            DESCRIBE: lambda _: {"ModelApprovalStatus": self.registry},
            UPDATE: self._update,
        }
        given = RELEASE | ({} if self.begin == "evidence" else {"begin": self.begin})
        self.run = Execution(definition("release"), given, tasks, self.clock)
        self.run.go_on()

    def _request(self, payload: Mapping[str, Any]) -> dict[str, str]:
        if self.fails:
            raise ThePackageIsGone(self.fails)
        self.asked.append(payload)
        return {}

    def _conclude(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        self.concluded.append(payload)
        outcome = payload["answer"]["outcome"]
        return {"outcome": outcome, "status": self.registry, "rollout": self.rollout and outcome == "approved"}

    def _update(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        self.sets.append(arguments)
        self.registry = arguments["ModelApprovalStatus"]
        return {"ModelPackageArn": ARN.text}

    def ends(self, answer: Mapping[str, Any]) -> None:
        """The rollout ends, and its answer is handed over."""
        assert self.run.token is not None
        assert self.run.answered(self.run.token, answer)
        self.run.go_on()


def test_a_release_without_a_rollout_ends_at_its_approval() -> None:
    played = Played(rollout=False)

    assert (played.run.status, played.run.state, played.asked) == ("SUCCEEDED", "ReleaseApproved", [])


def test_an_approved_release_waits_for_its_rollout_with_a_token() -> None:
    played = Played()

    assert (played.run.status, played.run.state) == ("RUNNING", "RequestRollout")
    assert played.asked == [{"release": RELEASE, "task_token": played.run.token}]


def test_a_promotion_is_the_end() -> None:
    played = Played()

    played.ends({"route": "conclude", "outcome": "promoted"})

    assert (played.run.status, played.run.state, len(played.sets)) == ("SUCCEEDED", "ModelPromoted", 1)
    assert [c["gates_ref"] for c in played.concluded] == ["gates/1", "gates/1"]


def test_what_was_taken_back_is_rejected_by_its_own_call() -> None:
    played = Played()

    played.ends(REJECT)

    assert (played.run.state, played.registry) == ("ReleaseEnded", "Rejected")
    assert [s["ClientToken"] for s in played.sets] == ["a", "b"]
    assert played.concluded[-1]["answer"] == REJECT


@pytest.mark.parametrize("status", ["Rejected", "PendingManualApproval"])
def test_only_what_is_still_approved_is_rejected(status: str) -> None:
    played = Played()
    played.registry = status

    played.ends(REJECT)

    assert (played.run.state, played.registry, len(played.sets)) == ("ReleaseEnded", status, 1)


def test_a_rollout_that_takes_weeks_is_asked_for_again_each_week_under_another_token() -> None:
    played = Played()
    for _ in range(3):
        played.clock.advance(WEEK_S)
        played.run.go_on()

    played.ends({"route": "conclude", "outcome": "promoted"})

    assert len({payload["task_token"] for payload in played.asked}) == 4
    assert played.run.state == "ModelPromoted"


def test_an_execution_that_follows_a_dead_one_waits_for_the_rollout_at_once() -> None:
    played = Played(begin="rollout", registry="Approved")

    played.ends(REJECT)

    assert played.run.entered[:4] == ["KeepRelease", "RouteBegin", "RequestRollout", "RouteRollout"]
    assert (played.run.state, played.registry, len(played.concluded)) == ("ReleaseEnded", "Rejected", 1)


def test_a_rollout_that_cannot_be_asked_for_is_recorded_as_a_failure() -> None:
    played = Played(fails="no approval on record")

    assert (played.run.status, played.run.state) == ("FAILED", "ReleaseFailed")
    assert plain_error(played.concluded[-1]["error"]) == "ThePackageIsGone: no approval on record"
