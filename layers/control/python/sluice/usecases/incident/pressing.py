"""What every press on an incident's card goes through: whose it is, whether they may, and what they are told."""

from collections.abc import Sequence
from dataclasses import dataclass

from sluice.model.commit import Message
from sluice.model.governing import RoleNeed
from sluice.model.ids import SlackUserId
from sluice.model.incident import Incident
from sluice.model.incident_commands import AskIncident
from sluice.model.incident_wish import IncidentWish
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.records import PolicyRecord
from sluice.usecases.deciding import Deciding
from sluice.usecases.documents_in_force import people_in_force
from sluice.usecases.members import ELSEWHERE, members_of, not_of_these
from sluice.usecases.messages import whisper
from sluice.usecases.remembering import recall

UNKNOWN = "This incident is not known here; perhaps the card belongs to another installation. Nothing was changed."
_NOBODY = "The policy of this group names nobody who may do this. Nothing was changed."


@dataclass(frozen=True, slots=True)
class Pressing:
    """One press on an incident's card."""

    press: AskIncident
    world: Deciding

    @property
    def name(self) -> str:
        """The presser's name as people are known here, or nothing."""
        people = people_in_force(self.world.records).people
        return next((person.name for person in people if person.slack == self.press.person), "")

    @property
    def key(self) -> str:
        """What tells this press from every other."""
        return f"{self.press.person}|{self.press.kind.value}|{self.press.pressed_at}"

    def turned_away(self, incident: Incident) -> str:
        """Why the presser may not do this; empty when they may. Anyone of the workspace may come to help."""
        if self.world.team and self.press.team != self.world.team:
            return ELSEWHERE
        if self.press.kind is IncidentWish.ACKNOWLEDGE:
            return ""
        policy = recall(self.world.records, PolicyRecord, incident.group.lower())
        in_force = None if policy is None else policy.value.in_force
        if self.press.kind is IncidentWish.RESOLVE and self._is_called(incident, in_force):
            return ""
        return self._without_role(_needs(self.press.kind, incident, in_force))

    def told(self, incident: Incident | None, message: str) -> Message:
        """What is true, to the presser alone; a form does not say from which channel it was opened."""
        channel = self.press.channel or _shown_in(incident, self.press.person)
        return whisper(f"{self.press.incident_id}|{self.key}", channel, self.press.person, message)

    def _is_called(self, incident: Incident, policy: PolicyInForce | None) -> bool:
        """Whether the presser was paged, or owns the group."""
        owners: Sequence[str] = () if policy is None else policy.contacts
        return self.press.person in (*incident.paged, *owners)

    def _without_role(self, needs: Sequence[RoleNeed]) -> str:
        if not needs:
            return _NOBODY
        if any(self.press.person in need.people for need in needs):
            return ""
        members = members_of(needs, self.world.chat)
        if any(self.press.person in people for people in members.values()):
            return ""
        return not_of_these(needs, members)


def _needs(wish: IncidentWish, incident: Incident, policy: PolicyInForce | None) -> tuple[RoleNeed, ...]:
    rollout = None if policy is None else policy.rollout
    managers = () if rollout is None else rollout.managers
    return (*incident.paging.responders, *managers) if wish is IncidentWish.RESOLVE else managers


def _shown_in(incident: Incident | None, otherwise: SlackUserId) -> str:
    return otherwise if incident is None else incident.posted_in or incident.channel
