"""What can be asked of `record_decision`: the messages of the decisions queue, as JSON `{"command": NAME, ...}`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, get_args

from sluice.errors import InvalidInput
from sluice.model.alarm_event import DETAIL_TYPE, tripped_rollout
from sluice.model.codec import decode, encode
from sluice.model.governing import Choice
from sluice.model.ids import ApprovalId, IncidentId, Micros, RolloutId, SlackUserId
from sluice.model.incident import IncidentWish
from sluice.model.rollout import WishKind
from sluice.model.rollout_event import finished_rollout
from sluice.model.signal import Signal


class Timer(StrEnum):
    """What a schedule of an approval is for."""

    REMIND = "remind"
    ESCALATE = "escalate"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True)
class CastVote:
    """A person pressed a button or sent the form. `pressed_at` is the entry's time of receipt."""

    approval_id: ApprovalId
    person: SlackUserId
    team: str
    channel: str
    choice: Choice
    reason: str
    pressed_at: Micros


@dataclass(frozen=True, slots=True)
class CardDelivered:
    """Slack accepted the card: from now on the time to decide runs."""

    approval_id: ApprovalId
    delivered_at: Micros


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A schedule of an approval came due; `number` tells the reminders apart."""

    approval_id: ApprovalId
    timer: Timer
    number: int = 0


@dataclass(frozen=True, slots=True)
class EvidenceTouched:
    """The package was edited while its release waits: its evidence has to be collected again."""

    package_arn: str
    epoch: int


@dataclass(frozen=True, slots=True)
class DecidedElsewhere:
    """The registry status was changed around Sluice and stays so: nobody needs to be asked any more.

    `approval_id` is the approval that was open then; None while its release had not asked yet.
    """

    package_arn: str
    status: str
    by: str
    approval_id: ApprovalId | None = None


@dataclass(frozen=True, slots=True)
class ResumeRelease:
    """A settled approval's execution may still wait: resume it from the record."""

    approval_id: ApprovalId


@dataclass(frozen=True, slots=True)
class AskRollout:
    """A person pressed a button of a rollout, or sent its form. `pressed_at` is the entry's time of receipt."""

    rollout_id: RolloutId
    person: SlackUserId
    team: str
    channel: str
    kind: WishKind
    reason: str
    pressed_at: Micros


@dataclass(frozen=True, slots=True)
class ClearHold:
    """A person says that the endpoint which a rollout left on hold may be rolled out to again."""

    rollout_id: RolloutId
    person: SlackUserId
    team: str
    channel: str
    reason: str
    pressed_at: Micros


@dataclass(frozen=True, slots=True)
class WakeRollout:
    """Something happened that the judge should look at now: an alarm, an edit of the package."""

    rollout_id: RolloutId
    reason: str


@dataclass(frozen=True, slots=True)
class ResumeRollout:
    """A look that has decided is owed its answer: hand it over from the record."""

    rollout_id: RolloutId


@dataclass(frozen=True, slots=True)
class FinishRollout:
    """A rollout has ended (`RolloutFinished` says the same): its release waits for the outcome."""

    rollout_id: RolloutId


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """A person asked what is under way; `about` names a group or an endpoint, and is empty for everything."""

    person: SlackUserId
    team: str
    channel: str
    about: str
    asked_at: Micros


@dataclass(frozen=True, slots=True)
class RaiseSignal:
    """Something that Sluice itself found about production, such as a rollout that came to no good end.

    `passed` says that it is over already: people hear of it, and need not do anything.
    """

    signal: Signal
    passed: bool = False


@dataclass(frozen=True, slots=True)
class AskIncident:
    """A person pressed a button of an incident, or sent its form. `pressed_at` is the entry's time of receipt."""

    incident_id: IncidentId
    person: SlackUserId
    team: str
    channel: str
    kind: IncidentWish
    reason: str
    pressed_at: Micros


@dataclass(frozen=True, slots=True)
class PagerSaid:
    """Somebody acknowledged or resolved at PagerDuty; `event_id` is PagerDuty's own of that event."""

    incident_id: IncidentId
    kind: IncidentWish
    name: str
    event_id: str
    at: Micros


@dataclass(frozen=True, slots=True)
class NoteIncident:
    """A person wrote in a thread, perhaps in that of an incident; `ts` is the message, as Slack counts moments."""

    channel: str
    thread: str
    ts: str
    person: SlackUserId
    team: str
    text: str


@dataclass(frozen=True, slots=True)
class WakeIncident:
    """Something happened to an incident that its execution should see now: an acknowledgement, a rollback's end."""

    incident_id: IncidentId
    reason: str


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


def to_json(command: Command) -> dict[str, Any]:
    """The message of a command."""
    return {"command": type(command).__name__, **encode(command)}


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
