"""`SeenAlarms` over CloudWatch."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any

from sluice.adapters.alarm_answers import alarm_of
from sluice.adapters.aws_errors import found
from sluice.adapters.paging import pages
from sluice.model.alarm_seen import AlarmSeen

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient

_NAMES = 100
"""Most alarms of one DescribeAlarms."""

_KINDS = {"MetricAlarm": "MetricAlarms", "CompositeAlarm": "CompositeAlarms", "LogAlarm": "LogAlarms"}
"""AlarmTypes of DescribeAlarms, and under which key it answers each."""


class CloudWatchSeenAlarms:
    """Reads alarms; without AlarmTypes CloudWatch tells of metric alarms only."""

    def __init__(self, client: "CloudWatchClient") -> None:
        self._client = client

    def seen(self, names: Sequence[str]) -> Mapping[str, AlarmSeen]:
        """Each of these alarms that exists, by its name."""
        groups = batched(names, _NAMES, strict=False)
        return {alarm.name: alarm for some in groups for alarm in self._described({"AlarmNames": list(some)})}

    def ringing(self) -> Iterator[AlarmSeen]:
        """Every alarm of the region that is in ALARM."""
        yield from self._described({"StateValue": "ALARM", "MaxRecords": _NAMES})

    def tags(self, arn: str) -> Mapping[str, str]:
        """The tags of an alarm; none for one that is gone."""
        answer = found("ListTagsForResource", lambda: self._client.list_tags_for_resource(ResourceARN=arn))
        return {} if answer is None else {tag["Key"]: tag["Value"] for tag in answer.get("Tags", ())}

    def _described(self, asked: Mapping[str, Any]) -> Iterator[AlarmSeen]:
        request: dict[str, Any] = {**asked, "AlarmTypes": list(_KINDS)}
        for page in pages("DescribeAlarms", lambda token: self._client.describe_alarms(**request, **token)):
            for listed in _KINDS.values():
                yield from map(alarm_of, page.get(listed, ()))
