"""Messages that tell how a rollout ended: an update of its card calls nobody. Block Kit as plain values."""

from collections.abc import Sequence
from typing import Final

from sluice.core.card import Card
from sluice.core.card_rows import context, section
from sluice.core.rollout.metric_rows import metric_rows
from sluice.core.rollout.trying_again import can_be_tried_again
from sluice.core.slack_text import (
    MESSAGE_TEXT,
    SECTION_TEXT,
    Block,
    code,
    cut,
    group_mention,
    mention,
    mentions,
    moment,
    mrkdwn,
    one_line,
    plain,
)
from sluice.model.ids import Micros, SlackUserId
from sluice.model.rollout import Rollout, RolloutOutcome

_SHOWN: Final = 6
_TAKEN_BACK: Final = "What served before serves again."
_ENDS: Final = {
    RolloutOutcome.PROMOTED: ("✅", "serves all traffic of"),
    RolloutOutcome.RETURNED: ("↩️", "was *taken back* from"),
    RolloutOutcome.UNDECIDED: ("↩️", "was *taken back undecided* from"),
    RolloutOutcome.WITHDRAWN: ("↩️", "was *withdrawn* from"),
    RolloutOutcome.REFUSED: ("⛔", "was *not begun* on"),
    RolloutOutcome.SUPERSEDED: ("🔁", "was *superseded* on"),
    RolloutOutcome.DIVERGED: ("🔀", "was *left alone*: somebody else changed"),
    RolloutOutcome.HELD: ("🚨", "*could not be taken back* from"),
    RolloutOutcome.FAILED: ("🛑", "was *taken back, since a step failed*, from"),
    RolloutOutcome.OBSERVED: ("👁", "was *observed* on"),
}
_NEXT: Final = {
    RolloutOutcome.RETURNED: f"{_TAKEN_BACK} The version is *Rejected* in the registry, with this reason.",
    RolloutOutcome.UNDECIDED: f"{_TAKEN_BACK} The version stays Approved: it neither passed nor failed.",
    RolloutOutcome.WITHDRAWN: f"{_TAKEN_BACK} The registry stays as it is.",
    RolloutOutcome.SUPERSEDED: "Nothing is left to be done for this version.",
    RolloutOutcome.DIVERGED: "Nothing was overwritten, and Sluice leaves it. Please see what serves there now.",
    RolloutOutcome.FAILED: f"{_TAKEN_BACK} It was no fault of the model: it stays Approved.",
    RolloutOutcome.OBSERVED: "*Observe* mode: nothing was changed.",
}


_NOT_MADE: Final = ("🛑", "could *not be brought into service* on")
_UNMADE: Final = (
    "Nothing served there before. An endpoint that is left as Failed has to be deleted: the next one makes it anew. "
    "It was no fault of the model: it stays Approved."
)


def ended_notice(rollout: Rollout) -> Card | None:
    """What an end means and what is to be done about it; None for a rollout that has no end yet."""
    if rollout.outcome is None:
        return None
    icon, words = _NOT_MADE if _is_unmade(rollout) else _ENDS[rollout.outcome]
    blocks = [section(f"{icon} {_called(rollout)}{_subject(rollout)} {words} {_where(rollout)}.")]
    blocks += _reasons(rollout.because)
    if rollout.outcome not in (RolloutOutcome.REFUSED, RolloutOutcome.PROMOTED):
        blocks += metric_rows(rollout, at_most=_SHOWN, told=rollout.because)
    blocks += _follows(rollout)
    told = f"{rollout.request.group} version {rollout.request.version} {words.replace('*', '')} {_plain_where(rollout)}"
    return _notice(f"{told}. {rollout.because}", blocks)


def pause_ends(rollout: Rollout, ends_at: Micros) -> Card:
    """A pause that nobody ended is over soon: who may let it go on, and what happens otherwise."""
    what = "is *still paused*: unless somebody presses *Go on* on its card, it is taken back"
    heading = f"⏳ {_managers(rollout)}{_subject(rollout)} on {_where(rollout)} {what} {moment(ends_at)}."
    told = f"{rollout.request.group} version {rollout.request.version} on {_plain_where(rollout)} is still paused."
    return _notice(f"{told} It is taken back soon unless somebody lets it go on.", [section(heading)])


