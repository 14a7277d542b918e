"""Whoever is called from outside Slack: PagerDuty, SNS topics, and webhooks of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sluice.model.ids import Micros


class Pager(Protocol):
    """PagerDuty's Events API v2."""

    def send(self, event: Mapping[str, Any], *, secret_arn: str) -> None:
        """Hand over one event, under the routing key that a secret holds; returns when it was accepted.

        Raises Throttled when PagerDuty asks to wait, TransientFailure when it cannot be reached, PermanentFailure with
        its own words when it takes no such event.
        """
        ...


class Topics(Protocol):
    """SNS topics."""

    def publish(self, topic_arn: str, *, subject: str, texts: Mapping[str, str], attributes: Mapping[str, str]) -> None:
        """Publish one message, with a text for each protocol by name; `default` is for those that have none."""
        ...


class Hooks(Protocol):
    """Webhooks of others: any https address that the policy names."""

    def post(self, url: str, document: Mapping[str, Any], *, secret_arn: str, at: Micros) -> None:
        """Post a document as JSON, signed with what the secret holds; returns when it was accepted (2xx).

        Raises PermanentFailure for an address that nothing may be sent to, before anything is sent.
        """
        ...
