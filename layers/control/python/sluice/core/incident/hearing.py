"""What becomes of a word to an incident: an acknowledgement, an end, a rollback that is asked for. Pure.

A word counts once, and not for what came after it: who took an incident before it got worse did not take that.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from sluice.core.incident.answering import signal_of
from sluice.core.incident.calling import since
from sluice.core.incident.folding import worst_first
from sluice.core.incident.presses import NEED_A_REASON
from sluice.core.incident.responding import possible
from sluice.core.incident.routing import CHANNEL, PAGERDUTY, is_person
from sluice.core.incident.words import who
from sluice.model.ids import Micros
from sluice.model.incident import Answered, Incident, IncidentStatus
from sluice.model.incident_wish import IncidentWish
from sluice.model.rollback import Rollback
from sluice.model.signal import Signal, SignalKind

_WEBHOOK: Final = "webhook:"


class Hearing(StrEnum):
    """What became of a word."""

    GRANTED = "granted"
    ALREADY = "already"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody said, and when; `by` is that person, with the moment at which it is recorded."""

    wish: IncidentWish
    by: Answered
    said_at: Micros


@dataclass(frozen=True, slots=True)
class Heard:
    """The incident as it is after a word, and what is true, in words for the one who said it."""

    hearing: Hearing
    incident: Incident
    message: str


def hear(incident: Incident, word: Word, rollback: Rollback | None, *, held: bool) -> Heard:
    """Take up a word of somebody who may say it, or tell why it changes nothing."""
    if word.wish is IncidentWish.CLEAR_HOLD:
        return _hold(incident, word, held=held)
    if incident.is_over:
        return Heard(Hearing.ALREADY, incident, f"It is over already: {_ended(incident)}. Nothing was changed.")
    if word.said_at < since(incident):
        late = "It came back, or got worse, after you said so: please look at it again. Nothing was changed."
        return Heard(Hearing.REFUSED, incident, late)
    if word.wish in NEED_A_REASON and not word.by.reason.strip():
        return Heard(Hearing.REFUSED, incident, "A reason is needed. Nothing was changed.")
    match word.wish:
        case IncidentWish.ACKNOWLEDGE:
            return _acknowledged(incident, word)
        case IncidentWish.RESOLVE:
            return _resolved(incident, word, rollback)
        case IncidentWish.ROLL_BACK:
            return _rollback(incident, word, rollback)


def asked_of(incident: Incident, word: Word) -> Signal:
    """What a rollback that a person asks for is to put right: the worst that is raised, else the person's own word."""
    raised = [seen for seen in worst_first(incident.signals) if seen.raised and not seen.inhibited]
    if raised:
        return signal_of(raised[0], incident)
    return Signal(
        key=f"incident/{incident.id}/{word.by.person}/{word.said_at}",
        source=f"person/{word.by.person}",
        kind=SignalKind.PERSON,
        cause=incident.cause,
        raised=True,
        group=incident.group,
        region=incident.region,
        endpoint=incident.endpoint,
        at=word.said_at,
        summary=word.by.reason,
    )


def told_of_it(incident: Incident, word: Word) -> tuple[str, ...]:
    """Who was paged, and is told that somebody took it or ended it: not the place where that was said.

    People see who took it on the card; that it is over, whoever was woken is told.
    """
    if word.wish is IncidentWish.RESOLVE:
        told = [target for target in incident.paged if target != CHANNEL]
    else:
        told = [target for target in incident.paged if target == PAGERDUTY or target.startswith(_WEBHOOK)]
    return tuple(t for t in told if t != word.by.via and not (is_person(t) and t == word.by.person))


def _acknowledged(incident: Incident, word: Word) -> Heard:
    taken = incident.acknowledged
    if incident.status is IncidentStatus.ACKNOWLEDGED and taken is not None:
        called_again = incident.paged_at > taken.at
        if not called_again or word.said_at < incident.paged_at:
            return Heard(Hearing.ALREADY, incident, f"It is acknowledged already, by {_name(taken)}.")
    by = word.by
    acknowledged = replace(
        incident, status=IncidentStatus.ACKNOWLEDGED, acknowledged=by, taken_in=incident.pages, word_at=by.at
    )
    hours = incident.paging.silence_s // 3600
    quiet = f"{hours} hours" if hours > 1 else f"{incident.paging.silence_s // 60} minutes"
    message = f"It is yours: nobody else is called, unless nothing is said of it for {quiet}."
    return Heard(Hearing.GRANTED, acknowledged, message)


def _resolved(incident: Incident, word: Word, rollback: Rollback | None) -> Heard:
    if rollback is not None and not rollback.is_over:
        wait = "Sluice is at work on production: that has to come to its end first. Nothing was changed."
        return Heard(Hearing.REFUSED, incident, wait)
    raised = sum(seen.raised and not seen.inhibited for seen in incident.signals)
    still = f" {raised} of its sources are still raised: raised anew, they open it again." if raised else ""
    over = replace(incident, status=IncidentStatus.RESOLVED, resolved=word.by)
    return Heard(Hearing.GRANTED, over, f"It is over.{still}")


def _rollback(incident: Incident, word: Word, rollback: Rollback | None) -> Heard:
    if rollback is not None and _asked_by(rollback, word):
        return Heard(Hearing.ALREADY, incident, "This wish of yours is noted already; it counts once.")
    if IncidentWish.ROLL_BACK not in possible(incident, rollback, held=False):
        under_way = rollback is not None and not rollback.is_over
        observed = "This group is only observed: Sluice changes nothing here."
        why = "Sluice is at work on production already." if under_way else observed
        return Heard(Hearing.REFUSED, incident, f"{why} Nothing was changed.")
    return Heard(Hearing.GRANTED, incident, "It is being taken back to what served before, and verified.")


def _hold(incident: Incident, word: Word, *, held: bool) -> Heard:
    if not held:
        gone = "Nothing that this incident left holds the endpoint any more."
        return Heard(Hearing.ALREADY, incident, gone)
    if not word.by.reason.strip():
        missing = "A reason is needed: what was put right? Nothing was changed."
        return Heard(Hearing.REFUSED, incident, missing)
    return Heard(Hearing.GRANTED, incident, "The hold is cleared: rollouts may begin on this endpoint again.")


def _asked_by(rollback: Rollback, word: Word) -> bool:
    demand = rollback.demand
    return demand is not None and (demand.person, demand.at) == (word.by.person, word.said_at)


def _ended(incident: Incident) -> str:
    over = incident.resolved
    return "resolved" if over is None else f"resolved by {_name(over)}" if over.via != "signal" else "all was cleared"


def _name(answered: Answered) -> str:
    """A name, or a mention: this is told in Slack."""
    return answered.name or (f"<@{answered.person}>" if answered.person else who(answered))
