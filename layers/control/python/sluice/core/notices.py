"""Messages that tell what happened, each with what to do about it. Block Kit as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass

from sluice.core.card import Card
from sluice.core.card_roles import role_lines
from sluice.core.card_rows import context, gate_rows, gate_summary, section
from sluice.core.slack_text import (
    MESSAGE_TEXT,
    SECTION_TEXT,
    Block,
    code,
    cut,
    duration,
    lines_within,
    mention,
    mentions,
    moment,
    mrkdwn,
    one_line,
    plain,
)
from sluice.model.approval import Approval, Choice, GateLine, GateVerdict, Mode, OnExpiry, Registrant, Vote
from sluice.model.ids import GroupName, Micros, SlackUserId

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Subject:
    """The version that a notice is about, and who registered it."""

    group: GroupName
    version: int
    registrant: Registrant

    @classmethod
    def of(cls, approval: Approval) -> "Subject":
        """The version that an approval asks about."""
        return cls(approval.group, approval.version, approval.registrant)

    @property
    def marked(self) -> str:
        """The version in mrkdwn."""
        return f"{code(self.group, 80)} version *{self.version}*"

    @property
    def plain(self) -> str:
        """The version in words."""
        return f"{self.group} version {self.version}"


def rejected_by_gates(subject: Subject, gates: Sequence[GateLine]) -> Card:
    """To the registrant: which gates did not pass, those that stopped the version first, and how to come back."""
    failed = [g for g in gates if g.verdict is not GateVerdict.PASSED]
    blocks = [
        section(f"❌ {subject.marked} was *Rejected* by its gates: {gate_summary(gates)}. {_registered_by(subject)}"),
        *gate_rows(failed, at_most=_SHOWN, reason_limit=300),
        context(mrkdwn(f"Nobody was asked. Repair what is named here and register a new version.{_advisory(failed)}")),
    ]
    return _notice(f"{subject.plain} was rejected by its gates: {gate_summary(gates)}.", blocks)


def _advisory(failed: Sequence[GateLine]) -> str:
    return "" if all(gate.required for gate in failed) else " What is advisory stops no version."


def observed(subject: Subject, gates: Sequence[GateLine], would: str) -> Card:
    """In observe mode: what the gates found and what would have happened; nothing was changed."""
    blocks = [
        section(f"👁 {subject.marked}: gates {gate_summary(gates)}. {_registered_by(subject)}"),
        *_said("Had this group been enforced: ", would),
        *gate_rows([g for g in gates if g.verdict is not GateVerdict.PASSED], at_most=_SHOWN, reason_limit=300),
        context(mrkdwn("*Observe* mode: the registry was not touched.")),
    ]
    return _notice(f"{subject.plain}: gates {gate_summary(gates)}. Nothing was changed (observe).", blocks)


def votes_voided(approval: Approval, voters: Sequence[SlackUserId]) -> Card:
    """To those who had voted: the evidence has changed, their votes are void, a new card follows."""
    heading = f"🔁 The evidence of {Subject.of(approval).marked} has changed. The votes on the old evidence are void"
    whose = f": {mentions(voters)}, please decide anew on the new card." if voters else "."
    text = f"{Subject.of(approval).plain}: the evidence has changed, {len(voters)} votes are void."
    return _notice(text, [section(heading + whose)])


def not_approved(approval: Approval, vote: Vote) -> Card:
    """To the registrant: somebody rejected the version or asked for changes, and why."""
    words = "rejected" if vote.choice is Choice.REJECT else "asked for changes to"
    text = f"{vote.name or vote.person} {words} {Subject.of(approval).plain}"
    blocks = [
        section(f"{mention(vote.person)} *{words}* {Subject.of(approval).marked}, which you registered."),
        {"type": "section", "text": plain(one_line(vote.reason)[:1000] or "No reason was given.", SECTION_TEXT)},
    ]
    return _notice(text, blocks)


def reminder(approval: Approval, now: Micros) -> Card:
    """To those who still have to decide: who is awaited, and how long it can wait."""
    heading = f"⏰ {Subject.of(approval).marked} still waits for a decision{_time_left(approval, now)}."
    blocks = [section(lines_within([heading, *role_lines(approval)], SECTION_TEXT))]
    return _notice(f"{Subject.of(approval).plain} still waits for a decision.", blocks)


def escalation(approval: Approval, now: Micros, to: Sequence[SlackUserId]) -> Card:
    """To those whom the policy names: nobody has decided yet, please find someone who can."""
    called = f"{mentions(to)}: " if to else ""
    waited = f"has waited {_waited(approval, now)} for a decision{_time_left(approval, now)}"
    heading = f"🚨 {called}{Subject.of(approval).marked} {waited}."
    ask = "Please see that those named here decide, or decide on the card if you are one of them."
    blocks = [section(lines_within([heading, *role_lines(approval)], SECTION_TEXT)), context(mrkdwn(ask))]
    return _notice(f"Escalation: {Subject.of(approval).plain} still waits for a decision.", blocks)


def expired(approval: Approval) -> Card:
    """When time ran out: what that means for the version, and how to ask again."""
    rejects = approval.mode is Mode.ENFORCE and approval.timing.on_expiry is OnExpiry.REJECT
    outcome = "It is *Rejected* in the registry." if rejects else "It stays pending in the registry."
    heading = (
        f"⌛ Nobody decided on {Subject.of(approval).marked} in time. {outcome} {_registered_by(Subject.of(approval))}"
    )
    # From pending to pending is no change that Sluice could see.
    how = "*PendingManualApproval*" if rejects else "*Rejected* and back to *PendingManualApproval*"
    blocks = [
        section(lines_within([heading, *role_lines(approval)], SECTION_TEXT)),
        context(mrkdwn(f"To ask again, set the package to {how} in the registry.")),
    ]
    return _notice(f"{Subject.of(approval).plain} expired without a decision.", blocks)


def decided_elsewhere(subject: Subject, *, status: str, actor: str, set_back: bool) -> Card:
    """A status set in Studio or by CLI on a governed group: who did it, and whether it was undone."""
    outcome = (
        "It was *set back to pending*; please decide on the card." if set_back else "It stands, and it is on record."
    )
    blocks = [
        section(f"🚪 {subject.marked} was set to {code(status, 40)} outside Sluice by {code(actor, 160)}. {outcome}"),
        context(mrkdwn("Decisions on this model group are made on the card, by the roles of its policy.")),
    ]
    return _notice(f"{subject.plain} was set to {status} outside Sluice by {actor}.", blocks)


def release_failed(subject: Subject, error: str) -> Card:
    """When a step could not be done: what failed, and that nothing was decided by it."""
    text = f"{subject.plain} could not be brought to a decision"
    blocks = [
        section(f"🛑 {subject.marked}: the release *failed*. Nothing was decided by that; the registry is as it was."),
        {"type": "section", "text": plain(one_line(error)[:600] or "No reason is known.", SECTION_TEXT)},
        context(mrkdwn("Once the cause is mended: set the package to *Rejected* and back to *PendingManualApproval*.")),
    ]
    return _notice(text, blocks)


def policy_refused(parameter: str, problems: Sequence[str], owners: Sequence[SlackUserId]) -> Card:
    """To the owner of a policy: what is wrong in it, by line and field; the last valid text stays in force."""
    whose = f"{mentions(owners)}: " if owners else ""
    blocks = [
        section(
            f"⛔ {whose}the new text of {code(parameter, 200)} was *refused*. What was in force before stays in force."
        ),
        *[{"type": "section", "text": plain(f"• {one_line(p)}", 400)} for p in problems[:_SHOWN]],
    ]
    if len(problems) > _SHOWN:
        blocks.append(context(mrkdwn(f"…and {len(problems) - _SHOWN} more problems.")))
    return _notice(f"{parameter} was refused: {'; '.join(problems)}", blocks)


def _notice(text: str, blocks: Sequence[Block]) -> Card:
    return Card(text=cut(one_line(text), MESSAGE_TEXT), blocks=tuple(blocks))


def _said(before: str, words: str) -> list[Block]:
    return [context(plain(before + one_line(words), 500))] if one_line(words) else []


def _registered_by(subject: Subject) -> str:
    who = subject.registrant
    return f"Registered by {mention(who.person) if who.person else code(who.shown_as, 80)}."


def _time_left(approval: Approval, now: Micros) -> str:
    if approval.deadline is None:
        return ""
    left = max(0, approval.deadline - now) // 1_000_000
    return f": {duration(left)} left, until {moment(approval.deadline)}"


def _waited(approval: Approval, now: Micros) -> str:
    return duration(max(0, now - (approval.delivered_at or approval.requested_at)) // 1_000_000)
