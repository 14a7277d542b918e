"""The approval card: everything a person needs to decide, and afterwards what was decided and why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sluice.core.card_roles import role_lines
from sluice.core.card_rows import comparison_rows, context, gate_rows, gate_summary, section, vote_rows
from sluice.core.card_size import fits
from sluice.core.slack_text import (
    BUTTON_VALUE,
    CONFIRM_TEXT,
    HEADER_TEXT,
    MESSAGE_TEXT,
    SECTION_TEXT,
    Block,
    code,
    cut,
    duration,
    lines_within,
    mention,
    moment,
    mrkdwn,
    one_line,
    plain,
    short_digests,
)
from sluice.model.approval import Approval, ApprovalStatus, Choice, Mode, OnExpiry, Tier
from sluice.model.ids import Micros

DECIDE_BLOCK: Final = "decide"
ACTIONS: Final = {f"decide_{choice.value}": choice for choice in Choice}
"""action_id of a button -> what it answers; the button's value is the opaque approval id and nothing else."""


@dataclass(frozen=True, slots=True)
class Card:
    """A message for chat.postMessage or chat.update: Block Kit, and text for notifications and screen readers."""

    text: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class _Detail:
    """How much of each list a card shows; less is taken when the whole would be refused."""

    rows: int
    reason: int


_DETAILS: Final = (_Detail(20, 300), _Detail(15, 160), _Detail(10, 120), _Detail(5, 80))
_MODES: Final = {
    Mode.OBSERVE: "👁 *Observe* · nothing is changed: this shows what would have happened",
    Mode.RECOMMEND: "💬 *Recommend* · people decide, also when gates fail",
    Mode.ENFORCE: "🔒 *Enforce* · what fails a required gate is rejected without asking; people decide the rest",
}
_TIERS: Final = {Tier.PILOT: "Pilot", Tier.STANDARD: "Standard", Tier.CRITICAL: "Critical"}
_ENDS: Final = {
    ApprovalStatus.APPROVED: ("✅", "was approved"),
    ApprovalStatus.REJECTED: ("❌", "was rejected"),
    ApprovalStatus.EXPIRED: ("⌛", "expired without a decision"),
    ApprovalStatus.SUPERSEDED: ("🔁", "was superseded"),
    ApprovalStatus.DECIDED_ELSEWHERE: ("🚪", "was decided outside Sluice"),
}


def approval_card(approval: Approval, now: Micros) -> Card:
    """Draw an approval as it stands: open with buttons, settled with what happened and why."""
    draw = _open if approval.is_open else _settled
    cards = (draw(approval, now, detail) for detail in _DETAILS)
    blocks = next((c for c in cards if fits(c)), draw(approval, now, _DETAILS[-1]))
    return Card(text=cut(one_line(_fallback(approval)), MESSAGE_TEXT), blocks=tuple(blocks))


def _open(approval: Approval, now: Micros, detail: _Detail) -> list[Block]:
    return [
        _header(approval, "needs a decision"),
        context(mrkdwn(f"{_MODES[approval.mode]}  ·  *{_TIERS[approval.tier]}* tier")),
        _facts(approval),
        *_unknown_registrant(approval),
        *_evidence(approval, detail),
        *_people(approval, detail),
        section(_next_steps(approval)),
        *_buttons(approval, now),
        _small_print(approval),
    ]


def _settled(approval: Approval, now: Micros, detail: _Detail) -> list[Block]:
    del now
    icon, words = _end(approval)
    when = f" {moment(approval.settled_at)}" if approval.settled_at else ""
    because = one_line(approval.settled_because)
    return [
        _header(approval, words),
        section(f"{icon} {_subject(approval)} *{words}*{when}."),
        *([{"type": "section", "text": plain(because, 600)}] if because else []),
        context(mrkdwn(f"{_MODES[approval.mode]}  ·  *{_TIERS[approval.tier]}* tier")),
        _facts(approval),
        *_unknown_registrant(approval),
        *_evidence(approval, detail),
        *_people(approval, detail),
        _small_print(approval),
    ]


def _end(approval: Approval) -> tuple[str, str]:
    icon, words = _ENDS[approval.status]
    if approval.mode is Mode.OBSERVE and approval.status in (ApprovalStatus.APPROVED, ApprovalStatus.REJECTED):
        return icon, words.replace("was", "would have been")
    return icon, words


def _header(approval: Approval, words: str) -> Block:
    name = one_line(approval.group)[:80]
    return {"type": "header", "text": plain(f"{name} version {approval.version} {words}", HEADER_TEXT)}


def _subject(approval: Approval) -> str:
    return f"{code(approval.group, 80)} version *{approval.version}*"


def _facts(approval: Approval) -> Block:
    facts = {
        "Model group": code(approval.group, 80),
        "Version": str(approval.version),
        "Registered by": _registrant(approval),
        **_compared_with(approval),
        "Asked": moment(approval.requested_at),
        "Deadline": _deadline(approval),
    }
    return {"type": "section", "fields": [mrkdwn(f"*{name}*\n{value}") for name, value in facts.items()]}


def _compared_with(approval: Approval) -> dict[str, str]:
    """What serves, or what stands in for it."""
    if approval.production_version is None:
        return {"In production": "nothing that is known"}
    version = f"version {approval.production_version}"
    if approval.production_endpoint:
        return {"In production": f"{version} on {code(approval.production_endpoint, 80)}"}
    return {"Newest approved": version}


