"""The second part of the story: approved versions go to production, a good one for good, a bad one and back."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from local.cloud import SERVING_ROLE, Cloud
from local.engine.settings import REGION
from local.story_teller import Teller
from local.team import BEN, CHEN, POLICY, Team
from sluice.adapters.ledger_table import DynamoLedger
from sluice.core.rollout.naming import rollout_id_of
from sluice.model.entry_kinds import EntryKind
from sluice.model.ledger import LedgerRecord

ENDPOINT: Final = "fraud-scoring"
_STEPS: Final = (10, 50)
"""Percent of the traffic, step by step."""
ROLLOUT_POLICY: Final = (
    POLICY
    + f"""\
rollout:
  target: {{endpoint: {ENDPOINT}, execution_role: "{SERVING_ROLE}", instance_type: ml.m5.large, instances: 2}}
  steps: [{", ".join(f"{{percent: {share}, bake: {{minimum: 5m, maximum: 1h}}}}" for share in _STEPS)}]
  judge:
    metrics:
      - {{errors: {{of: [5xx]}}, margin: 0.1}}
      - {{latency: {{quantile: 0.9}}, margin: 0.1}}
  managers: [{{role: ml_engineering, user_group: S0MLENG}}]
paging:
  runbook: https://wiki.example.com/fraud
  call: [pagerduty]
  pagerduty: {{secret: PAGERDUTY}}
"""
)
_TRAFFIC: Final = {"endpoint": ENDPOINT, "requests_per_minute": 6000, "daily_swing": 0.2}
_FUNCTIONS: Final = (
    "RequestRollout",
    "AdmitRollout",
    "BeginRollout",
    "ChangeEndpoint",
    "JudgeCanary",
    "ConcludeRollout",
)
_PATIENCE_S: Final = 600
_FASTEST, _SLOWEST = 60.0, 8.0
_AT_ONE: Final = 40.0
"""Simulated seconds in a real one where a vote takes a second to be counted: a step of the machine gives up after 90
simulated seconds, and takes about as long as a vote."""
_VERDICTS: Final = {
    "continue": "undecided",
    "advance": "good enough",
    "promote": "good enough",
    "roll_back": "worse",
    "extend": "too little data",
}


@dataclass
class Production:
    """What goes on in production, told as the ledger grows."""

    cloud: Cloud
    team: Team
    teller: Teller
    group: str
    told: int = 0
    vote_s: float = 1.0
    minutes: int = 0
    """Simulated minutes that the last rollout took, from the lock to the end."""
    _locked_at: int = 0
    _ledger: DynamoLedger = field(init=False)

    def __post_init__(self) -> None:
        tables = {
            n: self.cloud.outputs[o]
            for n, o in (("ledger_table", "LedgerTableName"), ("control_table", "ControlTableName"))
        }
        self._ledger = DynamoLedger(self.cloud.client("dynamodb"), **tables)

    def prepare(self) -> None:
        """Requests for the endpoint, and warm functions, so that no cold start outruns the fast clock."""
        self.cloud.admin("POST", "traffic", _TRAFFIC)
        self.warm(_FUNCTIONS)

    def warm(self, parts: Sequence[str]) -> None:
        """Begin the functions whose names hold one of these, so that none has to while the clock runs fast."""
        names = [f["FunctionName"] for f in self.cloud.client("lambda").list_functions(MaxItems=100)["Functions"]]
        self.cloud.admin("POST", "warm", {"functions": [n for n in names if any(part in n for part in parts)]})

    def behave(self, package: str, **figures: float) -> None:
        """How the model of a package answers: what its artefact's manifest would say."""
        self.cloud.admin("POST", "behaviour", {"model": package, **figures})

    def approve(self, package: str) -> None:
        """Ben and Chen approve, at the pace of people; how long a vote takes shows how busy this machine is."""
        votes = len(self.team.entries(self.group, "VoteCast"))
        self.team.card(self.group)
        begun = time.monotonic()
        self.team.press(BEN, self.group)
        self._until(lambda: len(self.team.entries(self.group, "VoteCast")) > votes, "Ben's vote")
        self.vote_s = time.monotonic() - begun
        self.team.press(CHEN, self.group)
        self._until(lambda: self.team.status(package) == "Approved", "the approval")

    def roll_out(self, package: str, *, until: Callable[[Mapping[str, Any]], bool] | None = None) -> Mapping[str, Any]:
        """Let the clock run fast while a rollout is told, until its end or until something is true of its record."""
        version = package.rpartition("/")[2]
        rollout_id = rollout_id_of(f"{self.group}/{version}/1", REGION)
        self.cloud.set_scale(self.pace)
        try:
            self._until(lambda: self._followed(rollout_id, version, until), f"the rollout of version {version}")
        finally:
            self.cloud.set_scale(1.0)
        return self.team.record("rollout", rollout_id) or {}

    @property
    def pace(self) -> float:
        """Simulated seconds in a real one that this machine keeps up with."""
        return min(_FASTEST, max(_SLOWEST, _AT_ONE / max(0.1, self.vote_s)))

    def _followed(
        self, rollout_id: str, version: str, until: Callable[[Mapping[str, Any]], bool] | None
    ) -> Mapping[str, Any] | None:
        for record in self.news():
            body = json.loads(record.body)
            if body.get("rollout_id") == rollout_id:
                self._time(record)
                for line in lines_of(record, body, version):
                    self.teller.say(f"  {line}")
        found = self.team.record("rollout", rollout_id) or {}
        return found if found.get("told") or (until is not None and until(found)) else None

    def _time(self, record: LedgerRecord) -> None:
        if record.kind == EntryKind.ENDPOINT_LOCKED:
            self._locked_at = record.at
        elif record.kind == EntryKind.ROLLOUT_FINISHED:
            self.minutes = max(1, round((record.at - self._locked_at) / 60_000_000))

    def news(self) -> list[LedgerRecord]:
        """What the ledger says of the group since it was asked last."""
        chain = [r for r in self._ledger.read(f"group/{self.group}") if isinstance(r, LedgerRecord)]
        news, self.told = chain[self.told :], len(chain)
        return news

    def _until[T](self, look: Callable[[], T | None], what: str) -> T:
        return self.team.until(look, what, seconds=_PATIENCE_S)


