"""The message that tells how a rollback ended, and what is to be done about it. Block Kit as plain values."""

from typing import Final

from sluice.core.card import Card
from sluice.core.card_rows import context, section
from sluice.core.rollback.target import named
from sluice.core.slack_text import MESSAGE_TEXT, SECTION_TEXT, code, cut, mrkdwn, one_line, plain
from sluice.model.rollback import Rollback, RollbackOutcome

PRODUCTION: Final = frozenset(
    {RollbackOutcome.RECOVERED, RollbackOutcome.RETURNED, RollbackOutcome.NOT_RECOVERED, RollbackOutcome.HELD}
)
"""Outcomes that the channel hears of: production was changed, or should have been."""
_ENDS: Final = {
    RollbackOutcome.RECOVERED: ("↩️", "was *taken back*, and what was raised is cleared"),
    RollbackOutcome.RETURNED: ("↩️", "was *taken back*"),
    RollbackOutcome.NOT_RECOVERED: ("🛑", "was *taken back*, and that did *not help*"),
    RollbackOutcome.HANDED_OVER: ("➡️", "is left to the rollout that was under way"),
    RollbackOutcome.RETRAINING: ("🔁", "is *trained anew*"),
    RollbackOutcome.ASKED: ("❔", "waits for people to decide"),
    RollbackOutcome.RECORDED: ("📝", "is only observed: nothing was changed"),
    RollbackOutcome.NOT_NEEDED: ("ℹ️", "needs *no rollback*"),
    RollbackOutcome.HELD: ("🛑", "is *on hold*: nothing could be done safely"),
}
_HELD: Final = "*No rollout begins on this endpoint* until somebody has seen to it that it serves well and cleared it."


def ended_notice(rollback: Rollback) -> Card:
    """What an end means."""
    outcome = rollback.outcome or RollbackOutcome.HELD
    icon, words = _ENDS[outcome]
    subject = f"{code(rollback.endpoint, 80)} in {code(rollback.region, 30)}"
    blocks = [section(f"{icon} {subject} {words}.")]
    if one_line(rollback.because):
        blocks.append({"type": "section", "text": plain(rollback.because, SECTION_TEXT)})
    if rollback.target is not None and rollback.returned_at:
        seen = "was seen to serve requests" if rollback.verified else "is in service, but no request was seen yet"
        blocks.append(context(mrkdwn(f"{code(named(rollback.target), 150)} {seen}.")))
    if outcome is RollbackOutcome.HELD:
        blocks.append(section(_HELD))
    told = f"{rollback.endpoint} in {rollback.region} {words.replace('*', '')}. {rollback.because}"
    return Card(text=cut(one_line(told), MESSAGE_TEXT), blocks=tuple(blocks))