def _registrant(approval: Approval) -> str:
    who = approval.registrant
    if who.person is not None:
        return f"{mention(who.person)} (may not vote)" if approval.is_open else mention(who.person)
    return f"⚠️ person unknown: {code(who.shown_as, 80)}"


def _unknown_registrant(approval: Approval) -> list[Block]:
    if approval.registrant.person is not None:
        return []
    reason = one_line(approval.registrant.reason) or "no person could be found"
    blocked = "" if approval.tier is Tier.PILOT else " Until that is known nobody can approve."
    return [context(plain(f"⚠️ Not known who registered this version: {reason[:300]}.{blocked}", 500))]


def _deadline(approval: Approval) -> str:
    if approval.deadline is not None:
        return moment(approval.deadline)
    return f"{duration(approval.timing.expires_after_s)} after this message arrives"


def _evidence(approval: Approval, detail: _Detail) -> list[Block]:
    blocks: list[Block] = [{"type": "divider"}, section(f"*Gates*  {gate_summary(approval.gates)}")]
    blocks += gate_rows(approval.gates, at_most=detail.rows, reason_limit=detail.reason)
    if approval.comparison:
        blocks.append(section(_comparison_heading(approval)))
    blocks += comparison_rows(approval.comparison, at_most=detail.rows)
    return [*blocks, {"type": "divider"}]


def _comparison_heading(approval: Approval) -> str:
    if approval.production_version is None:
        return "*Metrics*  no other version is approved, so there is nothing to compare with"
    if approval.production_endpoint:
        return f"*Compared with version {approval.production_version} in production*"
    return f"*Compared with version {approval.production_version}, the newest approved*"


def _people(approval: Approval, detail: _Detail) -> list[Block]:
    lines = role_lines(approval)[: detail.rows]
    heading = "*Who decides*" if approval.is_open else "*Who decided*"
    blocks = [section(lines_within([heading, *lines], SECTION_TEXT))]
    if approval.voided_votes:
        plural = "vote was" if approval.voided_votes == 1 else "votes were"
        blocks.append(
            context(mrkdwn(f"🔁 {approval.voided_votes} earlier {plural} voided: the evidence has changed since."))
        )
    return blocks + vote_rows(approval.votes, at_most=detail.rows, reason_limit=detail.reason)


def _next_steps(approval: Approval) -> str:
    return "\n".join(["*What happens next*", *_advice(approval), *_steps(approval)])


def _advice(approval: Approval) -> list[str]:
    if approval.on_hold:
        return ["⏸ *On hold*: the evidence has changed and is being collected again; a new card follows."]
    if not approval.gates_passed:
        return ["⚠️ *Sluice recommends to reject*: a required gate did not pass."]
    return []


def _steps(approval: Approval) -> list[str]:
    if approval.mode is Mode.OBSERVE:
        return [
            "Answers are counted as usual, but the registry stays as it is: the ledger notes what would have happened."
        ]
    lapse = {
        OnExpiry.REJECT: "it is *Rejected* in the registry",
        OnExpiry.KEEP_PENDING: "it stays pending and can be asked for again",
    }[approval.timing.on_expiry if approval.mode is Mode.ENFORCE else OnExpiry.KEEP_PENDING]
    return [
        "• When every role has its approvals, the package is *Approved* in the registry.",
        "• One *Reject* ends it: the package is *Rejected*, with the reason given.",
        "• *Request changes* holds it until the person who asked approves.",
        f"• Without a decision by the deadline {lapse}.",
    ]


def _buttons(approval: Approval, now: Micros) -> list[Block]:
    if approval.on_hold:
        return []
    if approval.deadline is not None and now >= approval.deadline:
        return [context(mrkdwn("⌛ The deadline has passed; the outcome is being recorded."))]
    buttons: list[Callable[[Approval], Block]] = [_approve, _reject, _request_changes]
    return [{"type": "actions", "block_id": DECIDE_BLOCK, "elements": [b(approval) for b in buttons]}]


def _approve(approval: Approval) -> Block:
    question = f"Approve {one_line(approval.group)[:80]} version {approval.version} on the evidence shown here?"
    confirm = {
        "title": plain("Approve this version?", 100),
        "text": plain(question, CONFIRM_TEXT),
        "confirm": plain("Approve", 30),
        "deny": plain("Not yet", 30),
    }
    return {**_button(approval, "Approve", Choice.APPROVE), "style": "primary", "confirm": confirm}


def _reject(approval: Approval) -> Block:
    return {**_button(approval, "Reject…", Choice.REJECT), "style": "danger"}


def _request_changes(approval: Approval) -> Block:
    return _button(approval, "Request changes…", Choice.REQUEST_CHANGES)


def _button(approval: Approval, label: str, choice: Choice) -> Block:
    value = approval.id[:BUTTON_VALUE]
    return {"type": "button", "text": plain(label, 75), "action_id": f"decide_{choice.value}", "value": value}


def _small_print(approval: Approval) -> Block:
    digest = code(short_digests(approval.digest), 80)
    return context(mrkdwn(f"Evidence {digest}  ·  release {code(approval.release_id, 40)}"))


def _fallback(approval: Approval) -> str:
    name = f"{approval.group} version {approval.version}"
    if not approval.is_open:
        return f"{name} {_end(approval)[1]}. {approval.settled_because}"
    gates = gate_summary(approval.gates)
    return f"{name} needs a decision ({approval.tier.value}, {approval.mode.value}). Gates: {gates}."
