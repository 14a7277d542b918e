"""The card of a rollout: where it stands, what the judge found, what people asked; afterwards how it ended, and why."""

from dataclasses import dataclass
from typing import Final

from sluice.core.card import Card
from sluice.core.card_rows import context, section
from sluice.core.card_size import fits
from sluice.core.rollout.metric_rows import headline, in_short, metric_rows, ranked, still_needed, without_numbers
from sluice.core.rollout.pauses import pause_ends_at
from sluice.core.rollout.presses import can_be_cleared, steering
from sluice.core.rollout.progress import bar, ending, next_look, percent, state, steps
from sluice.core.rollout.sight import alarms_gone
from sluice.core.rollout.wishes import asks_to_go_on
from sluice.core.slack_text import (
    HEADER_TEXT,
    MESSAGE_TEXT,
    SECTION_TEXT,
    Block,
    code,
    cut,
    lines_within,
    mention,
    moment,
    mrkdwn,
    one_line,
    plain,
    short_digests,
)
from sluice.model.approval import Mode, Tier
from sluice.model.ids import Micros
from sluice.model.judging import Verdict
from sluice.model.rollout import Phase, Rollout, RolloutOutcome, Wish, WishKind


@dataclass(frozen=True, slots=True)
class _Detail:
    """How much of the list of metrics a card shows; less is taken when the whole would be refused."""

    metrics: int


_DETAILS: Final = (_Detail(12), _Detail(8), _Detail(5), _Detail(2))
_TIERS: Final = {Tier.PILOT: "Pilot", Tier.STANDARD: "Standard", Tier.CRITICAL: "Critical"}
_MODES: Final = {
    Mode.OBSERVE: "👁 *Observe* · Sluice changes nothing: it judges what others deploy",
    Mode.RECOMMEND: "💬 *Recommend* · Sluice asks before each step",
    Mode.ENFORCE: "🔒 *Enforce* · Sluice goes on and takes back by itself",
}
_WISHES: Final = {
    WishKind.PAUSE: ("⏸", "paused it"),
    WishKind.GO_ON: ("▶️", "let it go on"),
    WishKind.ADVANCE: ("⏩", "agreed to go on"),
    WishKind.PROMOTE_NOW: ("⏭", "asked to promote it now"),
    WishKind.ROLL_BACK: ("↩️", "asked to take it back"),
    WishKind.TRY_AGAIN: ("🔁", "had it tried again"),
}
_UNGUARDED: Final = "Nothing goes on before it is there again."
_QUESTIONS: Final = {
    Verdict.ADVANCE.value: "🙋 *Sluice asks*: it was found good enough for this step. Press *Advance* to go on.",
    Verdict.PROMOTE.value: "🙋 *Sluice asks*: it was found good enough. Press *Promote* to give it all traffic.",
    Verdict.ROLL_BACK.value: "🙋 *Sluice recommends to take it back*: press *Roll back…* to do so.",
}


def rollout_card(rollout: Rollout, now: Micros) -> Card:
    """Draw a rollout as it stands, as fully as Slack takes it."""
    del now
    cards = (_draw(rollout, detail) for detail in _DETAILS)
    blocks = next((c for c in cards if fits(c)), _draw(rollout, _DETAILS[-1]))
    return Card(text=cut(one_line(fallback(rollout)), MESSAGE_TEXT), blocks=tuple(blocks))


def fallback(rollout: Rollout) -> str:
    """The state in plain words, for notifications and screen readers."""
    name = f"{rollout.request.group} version {rollout.request.version} on {_endpoint(rollout)}"
    if rollout.is_over and rollout.outcome is not None:
        return f"{name} {ending(rollout)[1]}. {rollout.because}"
    judged = headline(rollout)
    found = ", ".join(words for m in ranked(rollout)[:6] if (words := in_short(m)) not in judged)
    asks = " A person is asked to agree." if asks_to_go_on(rollout) else ""
    return f"{name}: {state(rollout)}.{asks} {judged} {found}".strip()


def _draw(rollout: Rollout, detail: _Detail) -> list[Block]:
    return [
        _header(rollout),
        *_state(rollout),
        context(mrkdwn(f"{_MODES[rollout.mode]}  ·  *{_TIERS[rollout.tier]}* tier")),
        *_steps(rollout),
        *_unguarded(rollout),
        *_judged(rollout, detail),
        *_people(rollout),
        *steering(rollout),
        _small_print(rollout),
    ]


def _header(rollout: Rollout) -> Block:
    group, endpoint = one_line(rollout.request.group)[:60], one_line(_endpoint(rollout))[:60]
    return {"type": "header", "text": plain(f"{group} v{rollout.request.version} → {endpoint}", HEADER_TEXT)}


def _endpoint(rollout: Rollout) -> str:
    return f"{rollout.endpoint or 'its endpoint'} ({rollout.request.region})"


