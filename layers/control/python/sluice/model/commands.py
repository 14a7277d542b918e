"""What can be asked of `record_decision`: the messages of the decisions queue, as JSON `{"command": NAME, ...}`."""

from typing import Any, get_args

from sluice.errors import InvalidInput
from sluice.model.alarm_event import DETAIL_TYPE, tripped_rollout
from sluice.model.approval_commands import (
    CardDelivered,
    CastVote,
    DecidedElsewhere,
    EvidenceTouched,
    ResumeRelease,
    TimerFired,
)
from sluice.model.codec import decode
from sluice.model.incident_commands import AskIncident, NoteIncident, PagerSaid, RaiseSignal, WakeIncident
from sluice.model.rollout_commands import AskRollout, ClearHold, FinishRollout, ResumeRollout, WakeRollout
from sluice.model.rollout_event import finished_rollout
from sluice.model.status_command import ShowStatus

type Command = (
    CastVote
    | CardDelivered
    | TimerFired
    | EvidenceTouched
    | DecidedElsewhere
    | ResumeRelease
    | AskRollout
    | ClearHold
    | WakeRollout
    | ResumeRollout
    | FinishRollout
    | ShowStatus
    | RaiseSignal
    | AskIncident
    | PagerSaid
    | NoteIncident
    | WakeIncident
)

_BY_NAME: dict[str, type[Any]] = {cls.__name__: cls for cls in get_args(Command.__value__)}


def from_json(message: Any) -> Command:
    """Read a message; raises InvalidInput for anything that is neither a command nor an event that stands for one."""
    if isinstance(message, dict) and "detail-type" in message:
        if message["detail-type"] == DETAIL_TYPE:
            return WakeRollout(tripped_rollout(message), "its trip wire went to ALARM")
        return FinishRollout(finished_rollout(message))
    name = message.get("command") if isinstance(message, dict) else None
    if not isinstance(name, str) or name not in _BY_NAME:
        raise InvalidInput(f"not a command: {str(name)[:100]!r}")
    command: Command = decode(_BY_NAME[name], message)
    return command
