"""Words of strangers for cards, and what every card has to stand."""

import re
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from local.slack.block_kit import MESSAGE_CHARACTERS, characters, message_problems
from sluice.core.card import Card
from sluice.model.ids import Micros, SlackUserId

UNHURRIED = settings(deadline=None)
"""A busy machine must not fail a test, and how long a card takes to draw is not its matter."""

HOSTILE = [
    "<!channel>", "<!here>", "@here", "*bold*", "_it_ ~no~", "`code` ```block```", "<@U0BOSS>", "<https://evil.example|click>",
    "&lt;!channel&gt;", ":tada:", "\u202etxet desrever", "two\nlines\r\nmore", "👩‍🔬" * 150, "&" * 800, "x" * 3500, "\x00\x1b[31m", "",
    "\ud800", "`<!everyone>`", ">quote", "<!subteam^S0ALL>", "<!date^1^{date}|x>",
]  # fmt: skip
words = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=400))
people = st.one_of(st.from_regex(r"\AU0[A-Z]{2,8}\Z"), words).map(SlackUserId)
moments = st.integers(0, 4_000_000_000_000_000).map(Micros)
numbers = st.one_of(st.none(), st.floats())
OURS = re.compile(
    r"<#[CG][A-Z0-9]{2,20}>|<@[UW][A-Z0-9]{2,20}>|<!subteam\^S[A-Z0-9]{2,20}>|<!date\^\d+\^\{date_short_pretty\} at \{time\}\|[0-9: UTC-]+>"
)
CODE = re.compile(r"`[^`\n]+`")


def is_harmless(card: Card) -> None:
    """Slack takes the card, and the only markup in it is ours."""
    assert message_problems(list(card.blocks)) == []
    assert characters(list(card.blocks)) <= MESSAGE_CHARACTERS
    assert 0 < len(card.text) <= 4000
    assert "<" not in card.text
    for text in texts(list(card.blocks)):
        bare = CODE.sub("", OURS.sub("", text["text"])) if text["type"] == "mrkdwn" else text["text"]
        assert "<" not in bare
        assert ">" not in bare
        if text["type"] == "mrkdwn":
            assert text["verbatim"] is True
            assert "`" not in bare
            assert "<" not in OURS.sub("", text["text"])
        text["text"].encode()


def texts(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict) and value.get("type") in ("mrkdwn", "plain_text"):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [t for v in inner for t in texts(v)]