def _state(rollout: Rollout) -> list[Block]:
    if rollout.is_over:
        return [section(_end(rollout)), *_because(rollout), *_traffic(rollout)]
    icon = "⏸" if rollout.paused_at is not None and rollout.outcome is None else "🚚"
    words = state(rollout)
    told = [section(f"{icon} *{words[:1].upper()}{words[1:]}*")]
    return [*told, *(_because(rollout) if rollout.outcome is not None else _waiting(rollout)), *_traffic(rollout)]


def _end(rollout: Rollout) -> str:
    icon, words = ending(rollout)
    return f"{icon} {code(rollout.request.group, 80)} version *{rollout.request.version}* *{words}*."


def _because(rollout: Rollout) -> list[Block]:
    because = _reason(rollout)
    return [{"type": "section", "text": plain(because, 1200)}] if because else []


def _reason(rollout: Rollout) -> str:
    """Why it ends as it does; the numbers of metrics are in their rows."""
    return one_line(without_numbers(rollout.because, ranked(rollout)))


def _waiting(rollout: Rollout) -> list[Block]:
    told = rollout.phase is Phase.QUEUED and one_line(rollout.because)
    return [context(plain(rollout.because, 300))] if told else []


def _traffic(rollout: Rollout) -> list[Block]:
    share = percent(rollout)
    return [] if share is None else [section(bar(share))]


def _steps(rollout: Rollout) -> list[Block]:
    lines = steps(rollout)
    return [section(lines_within(lines, SECTION_TEXT))] if lines else []


def _unguarded(rollout: Rollout) -> list[Block]:
    """An alarm that is gone, where the judge's words do not say it yet."""
    gone = alarms_gone(rollout.alarms_gone)
    if not gone or rollout.outcome is not None or gone in headline(rollout):
        return []
    return [{"type": "section", "text": plain(f"🔕 {gone} {_UNGUARDED}", 1200)}]


def _judged(rollout: Rollout, detail: _Detail) -> list[Block]:
    look = rollout.look
    if look is None:
        return _awaited(rollout)
    heading = f"*Judge*  look {look.number}, {moment(look.at)}, over {look.minutes} min of traffic"
    blocks: list[Block] = [{"type": "divider"}, section(heading)]
    found = headline(rollout)
    if found and (rollout.outcome is None or found != _reason(rollout)):
        blocks.append({"type": "section", "text": plain(found, 600)})
    blocks += metric_rows(rollout, at_most=detail.metrics)
    return [*blocks, *_to_come(rollout), {"type": "divider"}]


def _awaited(rollout: Rollout) -> list[Block]:
    at = next_look(rollout)
    return [] if at is None else [context(mrkdwn(f"The judge has not enough minutes yet; next look {moment(at)}."))]


def _to_come(rollout: Rollout) -> list[Block]:
    at = next_look(rollout)
    if at is None:
        return []
    needed = still_needed(rollout)
    parts = [f"*Still needed*  {needed}"] if needed else []
    return [context(mrkdwn("\n".join([*parts, f"*Next look*  {moment(at)}, or at once when an alarm fires"])))]


def _people(rollout: Rollout) -> list[Block]:
    blocks: list[Block] = []
    if rollout.heard is not None:
        blocks.append(context(*_wish(rollout.heard, rollout.phase, done=rollout.wish is None)))
    ends_at = pause_ends_at(rollout)
    if ends_at is not None and rollout.outcome is None:
        blocks.append(context(mrkdwn(f"⏳ Unless somebody presses *Go on*, it is taken back {moment(ends_at)}.")))
    question = _QUESTIONS.get(rollout.asked)
    if question is not None and not rollout.is_over and rollout.outcome is None:
        blocks.append(section(question))
    return [*blocks, *_hold(rollout)]


def _when(phase: Phase) -> str:
    return "as soon as SageMaker's update is done" if phase is Phase.PROMOTING else "the next look does it"


def _wish(wish: Wish, phase: Phase, *, done: bool) -> list[Block]:
    icon, words = _WISHES[wish.kind]
    kept = wish.kind in (WishKind.PAUSE, WishKind.GO_ON) or done
    later = "" if kept else f": {_when(phase)}"
    cells = [mrkdwn(f"{icon} {mention(wish.person)} *{words}* {moment(wish.at)}{later}")]
    return [*cells, plain(f"“{one_line(wish.reason)}”", 300)] if one_line(wish.reason) else cells


def _hold(rollout: Rollout) -> list[Block]:
    if rollout.outcome is not RolloutOutcome.HELD or not rollout.is_over:
        return []
    if can_be_cleared(rollout):
        return [section("🚨 *No rollout begins on this endpoint* until a person has put it right and clears the hold.")]
    return [section(f"🔓 {mention(rollout.cleared_by or '')} *cleared the hold*: rollouts may begin here again.")]


def _small_print(rollout: Rollout) -> Block:
    digest = code(short_digests(rollout.request.digest), 80)
    begun = f"  ·  begun {moment(rollout.begun_at)}" if rollout.begun_at else ""
    return context(mrkdwn(f"Rollout {code(rollout.id, 40)}  ·  approved evidence {digest}{begun}"))