def question_ends(rollout: Rollout, ends_at: Micros) -> Card:
    """A question that nobody answered is over soon: who may answer, and what happens otherwise."""
    what = "*waits for an answer*: unless somebody presses a button on its card, it is taken back"
    heading = f"⏳ {_managers(rollout)}{_subject(rollout)} on {_where(rollout)} {what} {moment(ends_at)}."
    told = f"{rollout.request.group} version {rollout.request.version} on {_plain_where(rollout)} waits for an answer."
    return _notice(f"{told} It is taken back soon unless somebody answers.", [section(heading)])


def hold_cleared(rollout: Rollout, person: SlackUserId, reason: str) -> Card:
    """Somebody has put an endpoint right: who, and what they say about it."""
    heading = f"🔓 {mention(person)} *cleared the hold* on {_where(rollout)}: rollouts may begin there again."
    blocks = [section(heading), {"type": "section", "text": plain(reason, SECTION_TEXT)}]
    return _notice(f"The hold on {_plain_where(rollout)} was cleared. {reason}", blocks)


def _reasons(because: str) -> list[Block]:
    """The reason; several, such as the checks that failed, stand on lines of their own."""
    lines = [line for line in because.splitlines() if one_line(line)]
    if len(lines) <= 1:
        return [{"type": "section", "text": plain(because, 1500)}] if lines else []
    shown = [{"type": "section", "text": plain(f"• {line}", 500)} for line in lines[: 2 * _SHOWN]]
    hidden = len(lines) - len(shown)
    return [*shown, context(mrkdwn(f"…and {hidden} more, in the ledger."))] if hidden else shown


def _follows(rollout: Rollout) -> list[Block]:
    if rollout.outcome is None:
        return []
    if rollout.outcome is RolloutOutcome.HELD:
        ask = (
            "*No rollout begins on this endpoint* until somebody has seen to it that it serves well and has pressed "
            "*Clear hold…* on the card of this rollout."
        )
        return [section(ask)]
    if _is_unmade(rollout):
        return [context(mrkdwn(_UNMADE))]
    follows = _refused(rollout) if rollout.outcome is RolloutOutcome.REFUSED else _NEXT.get(rollout.outcome)
    if follows is not None and rollout.makes_endpoint:
        follows = follows.replace(_TAKEN_BACK, "Nothing served there before.")
    return [] if follows is None else [context(mrkdwn(follows))]


def _is_unmade(rollout: Rollout) -> bool:
    """Whether a first version could not be served: there is nothing that would serve again."""
    return rollout.makes_endpoint and rollout.outcome is RolloutOutcome.FAILED


def _refused(rollout: Rollout) -> str:
    again = "press *Try again* on its card" if can_be_tried_again(rollout) else "approve the version anew"
    return f"Nothing was changed. Put right what is named here and {again}."


def _called(rollout: Rollout) -> str:
    """Those who may steer the rollout, when it is urgent."""
    return _managers(rollout) if rollout.outcome is RolloutOutcome.HELD else ""


def _managers(rollout: Rollout) -> str:
    managers = () if rollout.rules is None else rollout.rules.managers
    people = list(dict.fromkeys(person for need in managers for person in need.people))
    groups = [group_mention(need.user_group) for need in managers if need.user_group]
    called = ", ".join([*([mentions(people)] if people else []), *groups[:_SHOWN]])
    return f"{called}: " if called else ""


def _subject(rollout: Rollout) -> str:
    return f"{code(rollout.request.group, 80)} version *{rollout.request.version}*"


def _where(rollout: Rollout) -> str:
    endpoint = code(rollout.endpoint, 80) if rollout.endpoint else "its endpoint"
    return f"{endpoint} in {code(rollout.request.region, 30)}"


def _plain_where(rollout: Rollout) -> str:
    return f"{rollout.endpoint or 'its endpoint'} in {rollout.request.region}"


def _notice(text: str, blocks: Sequence[Block]) -> Card:
    return Card(text=cut(one_line(text), MESSAGE_TEXT), blocks=tuple(blocks))
