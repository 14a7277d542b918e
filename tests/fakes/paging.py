"""PagerDuty, SNS topics and webhooks in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sluice.errors import SluiceError
from sluice.model.ids import Micros
from tests.fakes.faults import Faulty


@dataclass(slots=True)
class Alert:
    """One alert of PagerDuty's, from its trigger to its end."""

    dedup_key: str
    status: str = "triggered"
    called: int = 1
    summaries: list[str] = field(default_factory=list)


class FakePager(Faulty):
    """`Pager` with PagerDuty's rules: one open alert a key, nothing for what is not open.

    `events` are those that were accepted, `alerts` what came of them. `lose` lets the next calls raise after their
    effect: PagerDuty accepted, and the answer was lost.
    """

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Mapping[str, Any]] = []
        self.secrets: list[str] = []
        self.alerts: list[Alert] = []
        self._lost: list[SluiceError] = []

    def send(self, event: Mapping[str, Any], *, secret_arn: str) -> None:
        """Take one event."""
        self.check()
        self.events.append(event)
        self.secrets.append(secret_arn)
        self._apply(event)
        if self._lost:
            raise self._lost.pop(0)

    def lose(self, *errors: SluiceError) -> None:
        """Lose the next answers."""
        self._lost.extend(errors)

    def acknowledge(self, dedup_key: str) -> None:
        """Somebody takes the open alert."""
        self._open(dedup_key).status = "acknowledged"

    @property
    def open(self) -> list[Alert]:
        """Alerts that are not resolved."""
        return [alert for alert in self.alerts if alert.status != "resolved"]

    def _apply(self, event: Mapping[str, Any]) -> None:
        known = [alert for alert in self.open if alert.dedup_key == event["dedup_key"]]
        if event["event_action"] == "trigger":
            alert = known[0] if known else Alert(event["dedup_key"])
            alert.summaries.append(event["payload"]["summary"])
            self.alerts += [] if known else [alert]
        elif known:
            known[0].status = f"{event['event_action']}d"

    def _open(self, dedup_key: str) -> Alert:
        return next(alert for alert in self.open if alert.dedup_key == dedup_key)


@dataclass(frozen=True, slots=True)
class Published:
    """One message of a topic."""

    topic_arn: str
    subject: str
    texts: Mapping[str, str]
    attributes: Mapping[str, str]


class FakeTopics(Faulty):
    """`Topics`; `published` is there to be looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.published: list[Published] = []

    def publish(self, topic_arn: str, *, subject: str, texts: Mapping[str, str], attributes: Mapping[str, str]) -> None:
        """Publish one message."""
        self.check()
        self.published.append(Published(topic_arn, subject, texts, attributes))


class FakeHooks(Faulty):
    """`Hooks`; `posted` are address, document and secret, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.posted: list[tuple[str, Mapping[str, Any], str]] = []

    def post(self, url: str, document: Mapping[str, Any], *, secret_arn: str, at: Micros) -> None:
        """Post a document."""
        del at
        self.check()
        self.posted.append((url, document, secret_arn))
