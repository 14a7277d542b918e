"""A day on which production goes wrong: teams whose second version serves, and what befalls each endpoint then."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.cloud import CHANNEL
from local.engine.settings import REGION
from local.team import CHEN, button_ids
from tests.e2e.rollout_day import SCALE, Part

ONE_STEP = "steps: [{percent: 50, bake: {minimum: 3m, maximum: 60m}}]"
SECTIONS = """\
rollback: {cool_down: 5m, recover_within: 15m}
paging: {runbook: "https://wiki.example.com/fraud", call: [U0OLGA], repeat: 24h}
"""


def resolved(part: "Trouble") -> bool:
    """Whether the incident is over."""
    return part.incident.get("status") == "resolved"


@dataclass
class Trouble(Part):
    """One team's part: both versions are promoted, and then something happens, until `ends` says that it is over."""

    strategy: str = ONE_STEP
    exists: bool = False
    versions: int = 2
    in_turn: bool = True
    sections: str = SECTIONS
    ends: Callable[["Trouble"], bool] = resolved

    def over(self) -> bool:
        """Whether everything that was to happen did, and the part came to its end."""
        return self.promoted() and self.acted == len(self.acts) and self.ends(self)

    def promoted(self) -> bool:
        """Whether the second version serves: the releases that asked for it know."""
        return Part.over(self)

    @property
    def incident(self) -> Mapping[str, Any]:
        """The record of the endpoint's newest incident; empty while there was none."""
        team = self.day.team
        newest = (team.record("endpoint_incidents", f"{REGION}/{self.group}") or {}).get("newest")
        return (team.record("incident", newest) if newest else None) or {}

    @property
    def answer(self) -> Mapping[str, Any]:
        """The record of the newest rollback that the incident led to; empty while there is none."""
        return self.day.team.record("rollback", self.incident.get("rollback") or "none") or {}

    def answered(self) -> bool:
        """Whether the newest rollback has its end."""
        return self.answer.get("phase") == "done"

    def behave(self, version: int, **figures: float) -> None:
        """From now on a version answers like this."""
        self.day.cloud.admin("POST", "behaviour", {"model": self.packages[version - 1], **figures})

    def respond(self, action: str, person: str = CHEN, reason: str = "") -> None:
        """Press a button on the card of the incident, and give a reason where its form asks for one."""
        slack, team = self.day.cloud.slack, self.day.team
        # A form has to open within three seconds, which are real ones to the machine that plays this.
        self.day.cloud.set_scale(1.0)
        message = team.until(lambda: self._incident_card(action), f"{action} on the incident of {self.group}")
        slack.workspace.click(person, action, message.channel, message.ts)
        if reason:
            team.until(lambda: slack.state.modal(person), "the form")
            slack.workspace.submit_modal(person, {"reason": reason})
        self.day.cloud.set_scale(SCALE)

    def _incident_card(self, action: str) -> Any:
        stamp = self.incident.get("message_ts")
        found = self.day.cloud.slack.state.messages(CHANNEL)
        return next((m for m in found if m.ts == stamp and action in button_ids(m.blocks or [])), None)

    def told(self) -> list[Mapping[str, Any]]:
        """The ledger's entries about the newest incident and the answers to it."""
        incident_id = self.incident.get("id", "none")
        entries = self.day.team.entries(self.group)
        return [e for e in entries if incident_id in e["subject"] or incident_id in json.dumps(e["body"])]


def alarm(part: Part) -> None:
    """The team's alarm on failing requests, as CloudWatch's documentation advises: a share, over two minutes."""
    queries = [_series(part, "errors", "Invocation5XXErrors"), _series(part, "requests", "Invocations")]
    share = {"Id": "share", "Expression": "errors / requests", "ReturnData": True}
    part.day.cloud.client("cloudwatch").put_metric_alarm(
        AlarmName=f"{part.group}-errors",
        Metrics=[*queries, share],
        EvaluationPeriods=2,
        DatapointsToAlarm=2,
        Threshold=0.1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )


def rings(part: Part) -> bool:
    """Whether that alarm is in ALARM."""
    found = part.day.cloud.client("cloudwatch").describe_alarms(AlarmNames=[f"{part.group}-errors"])["MetricAlarms"]
    return any(each["StateValue"] == "ALARM" for each in found)


def _series(part: Part, name: str, metric: str) -> dict[str, Any]:
    dimensions = [{"Name": "EndpointName", "Value": part.group}, {"Name": "VariantName", "Value": "AllTraffic"}]
    asked = {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": name, "ReturnData": False, "MetricStat": {"Metric": asked, "Period": 60, "Stat": "Sum"}}
