"""A message that its own channel does not take is shown in another, and says so."""

import re
from typing import Final

from sluice.core.card import Card
from sluice.core.card_rows import context, section
from sluice.core.slack_text import BLOCKS_PER_MESSAGE, mrkdwn

_CHANNEL_ID: Final = re.compile(r"[CG][A-Z0-9]{2,20}")


def may_detour(channel: str) -> bool:
    """Whether a message is for a channel; what is for one person alone is shown to nobody else."""
    return _CHANNEL_ID.fullmatch(channel) is not None


def detoured(drawn: Card, meant_for: str) -> Card:
    """The message with a first line that says where it belongs, and how it gets there the next time."""
    told = context(
        mrkdwn(
            f"↪️ Meant for <#{meant_for}>, which could not be posted to. Invite the app there (or unarchive it), "
            "or correct `channel` in the policy of the group."
        )
    )
    own = drawn.blocks or (section(drawn.text),)
    return Card(drawn.text, (told, *own[: BLOCKS_PER_MESSAGE - 1]))
