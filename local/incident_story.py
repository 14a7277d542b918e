"""The third part of the story: what was promoted drifts, goes back by itself, and somebody is called once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from local.cloud import CHANNEL
from local.engine.settings import REGION
from local.rollout_story import ENDPOINT, Production
from local.story_teller import Teller
from local.team import BUCKET, OLGA, Team, button_ids
from sluice.core.ledger_words import told
from sluice.model.entry_kinds import EntryKind

MONITOR: Final = "fraud-model-quality"
_REPORTS: Final = f"s3://{BUCKET}/monitoring"
_DAY_S: Final = 24 * 3600.0
_VIOLATION: Final = {
    "constraint_check_type": "LessThanThreshold",
    "description": "Metric f2 with 0.7 +/- 0.003 was LessThanThreshold '0.8'",
    "metric_name": "f2",
}
"""As Model Monitor's model quality container writes it."""
_FUNCTIONS: Final = (
    "AdmitMonitoring",
    "DecideRollback",
    "TakeBack",
    "ConfirmRecovery",
    "ConcludeRollback",
    "AttendIncident",
    "DraftReview",
)
_TOLD: Final = frozenset(
    {
        EntryKind.INCIDENT_OPENED,
        EntryKind.PEOPLE_PAGED,
        EntryKind.ROLLBACK_DECIDED,
        EntryKind.ROLLBACK_DONE,
        EntryKind.ROLLBACK_FINISHED,
        EntryKind.REGISTRY_STATUS_SET,
        EntryKind.INCIDENT_ACKNOWLEDGED,
        EntryKind.SIGNAL_CLEARED,
        EntryKind.INCIDENT_RESOLVED,
        EntryKind.REVIEW_DRAFTED,
    }
)
_PATIENCE_S: Final = 300


@dataclass
class Trouble:
    """An incident of the endpoint, told as the ledger grows."""

    team: Team
    production: Production
    teller: Teller

    def play(self) -> None:
        """A day later the monitor finds the model worse; it goes back, Olga takes the page, it is over."""
        cloud = self.team.cloud
        self.production.warm(_FUNCTIONS)
        cloud.advance(_DAY_S)
        self.teller.say("A day later fraudsters have changed their ways, and Model Monitor compares with the labels.")
        self._monitor([_VIOLATION])
        self._follow(lambda: self._answer().get("verified"), "the way back")
        self.teller.say(f"  It serves {self._serving()} again, and PagerDuty was called {self._calls()}.")
        self.teller.during("Olga is on call and presses Acknowledge.", lambda: self._press("incident_acknowledge"))
        self._follow(lambda: self._incident().get("acknowledged"), "the acknowledgement")
        self.teller.say("The monitor's next run finds nothing.")
        self._monitor([])
        self._follow(lambda: self._incident().get("review"), "the end, and its review")
        self._review()

    def _monitor(self, violations: list[Mapping[str, str]]) -> None:
        run = {"schedule": MONITOR, "endpoint": ENDPOINT, "type": "ModelQuality", "reports": _REPORTS}
        self.team.cloud.admin("POST", "monitoring-run", run | {"violations": violations})

    def _follow(self, there: Callable[[], object], what: str) -> None:
        """Let the clock run fast while the ledger is told, until something is true."""
        self.team.cloud.set_scale(self.production.pace)
        try:
            self.team.until(lambda: self._seen(there), what, seconds=_PATIENCE_S)
        finally:
            self.team.cloud.set_scale(1.0)

    def _seen(self, there: Callable[[], object]) -> object:
        """Whether it is there; what the ledger says by then is told first."""
        found = there()
        for record in self.production.news():
            if record.kind in _TOLD:
                self.teller.say(f"  {told(record)}")
        return found

    def _press(self, action: str) -> None:
        card = self.team.until(lambda: self._card(action), f"{action} on the card of the incident")
        self.team.cloud.slack.workspace.click(OLGA, action, CHANNEL, card.ts)

    def _card(self, action: str) -> Any:
        stamp = self._incident().get("message_ts")
        found = self.team.cloud.slack.state.messages(CHANNEL)
        return next((m for m in found if m.ts == stamp and action in button_ids(m.blocks or [])), None)

    def _incident(self) -> Mapping[str, Any]:
        newest = (self.team.record("endpoint_incidents", f"{REGION}/{ENDPOINT}") or {}).get("newest")
        return (self.team.record("incident", newest) if newest else None) or {}

    def _answer(self) -> Mapping[str, Any]:
        return self.team.record("rollback", self._incident().get("rollback") or "none") or {}

    def _serving(self) -> str:
        return f"version {self._answer()['target']['version']}"

    def _calls(self) -> str:
        triggers = [e for e in self.team.cloud.pager.pager.received if e["event_action"] == "trigger"]
        return "once" if len(triggers) == 1 else f"{len(triggers)} times"

    def _review(self) -> None:
        bucket = self.team.cloud.outputs["ArchiveBucketName"]
        found = self.team.cloud.client("s3").get_object(Bucket=bucket, Key=self._incident()["review"])
        draft = found["Body"].read().decode()
        self.teller.say("The draft of the review begins:")
        for text in [t for t in draft.splitlines() if t.strip()][:8]:
            self.teller.say(f"    {text}")
