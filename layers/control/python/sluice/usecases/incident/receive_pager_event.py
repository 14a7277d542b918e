"""Somebody acted at PagerDuty: what they did goes to the decisions queue, and PagerDuty has its answer at once."""

from dataclasses import dataclass, replace

from sluice.core.pager_event import NothingToDo
from sluice.model.command_json import to_json
from sluice.model.incident_commands import PagerSaid
from sluice.ports import Clock, CommandQueue


@dataclass(frozen=True, slots=True)
class HearingPager:
    """The ports of pagerduty_webhook."""

    queue: CommandQueue
    clock: Clock


def receive_pager_event(event: PagerSaid | NothingToDo, world: HearingPager) -> str:
    """Keep what was said and tell what came of it; raises TransientFailure when it could not be kept."""
    if isinstance(event, NothingToDo):
        return event.reason
    # Their clock may be ahead of ours: nothing was said after it was heard.
    world.queue.send(to_json(replace(event, at=min(event.at, world.clock.now()))))
    return f"{event.kind.value} by a person"
