"""The question what is under way: a command of the decisions queue (model/commands.py)."""

from dataclasses import dataclass

from sluice.model.ids import Micros, SlackUserId


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """A person asked what is under way; `about` names a group or an endpoint, and is empty for everything."""

    person: SlackUserId
    team: str
    channel: str
    about: str
    asked_at: Micros
