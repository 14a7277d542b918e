"""Text that Slack shows as it was meant: escaped, without markup of strangers, within Slack's limits."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sluice.model.ids import Micros, SlackUserId

type Block = dict[str, Any]

# Limits of the models in python-slack-sdk 3.47 (slack_sdk/models/blocks, views), except where a line says otherwise.
BLOCKS_PER_MESSAGE: Final = 50
SECTION_TEXT: Final = 3000
FIELDS: Final = 10
HEADER_TEXT: Final = 150
CONTEXT_ELEMENTS: Final = 10
BUTTON_VALUE: Final = 2000
CONFIRM_TEXT: Final = 300
VIEW_TITLE: Final = 24
PRIVATE_METADATA: Final = 3000
MESSAGE_TEXT: Final = 4000
"""Slack asks to keep `text` under 4,000 and truncates at 40,000 (chat.postMessage reference)."""
MESSAGE_BUDGET: Final = 12_000
"""All blocks of a message together are refused from about 13,200 (slackapi/bolt-js issues 2509 and 2867)."""

_LONGEST_URL: Final = 1500

_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_USER_ID: Final = re.compile(r"[UW][A-Z0-9]{2,20}")
_GROUP_ID: Final = re.compile(r"S[A-Z0-9]{2,20}")
_DIGEST: Final = re.compile(r"(sha256:[0-9a-f]{8})[0-9a-f]{56}\b", re.IGNORECASE)
# Characters that turn the reading direction could make a verdict read as its opposite.
_UNSEEN: Final = frozenset("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")


def units(text: str) -> int:
    """Length as the strictest reader counts it: UTF-16 code units, so that an emoji counts two."""
    return sum(2 if ord(c) > 0xFFFF else 1 for c in text)


def one_line(text: str) -> str:
    """Text of a stranger on one line, without control characters and without marks that turn the direction."""
    kept = (" " if c.isspace() else c for c in text if c.isspace() or not _is_unseen(c))
    return re.sub(r" {2,}", " ", "".join(kept)).strip()


def _is_unseen(character: str) -> bool:
    return character in _UNSEEN or unicodedata.category(character) in ("Cc", "Cs")


def cut(text: str, limit: int) -> str:
    """Escape `&`, `<` and `>` and cut to `limit`, never inside an escape; what was cut ends in an ellipsis."""
    escaped = [_ESCAPES.get(c, c) for c in text]
    if sum(map(units, escaped)) <= limit:
        return "".join(escaped)
    room, kept = limit - 1, []
    for piece in escaped:
        room -= units(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept) + "…"


def code(text: str, limit: int = 120) -> str:
    """A name as inline code, the one place in mrkdwn where `*`, `_`, `~` and `:` mean themselves."""
    shown = one_line(text).replace("`", "'")
    return f"`{cut(shown or '-', limit)}`"


def plain(text: str, limit: int) -> Block:
    """A plain_text object: nothing in it is markup, and `:names:` stay as written; digests are short, for people."""
    return {"type": "plain_text", "text": cut(short_digests(one_line(text)) or "-", limit), "emoji": False}


def short_digests(text: str) -> str:
    """A text with each SHA-256 digest by its first eight digits; records keep it whole."""
    return _DIGEST.sub(r"\1…", text)


def mrkdwn(text: str) -> Block:
    """A mrkdwn object of Sluice's own words; `verbatim` keeps Slack from guessing links and names in it."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def mention(person: SlackUserId | str) -> str:
    """A person as Slack shows them to each reader; what is no user id is shown as code and reaches nobody."""
    return f"<@{person}>" if _USER_ID.fullmatch(person) else code(person, 40)


def group_mention(user_group: str) -> str:
    """A Slack user group, shown by its handle."""
    return f"<!subteam^{user_group}>" if _GROUP_ID.fullmatch(user_group) else code(user_group, 40)


def mentions(people: Sequence[SlackUserId | str], at_most: int = 6) -> str:
    """Some people by mention, the others by number."""
    named = ", ".join(mention(p) for p in people[:at_most])
    return named if len(people) <= at_most else f"{named} and {len(people) - at_most} more"


def link(url: str, label: str) -> str:
    """A link with a label of its own; an address that is not plainly https is shown as code, and leads nowhere."""
    if not url.startswith("https://") or len(url) > _LONGEST_URL or any(c.isspace() or c in '<>|"' for c in url):
        return code(f"{label}: {url}")
    return f"<{url.replace('&', '&amp;')}|{cut(one_line(label).replace('|', ' '), 100)}>"


def moment(at: Micros) -> str:
    """A time in each reader's own time zone, with UTC for clients that cannot."""
    fallback = datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{at // 1_000_000}^{{date_short_pretty}} at {{time}}|{fallback}>"


def duration(seconds: int) -> str:
    """A span in words, to two units: `1 d 4 h`, `25 min`, `less than a minute`."""
    left, words = max(0, seconds), []
    for name, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        count, left = divmod(left, size)
        if count:
            words.append(f"{count} {name}")
    return " ".join(words[:2]) or "less than a minute"


def lines_within(lines: Sequence[str], limit: int) -> str:
    """Whole lines as long as they fit: a cut inside a mention would show its id."""
    text = ""
    for line in lines:
        longer = f"{text}\n{line}" if text else line
        if units(longer) > limit - 2:
            return f"{text}\n…"
        text = longer
    return text
