"""Who is on call at the local PagerDuty: those of the local Slack who are no guests."""

from dataclasses import dataclass

from local.slack.people import PEOPLE


@dataclass(frozen=True)
class Responder:
    """A user of PagerDuty: its own id, and a name."""

    id: str
    name: str


RESPONDERS = tuple(
    Responder(f"P{p.id.removeprefix('U')}", p.real_name) for p in PEOPLE if not p.is_bot and not p.is_restricted
)


def responder(user_id: str) -> Responder:
    """Who has this id; KeyError for nobody."""
    return {r.id: r for r in RESPONDERS}[user_id]
