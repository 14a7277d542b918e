"""Pages in the whole cloud: each target is reached under the function's own role, and an hour's outage loses nothing."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from local import clock
from local.cloud import CHANNEL, Cloud
from local.engine.settings import REGION
from local.pager.events import Alert
from local.pager.people import RESPONDERS
from local.team import CHEN, Team
from sluice.adapters.records import DynamoRecords
from sluice.core.incident.naming import incident_id_of
from sluice.model.codec import decode
from sluice.model.commit import Commit
from sluice.model.ids import GroupName, Micros
from sluice.model.incident import Incident, IncidentStatus
from sluice.model.page import PageAction, PageOrder
from sluice.model.response_rules import PagingRules, Webhook
from sluice.usecases.messages import page
from sluice.usecases.remembering import keep
from tests.pages import a_paged_incident

pytestmark = pytest.mark.e2e

MINUTE = 60
HOUR = 60 * MINUTE


class Paged:
    """An incident of an endpoint of its own, that nothing but these tests attends to, and its pages."""

    def __init__(self, cloud: Cloud, team: Team, group: str) -> None:
        self.cloud, self._team = cloud, team
        names = (cloud.outputs[f"{table}TableName"] for table in ("Control", "Ledger", "Outbox"))
        self._records = DynamoRecords(cloud.client("dynamodb"), *names)
        told = cloud.outputs
        paging = PagingRules(
            pagerduty_secret=told["pagerduty_secret"],
            topics={"phones": told["paging_topic"]},
            webhooks={"ops": Webhook(told["hook_url"], told["hook_secret"])},
        )
        now = Micros(int(clock.now() * 1_000_000))
        self.id, self.endpoint = incident_id_of(REGION, group, 1), group
        known = {"region": REGION, "endpoint": group, "group": GroupName(group), "channel": CHANNEL, "paging": paging}
        opened = {"opened_at": now, "last_at": now, "rollback": None, "summary": f"{group}: requests fail."}
        known |= {"paged": ("pagerduty",), "pages": 1}
        incident = replace(a_paged_incident(id=self.id), **(known | opened))  # type: ignore[arg-type]  # as named
        self._records.commit(Commit((keep(None, incident, incident.id),)), at=now)

    def order(self, *targets: str, action: PageAction = PageAction.TRIGGER) -> None:
        """Pages are ordered."""
        orders = [PageOrder(self.id, target, action, 1) for target in targets]
        at = Micros(int(clock.now() * 1_000_000))
        self._records.commit(Commit(messages=tuple(page(order) for order in orders)), at=at)

    @property
    def incident(self) -> Incident:
        """The incident's record."""
        return decode(Incident, self._team.record("incident", self.id))

    @property
    def alerts(self) -> list[Alert]:
        """Its alerts at PagerDuty."""
        return [a for a in self.cloud.pager.pager.alerts if a.dedup_key == f"sluice/{self.id}"]

    def posts(self) -> list[Any]:
        """What its webhook got."""
        return [post for post in self.cloud.hooks.posts if post.document["incident_id"] == self.id]

    def published(self) -> list[dict[str, Any]]:
        """What its topic got."""
        messages: list[dict[str, Any]] = self.cloud.admin("GET", "published")["messages"]
        return [m for m in messages if m["attributes"]["endpoint"] == self.endpoint]

    def told(self, channel: str) -> list[str]:
        """What is to be read of it in a channel."""
        return [f"{m.text} {m.blocks}" for m in self.cloud.slack.workspace.messages(channel) if self.endpoint in m.text]

    def noted(self) -> list[str]:
        """The targets of which the ledger says that they took their page."""
        entries = self._team.entries(self.endpoint)
        return sorted(e["body"]["target"] for e in entries if e["kind"] == "PageDelivered")


def minute_by_minute(cloud: Cloud, look: Callable[[], Any], minutes: int = 5) -> None:
    """Let minutes pass, each with a run of deliver_outbox, until there is something."""
    for _ in range(minutes):
        cloud.advance(MINUTE)
        with suppress(TimeoutError):
            cloud.until(look, limit_s=10)
            return
    raise TimeoutError(f"nothing came of it within {minutes} minutes")


@pytest.fixture
def paged(cloud: Cloud, team: Team) -> Paged:
    """An incident that people are paged for; PagerDuty has a good day."""
    cloud.pager.pager.faults.clear()
    return Paged(cloud, team, f"paged-{uuid4().hex[:8]}")


def test_every_target_is_reached_by_its_own_way(cloud: Cloud, paged: Paged) -> None:
    targets = (CHEN, "channel", "pagerduty", "sns:phones", "webhook:ops")

    paged.order(*targets)

    cloud.until(lambda: len(paged.noted()) == len(targets))
    assert [(a.status, a.routing_key) for a in paged.alerts] == [("triggered", cloud.pager.routing_key)]
    assert [post.genuine for post in paged.posts()] == [True]
    assert [m["subject"] for m in paged.published()] == [f"[Sluice] CRITICAL: {paged.endpoint}"]
    assert [len(paged.told(channel)) for channel in (CHEN, CHANNEL)] == [1, 1]


def test_an_outage_of_an_hour_loses_nothing(cloud: Cloud, paged: Paged) -> None:
    cloud.pager.pager.faults.go_down(HOUR)
    paged.order("pagerduty", "sns:phones")
    cloud.until(paged.published)

    minute_by_minute(cloud, lambda: paged.told(CHANNEL))
    for _ in range(HOUR // (5 * MINUTE)):
        cloud.advance(5 * MINUTE)
    minute_by_minute(cloud, lambda: paged.noted() == ["pagerduty", "sns:phones"])

    assert [(a.status, len(a.events)) for a in paged.alerts] == [("triggered", 1)]
    [shown] = paged.told(CHANNEL)
    assert "It is tried further." in shown


def test_a_lost_answer_makes_no_second_alert_and_who_takes_it_at_pagerduty_has_it(cloud: Cloud, paged: Paged) -> None:
    cloud.pager.pager.faults.lose(1)
    paged.order("pagerduty")
    cloud.until(lambda: paged.alerts)
    minute_by_minute(cloud, paged.noted)

    cloud.pager.pager.respond(paged.alerts[0].id, "acknowledge", RESPONDERS[1])

    cloud.until(lambda: paged.incident.status is IncidentStatus.ACKNOWLEDGED)
    taken = paged.incident.acknowledged
    assert (taken.via, taken.name) == ("pagerduty", RESPONDERS[1].name) if taken else False
    assert [len(alert.events) for alert in paged.alerts] == [2]


def test_who_takes_it_in_slack_has_it_at_pagerduty_too(cloud: Cloud, paged: Paged) -> None:
    paged.order("pagerduty", CHEN)
    cloud.until(lambda: paged.noted() == sorted((CHEN, "pagerduty")))
    [message] = [m for m in cloud.slack.workspace.messages(CHEN) if paged.endpoint in m.text]

    cloud.slack.workspace.click(CHEN, "incident_acknowledge", message.channel, message.ts)

    cloud.until(lambda: paged.incident.status is IncidentStatus.ACKNOWLEDGED)
    cloud.until(lambda: [alert.status for alert in paged.alerts] == ["acknowledged"])
