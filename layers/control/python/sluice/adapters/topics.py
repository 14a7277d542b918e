"""`Topics` over SNS."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sluice.adapters.aws_errors import translated


class SnsTopics:
    """Publishes; the client is made when something is first published: a call of PagerDuty's does not wait for it."""

    def __init__(self, client: Callable[[], Any]) -> None:
        self._made = client

    def publish(self, topic_arn: str, *, subject: str, texts: Mapping[str, str], attributes: Mapping[str, str]) -> None:
        """Publish one message; subscriptions can filter by the attributes."""
        client = self._made()
        with translated("Publish"):
            client.publish(
                TopicArn=topic_arn,
                Subject=subject,
                Message=json.dumps(dict(texts), ensure_ascii=False),
                MessageStructure="json",
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes.items() if value
                },
            )
