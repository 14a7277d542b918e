"""A day of many teams: every rollout of the end-to-end tests at once, each on an endpoint of its own.

They run side by side on a fast clock, since what they wait for is time; each test then looks at how its own went.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from local.cloud import CHANNEL, SERVING_ROLE, Cloud
from local.engine.settings import REGION
from local.team import BEN, CHEN, POLICY, Team, button_ids
from sluice.core.rollout.naming import rollout_id_of

SCALE = 30.0
"""Simulated seconds in a real one while rollouts run: a look of the judge has to keep up with the clock."""
_PATIENCE_S = 240
_STEPS = "[{percent: 10, bake: {minimum: 3m, maximum: 60m}}, {percent: 50, bake: {minimum: 3m, maximum: 60m}}]"
_ROLLOUT = """\
rollout:
  target: {{endpoint: {endpoint}, execution_role: {role}, {target}}}
  {more}
  judge: {{metrics: [{{errors: {{of: [5xx]}}, margin: 0.1, critical: true}}]}}
"""


@dataclass
class Part:
    """One team's part of the day. `acts` happen once, each when its condition is met; `rate` is of the new version."""

    name: str
    strategy: str = f"steps: {_STEPS}"
    target: str = "instance_type: ml.m5.large, instances: 2"
    mode: str = "enforce"
    tier: str = "standard"
    behaviour: Mapping[str, float] = field(default_factory=dict)
    acts: tuple[tuple[Callable[[Any], bool], Callable[[Any], object]], ...] = ()
    before: Callable[["Part"], None] | None = None
    exists: bool = True
    versions: int = 1
    in_turn: bool = False
    """Whether each version is registered when the one before has ended, instead of all at once."""
    sections: str = ""
    """More of the policy, at its end."""
    day: "Day" = None  # type: ignore[assignment]  # set when the day begins
    packages: list[str] = field(default_factory=list)
    acted: int = 0

    @property
    def group(self) -> str:
        """The group, which names the endpoint too."""
        return f"{self.name}-{self.day.tag}"

    @property
    def version(self) -> int:
        """The version that is rolled out first."""
        return 2 if self.exists else 1

    def rollout(self, version: int | None = None) -> Mapping[str, Any]:
        """The record of a version's rollout; empty before it is asked for."""
        if self.mode == "observe":  # what others deploy has no release that asked for it
            watched = self.day.team.entries(self.group, "DeploymentObserved")
            return (self.day.team.record("rollout", watched[0]["body"]["rollout_id"]) if watched else None) or {}
        release = f"{self.group}/{version or self.version}/1"
        return self.day.team.record("rollout", rollout_id_of(release, REGION)) or {}

    def in_step(self) -> bool:
        """Whether the candidate serves."""
        return self.rollout().get("phase") == "step"

    def over(self) -> bool:
        """Whether all of its rollouts are."""
        if self.mode == "observe":
            return bool(self.rollout().get("told"))
        return all(self.rollout(self.version + n).get("told") for n in range(self.versions))

    @property
    def endpoint(self) -> Mapping[str, Any]:
        """The endpoint as DescribeEndpoint tells it."""
        return self.day.team.endpoint(self.group)

    def kinds(self) -> list[str]:
        """Kinds of the group's ledger entries."""
        return [entry["kind"] for entry in self.day.team.entries(self.group)]

    def press(self, action: str, person: str = CHEN, reason: str = "") -> None:
        """Press a button on the card of the rollout, and give a reason where its form asks for one."""
        slack = self.day.cloud.slack
        # A form has to open within three seconds, which are real ones to the machine that plays this.
        self.day.cloud.set_scale(1.0)
        message = self.day.team.until(lambda: self._card_with(action), f"{action} on the card of {self.group}")
        slack.workspace.click(person, action, message.channel, message.ts)
        if reason:
            self.day.team.until(lambda: slack.state.modal(person), "the form")
            slack.workspace.submit_modal(person, {"reason": reason})
        self.day.cloud.set_scale(SCALE)

    def _card_with(self, action: str) -> Any:
        """The card of the rollout, once it has that button: it is drawn anew some moments after the rollout moved on."""
        stamp = self.rollout().get("message_ts")
        return next(
            (c for c in self.day.team.cards(self.group) if c.ts == stamp and action in button_ids(c.blocks)), None
        )