def lines_of(record: LedgerRecord, body: Mapping[str, Any], version: str) -> list[str]:
    """What an entry means to a person, in plain lines; none for what goes without saying."""
    match record.kind:
        case EntryKind.CHANGE_DONE:
            return [_changed(body, version)]
        case EntryKind.CANARY_JUDGED:
            return _judged(body)
        case EntryKind.ROLLOUT_FINISHED:
            because = f": {body['because']}" if body.get("because") else ""
            return [f"Version {version} is {str(body['outcome']).upper()}{because}."]
        case _:
            return []


def _changed(body: Mapping[str, Any], version: str) -> str:
    match body.get("change"):
        case "create_endpoint":
            return f"The endpoint {ENDPOINT} is made and serves version {version}."
        case "deploy_candidate":
            return f"Version {version} stands beside what serves, without traffic yet."
        case "shift_traffic":
            return f"{_STEPS[int(body.get('step', 0))]} % of the traffic goes to version {version}."
        case "promote":
            return f"All traffic goes to version {version}; the old one is gone."
        case "withdraw_candidate":
            return f"Version {version} has no traffic any more."
        case "restore":
            return "What served before serves alone again."
        case other:
            return f"{other}: done."


def _judged(body: Mapping[str, Any]) -> list[str]:
    look = body.get("judgement") or {}
    found = "; ".join(_metric(metric) for metric in look.get("metrics", ()))
    lines = [f"  judge, minute {look.get('minutes', 0)} of the step: {found}"]
    if body.get("route"):
        lines.append(f"  decided: {body.get('reason')}")
    return lines


def _metric(metric: Mapping[str, Any]) -> str:
    told = str(metric["name"])
    requests, events = metric.get("candidate_requests", 0), metric.get("candidate_events", 0)
    before, failed = metric.get("baseline_requests", 0), metric.get("baseline_events", 0)
    if requests and before:
        told += f" {100 * events / requests:.2g} % against {100 * failed / before:.2g} %"
    verdict = _VERDICTS.get(metric["verdict"], metric["verdict"])
    return f"{told}: {verdict}, evidence {metric['evidence']:.3g} of {metric['threshold']:.3g}"
