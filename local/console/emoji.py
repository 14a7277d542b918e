"""Emoji as small marks of our own, since machines without an emoji font would show empty boxes."""

import re
from typing import NamedTuple

from markupsafe import Markup, escape


class Mark(NamedTuple):
    """A sign that every font has, the colour it is shown in, and what a screen reader says."""

    sign: str
    tone: str
    name: str


MARKS = {
    "✅": Mark("✓", "good", "yes"),
    "❌": Mark("✕", "bad", "no"),
    "❔": Mark("?", "wait", "unknown"),
    "⏳": Mark("…", "wait", "waiting"),
    "⌛": Mark("…", "bad", "time is up"),
    "▫": Mark("○", "calm", "open"),
    "✏": Mark("✎", "wait", "changes"),
    "👁": Mark("◉", "calm", "observe"),
    "💬": Mark("”", "calm", "recommend"),
    "🔒": Mark("■", "calm", "enforce"),
    "⚠": Mark("!", "wait", "warning"),
    "🔁": Mark("↻", "calm", "again"),
    "🚪": Mark("→", "wait", "elsewhere"),
    "⏰": Mark("◷", "wait", "reminder"),
    "🚨": Mark("!", "bad", "escalation"),
    "⛔": Mark("–", "bad", "refused"),
    "🛑": Mark("!", "bad", "failed"),
    "⏸": Mark("=", "wait", "on hold"),
    "▶": Mark("▸", "good", "now"),
    "⏹": Mark("■", "bad", "stopped"),
    "⏩": Mark("»", "good", "go on"),
    "⏭": Mark("»", "wait", "promote now"),
    "↩": Mark("↩", "bad", "taken back"),
    "🔀": Mark("≠", "bad", "changed by others"),
    "🔓": Mark("□", "good", "hold cleared"),
    "🙋": Mark("?", "wait", "asks"),
    "🚚": Mark("▸", "calm", "under way"),
    "🏁": Mark("●", "calm", "over"),
    "↪": Mark("↪", "wait", "meant for elsewhere"),
    "❗": Mark("!", "wait", "important"),
    "🗑": Mark("✕", "calm", "deleted"),
    "📅": Mark("◷", "calm", "schedule"),
    "🏷": Mark("◆", "calm", "label"),
    "🔴": Mark("●", "bad", "critical"),
    "🟠": Mark("●", "wait", "error or warning"),
    "🔵": Mark("●", "calm", "information"),
    "🔕": Mark("–", "calm", "nobody is called"),
    "☎": Mark("☎", "wait", "called"),
    "📣": Mark("»", "calm", "news"),
    "📝": Mark("✎", "calm", "draft"),
    "➡": Mark("→", "calm", "then"),
    "✔": Mark("✓", "good", "done"),
}
_VARIATION = "\ufe0f"
_KNOWN = re.compile("(" + "|".join(MARKS) + ")" + _VARIATION + "?")


def with_marks(text: str) -> Markup:
    """Plain text as HTML, with known emoji as marks and all else escaped."""
    pieces = _KNOWN.split(text)
    return Markup().join(mark(piece) if piece in MARKS else escape(piece) for piece in pieces)


def mark(emoji: str) -> Markup:
    """One emoji as a mark."""
    sign, tone, name = MARKS[emoji]
    return Markup('<span class="mark {}" role="img" aria-label="{}">{}</span>').format(tone, name, sign)