class Day:
    """The parts of the day, played once."""

    def __init__(self, cloud: Cloud, team: Team, parts: list[Part]) -> None:
        self.cloud, self.team = cloud, team
        self.tag = format(time.time_ns() % 16**5, "05x")
        self.parts = {part.name: part for part in parts}
        for part in parts:
            part.day = self

    def play(self) -> None:
        """Enrol everybody, approve everything, and let the rollouts run to their ends."""
        self._existing()
        for part in self.parts.values():
            self._enrol(part)
        for part in self.parts.values():
            self._register(part)
        self.cloud.set_scale(SCALE)
        try:
            self._run()
        finally:
            self.cloud.set_scale(1.0)

    def _existing(self) -> None:
        """Version 1 serves already, put there by hand."""
        serving = [part for part in self.parts.values() if part.exists]
        self.cloud.admin("POST", "quota", {"name": "ml.m5.large for endpoint usage", "value": 1000})
        for part in self.parts.values():
            self.team.registry.create_model_package_group(ModelPackageGroupName=part.group)
            self.cloud.admin(
                "POST", "traffic", {"endpoint": part.group, "requests_per_minute": 3000, "served_hours_longer": 6}
            )
        for part in serving:
            arn = self.team.register(part.group, ModelApprovalStatus="Approved")
            self.cloud.admin("POST", "behaviour", {"model": arn, "rate_5xx": 0.01})
            self.team.serve(part.group, arn)
        self.cloud.advance(600)
        for part in serving:
            self.team.until(partial(_in_service, part), f"{part.group} in service")

    def _enrol(self, part: Part) -> None:
        self.govern(part)
        if part.before is not None:
            part.before(part)

    def govern(self, part: Part, *, mode: str = "") -> None:
        """Put the part's policy in force, in another mode if one is named."""
        more = part.strategy.replace("TEAM", part.group)
        rollout = _ROLLOUT.format(endpoint=part.group, role=SERVING_ROLE, target=part.target, more=more)
        self.team.put(part.group, POLICY + rollout + part.sections, mode=mode or part.mode, tier=part.tier)

    def _register(self, part: Part) -> None:
        for _ in range(1 if part.in_turn else part.versions):
            self._register_next(part)

    def _register_next(self, part: Part) -> None:
        arn = self.team.register(part.group)
        part.packages.append(arn)
        self.cloud.admin("POST", "behaviour", {"model": arn, "rate_5xx": 0.01, **part.behaviour})
        self._approve(part.group, arn)
        self.team.until(partial(self._approved, arn), f"{arn} approved")

    def _approved(self, arn: str) -> bool:
        return self.team.status(arn) == "Approved"

    def _approve(self, group: str, arn: str) -> None:
        """Ben and Chen press Approve on the card of this version, and on no other of the group."""

        def card() -> Any:
            approval = (self.team.record("package", arn.lower()) or {}).get("approval") or "none"
            return next((c for c in self.team.cards(group) if approval in json.dumps(c.blocks or [])), None)

        found = self.team.until(card, f"the card of {arn}")
        for person in (BEN, CHEN):
            self.cloud.slack.workspace.click(person, "decide_approve", CHANNEL, found.ts)

    def _run(self) -> None:
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end:
            for part in self.parts.values():
                self._act(part)
            if all(part.over() for part in self.parts.values()):
                return
            time.sleep(0.2)
        late = {n: json.dumps(p.rollout())[:600] for n, p in self.parts.items() if not p.over()}
        raise TimeoutError(f"not over: {late}")

    def _act(self, part: Part) -> None:
        ended = len(part.packages)
        if part.in_turn and ended < part.versions and part.rollout(part.version + ended - 1).get("told"):
            self._register_next(part)
        if part.acted < len(part.acts):
            when, act = part.acts[part.acted]
            if when(part):
                part.acted += 1
                act(part)


def messages_of(part: Part) -> str:
    """Everything that the channel was told about a group, as text."""
    found = part.day.cloud.slack.state.messages(CHANNEL)
    return "\n".join(
        json.dumps(m.blocks or [], ensure_ascii=False) for m in found if part.group in json.dumps(m.blocks or [])
    )


def _in_service(part: Part) -> bool:
    return bool(part.endpoint["EndpointStatus"] == "InService")
