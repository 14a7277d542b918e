"""A person decides on a card: count it by condition, tell them what is true, settle when that completes it."""

from dataclasses import replace

from sluice.core.modes import Situation
from sluice.core.notices import not_approved
from sluice.core.quorum import Ballot, Counted, Members, cast
from sluice.core.registrant import resolve
from sluice.core.settlement import who_approved
from sluice.model.approval import Approval, Choice, Vote
from sluice.model.approval_commands import CastVote
from sluice.model.codec import encode
from sluice.model.commit import Commit, Entry, Message
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import SlackUserId
from sluice.model.people import People
from sluice.usecases.deciding import Case, Deciding, entry, joined, save, settlement_commit
from sluice.usecases.documents_in_force import people_in_force
from sluice.usecases.members import members_of, unknown_groups
from sluice.usecases.messages import card, notice, whisper
from sluice.usecases.remembering import settling_races
from sluice.usecases.resume_release import resume_release

_UNKNOWN = "This approval is not known here; perhaps the card belongs to another installation. Nothing was counted."
_REPLACED = "The package has come back to pending since; please decide on its newest card. Nothing was counted."
_ELSEWHERE = "Your Slack workspace is not the one that decides here. Nothing was counted."


def cast_vote(command: CastVote, world: Deciding) -> None:
    """Count a vote once, whoever else presses at the same time and however often the message comes."""
    people = people_in_force(world.records)
    members: dict[str, frozenset[SlackUserId]] = {}
    settling_races(lambda: _attempt(command, world, people, members))
    resume_release(command.approval_id, world)


def _attempt(command: CastVote, world: Deciding, people: People, members: dict[str, frozenset[SlackUserId]]) -> None:
    case = Case.load(world.records, command.approval_id)
    away = _turned_away(command, case, world)
    if case is None or away:
        _turn_away(command, case, away, world)
        return
    approval = _with_registrant(case.approval.value, people)
    if case.outdated:
        approval = replace(approval, on_hold=True)  # known to admission; the command to hold it may still be on its way
    if not members and approval.is_open:
        members.update(members_of(approval.needs, world.chat))
    vote = _vote(command, people)
    counted = _with_empty_groups(cast(approval, vote, members), members)
    world.records.commit(_commit(case, counted, vote, command, world), at=world.clock.now())


def _commit(case: Case, counted: Counted, vote: Vote, command: CastVote, world: Deciding) -> Commit:
    now = world.clock.now()
    told = _told(command, case, counted.message)
    match counted.ballot:
        case Ballot.ALREADY:
            return Commit(messages=(told,))
        case Ballot.REFUSED:
            return Commit(entries=(_refused(counted.approval, command, counted.message),), messages=(told,))
        case Ballot.COUNTED:
            return Commit(
                saves=(save(counted.approval, case.approval),),
                entries=(_counted(counted.approval, vote),),
                messages=(card(counted.approval, now), told, *_to_registrant(counted, vote)),
            )
        case Ballot.QUORUM_REACHED | Ballot.REJECTED:
            voted = replace(case, approval=replace(case.approval, value=counted.approval))
            situation, because = _situation(counted, vote)
            settled = settlement_commit(voted, situation, at=now, because=because)
            messages = (told, *_to_registrant(counted, vote))
            return joined(settled, entries=(_counted(counted.approval, vote),), messages=messages)


def _to_registrant(counted: Counted, vote: Vote) -> tuple[Message, ...]:
    """Whoever registered the version hears of a rejection or a request for changes, and why."""
    registrant = counted.approval.registrant.person
    if registrant is None or vote.choice is Choice.APPROVE:
        return ()
    key = f"not-approved|{counted.approval.id}|{vote.person}|{vote.at}"
    return (notice(key, registrant, not_approved(counted.approval, vote)),)


def _situation(counted: Counted, vote: Vote) -> tuple[Situation, str]:
    if counted.ballot is Ballot.REJECTED:
        return Situation.REJECTED, f"Rejected by {vote.name or vote.person}: {vote.reason}"
    return Situation.QUORUM_REACHED, f"Approved by {who_approved(counted.approval)}."


def _turned_away(command: CastVote, case: Case | None, world: Deciding) -> str:
    if case is None:
        return _UNKNOWN
    if world.team and command.team != world.team:
        return _ELSEWHERE
    return _REPLACED if case.replaced and case.approval.value.is_open else ""


def _turn_away(command: CastVote, case: Case | None, message: str, world: Deciding) -> None:
    entries = () if case is None else (_refused(case.approval.value, command, message),)
    world.records.commit(Commit(entries=entries, messages=(_told(command, case, message),)), at=world.clock.now())


def _told(command: CastVote, case: Case | None, message: str) -> Message:
    """What is true, to the person who pressed; a submitted form does not say from which channel it was opened."""
    channel = command.channel or (case.approval.value.channel_id if case is not None else command.person)
    return whisper(_key(command), channel, command.person, message)


def _with_registrant(approval: Approval, people: People) -> Approval:
    """The approval with the registrant as people are known now: a person listed since the card was sent counts."""
    if approval.registrant.person is not None or approval.registration is None:
        return approval
    return replace(approval, registrant=resolve(approval.registration, people))


def _with_empty_groups(counted: Counted, members: Members) -> Counted:
    """What is true for somebody who is refused because Slack knows nobody in the user group of a role."""
    if counted.ballot is not Ballot.REFUSED:
        return counted
    return replace(counted, message=counted.message + unknown_groups(counted.approval.needs, members))


def _vote(command: CastVote, people: People) -> Vote:
    name = next((p.name for p in people.people if p.slack == command.person), "")
    return Vote(command.person, command.choice, command.reason.strip(), command.pressed_at, name=name)


def _counted(approval: Approval, vote: Vote) -> Entry:
    cast_now = next(v for v in approval.votes if v.person == vote.person)
    return entry(approval, EntryKind.VOTE_CAST, f"{vote.person}|{vote.at}", encode(cast_now))


def _refused(approval: Approval, command: CastVote, why: str) -> Entry:
    body = {"person": command.person, "choice": command.choice.value, "at": command.pressed_at, "why": why}
    return entry(approval, EntryKind.VOTE_REFUSED, f"{command.person}|{command.pressed_at}", body)


def _key(command: CastVote) -> str:
    return f"{command.approval_id}|{command.person}|{command.choice.value}|{command.pressed_at}"
