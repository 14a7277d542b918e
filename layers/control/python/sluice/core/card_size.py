"""Whether Slack takes a message as large as this."""

import json
from collections.abc import Sequence

from sluice.core.slack_text import BLOCKS_PER_MESSAGE, MESSAGE_BUDGET, Block, units


def fits(blocks: Sequence[Block]) -> bool:
    """Count blocks, and everything in them as sent: more than the strictest count known of Slack."""
    return len(blocks) <= BLOCKS_PER_MESSAGE and units(json.dumps(blocks, ensure_ascii=False)) <= MESSAGE_BUDGET
