"""What every press on a rollout's card goes through: whose it is, whether they may, and what they are told."""

from dataclasses import dataclass, field

from sluice.core.quorum import Members
from sluice.model.commit import Message
from sluice.model.ids import SlackUserId
from sluice.model.people import People
from sluice.model.rollout import Rollout
from sluice.model.rollout_commands import AskRollout, ClearHold
from sluice.usecases.deciding import Deciding
from sluice.usecases.documents_in_force import people_in_force
from sluice.usecases.members import ELSEWHERE, members_of, not_of_these
from sluice.usecases.messages import whisper

UNKNOWN = "This rollout is not known here; perhaps the card belongs to another installation. Nothing was changed."
_NOBODY = "The policy of this group names nobody who may steer its rollouts. Nothing was changed."

type Press = AskRollout | ClearHold


@dataclass(slots=True)
class Pressing:
    """One press. Who is a member of what is asked once, though the records may have to be read again."""

    press: Press
    world: Deciding
    people: People
    _members: Members = field(default_factory=dict)

    @classmethod
    def of(cls, press: Press, world: Deciding) -> "Pressing":
        """A press that came just now."""
        return cls(press, world, people_in_force(world.records))

    @property
    def name(self) -> str:
        """The presser's name as people are known here, or nothing."""
        return next((p.name for p in self.people.people if p.slack == self.press.person), "")

    @property
    def key(self) -> str:
        """What tells this press from every other."""
        what = self.press.kind.value if isinstance(self.press, AskRollout) else "clear_hold"
        return f"{self.press.person}|{what}|{self.press.pressed_at}"

    def turned_away(self, rollout: Rollout) -> str:
        """Why the presser may ask nothing of this rollout; empty when they may."""
        if self.world.team and self.press.team != self.world.team:
            return ELSEWHERE
        managers = () if rollout.rules is None else rollout.rules.managers
        if not managers:
            return _NOBODY
        self._members = self._members or members_of(managers, self.world.chat)
        if any(self.press.person in people for people in self._members.values()):
            return ""
        return not_of_these(managers, self._members)

    def told(self, rollout: Rollout | None, message: str) -> Message:
        """What is true, to the presser alone; a form does not say from which channel it was opened."""
        channel = self.press.channel or _shown_in(rollout, self.press.person)
        return whisper(f"{self.press.rollout_id}|{self.key}", channel, self.press.person, message)


def _shown_in(rollout: Rollout | None, otherwise: SlackUserId) -> str:
    return otherwise if rollout is None else rollout.posted_in or rollout.channel
