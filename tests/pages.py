"""An incident that people are paged for, its rollback, and what a policy pages with."""

import json
from dataclasses import replace
from typing import Any

from sluice.core.incident.page import page_of
from sluice.core.rollback.naming import rollback_id_of
from sluice.model.commit import Commit
from sluice.model.ids import Micros, RollbackId, SlackUserId
from sluice.model.incident import Answered, Changed, Incident, IncidentStatus
from sluice.model.page import Page, PageAction, PageOrder
from sluice.model.production import Served
from sluice.model.response_rules import PagingRules, Severity, Webhook
from sluice.model.rollback import Decision, Rollback, RollbackOutcome, RollbackPhase
from sluice.model.signal import Finding
from sluice.usecases.incident.remembered import save_incident
from sluice.usecases.messages import page
from sluice.usecases.remembering import keep, recall
from tests.approvals import NOW
from tests.packages import ACCOUNT, BEN, GROUP, REGION
from tests.trouble import ENDPOINT, a_signal, an_incident
from tests.world import World

_SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:"
PAGING = PagingRules(
    runbook="https://wiki.example.com/fraud",
    pagerduty_secret=f"{_SECRET}pagerduty-fraud",
    topics={"phones": f"arn:aws:sns:{REGION}:{ACCOUNT}:phones"},
    webhooks={"ops": Webhook("https://ops.example.com/hook/s3cr3t-path", f"{_SECRET}ops-hook")},
)
TARGETS = ("U0BEN", "channel", "pagerduty", "sns:phones", "webhook:ops")
MINUTE = 60
LATER = Micros(NOW + 95 * MINUTE * 1_000_000)


def a_paged_incident(**changes: Any) -> Incident:
    """An incident on the endpoint, with numbers, a rollback, and somebody who approved what changed last."""
    findings = (Finding("error rate", "is too high", 0.052, 0.01), Finding("age", "drifted", 0.31, 0.1))
    raised = an_incident(a_signal(findings=findings, summary="5.2 % of requests fail"), paging=PAGING)
    changed = Changed(version=7, at=Micros(NOW - 3_600_000_000), approved_by=("Ben", "Chen"), canary="12,000 requests")
    ordinary: dict[str, Any] = {
        "severity": Severity.CRITICAL,
        "changed": changed,
        "rollback": rollback_id_of(raised.id, 1),
    }
    return replace(raised, **(ordinary | changes))


def a_rollback(incident: Incident, **changes: Any) -> Rollback:
    """The answer to the incident's signal: version 6 serves again."""
    ordinary: dict[str, Any] = {
        "id": RollbackId(incident.rollback or ""),
        "incident_id": incident.id,
        "group": GROUP,
        "region": REGION,
        "endpoint": ENDPOINT,
        "signal": a_signal(links={"Report": "https://reports.example.com/1", "Odd": "http://plain.example.com"}),
        "requested_at": NOW,
        "phase": RollbackPhase.DONE,
        "decision": Decision.ROLL_BACK,
        "left": Served("conf-7", "arn-7", 7, NOW),
        "target": Served("conf-6", "arn-6", 6, NOW),
        "verified": True,
        "outcome": RollbackOutcome.RECOVERED,
    }
    return Rollback(**(ordinary | changes))


def a_page(
    action: PageAction = PageAction.TRIGGER, *, incident: Incident | None = None, rollback: Rollback | None = None
) -> Page:
    """A page of an incident an hour and a half after its opening."""
    incident = incident or a_paged_incident()
    return page_of(incident, rollback, PageOrder(incident.id, "pagerduty", action, 1), LATER)


def taken_by_ben(incident: Incident, at: Micros) -> Incident:
    """Ben acknowledges it in Slack."""
    answered = Answered("slack", at, SlackUserId(BEN), "Ben")
    return replace(incident, status=IncidentStatus.ACKNOWLEDGED, acknowledged=answered)


def over(incident: Incident, at: Micros) -> Incident:
    """It ends by itself."""
    return replace(incident, status=IncidentStatus.RESOLVED, resolved=Answered("signal", at))


class PagedWorld(World):
    """A Sluice over fakes in which an incident is open, and pages are ordered."""

    def __init__(self, **changes: Any) -> None:
        super().__init__()
        self.put(a_paged_incident(**changes))

    @property
    def incident(self) -> Incident:
        """The incident."""
        known = recall(self.records, Incident, a_paged_incident().id)
        assert known is not None
        return known.value

    def put(self, incident: Incident) -> None:
        """The incident becomes this."""
        known = recall(self.records, Incident, incident.id)
        self.records.commit(Commit((save_incident(incident, known, self.clock.now()),)), at=self.clock.now())

    def answer(self, **changes: Any) -> None:
        """The rollback of the incident becomes this."""
        rollback = a_rollback(self.incident, **changes)
        known = recall(self.records, Rollback, rollback.id)
        self.records.commit(Commit((keep(known, rollback, rollback.id),)), at=self.clock.now())

    def order(self, *targets: str, action: PageAction = PageAction.TRIGGER, round: int = 1, anew: bool = False) -> None:  # noqa: A002  # the field's name
        """Pages are ordered."""
        orders = [PageOrder(self.incident.id, target, action, round, anew) for target in targets]
        self.records.commit(Commit(messages=tuple(map(page, orders))), at=self.clock.now())

    def minutes(self, count: int) -> None:
        """Minutes pass, each with its run of deliver_outbox."""
        for _ in range(count):
            self.clock.advance(MINUTE)
            self.deliver()

    def states(self) -> dict[str, str]:
        """What became of each page, by target."""
        rows = (row for row in self.records.outbox.values() if row.message.kind.value == "page")
        return {str(row.message.body["target"]): row.state for row in rows}

    def noted(self) -> list[tuple[str, str]]:
        """What the ledger says of pages: its kind and the target."""
        entries = self.records.entries(f"group/{GROUP}")
        return [(e.kind, str(json.loads(e.body)["target"])) for e in entries if e.kind.startswith("Page")]
