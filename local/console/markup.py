"""Slack's texts as HTML: mrkdwn with its mentions, dates, links and emphasis; everything else is escaped."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup, escape

from local.console.digests import shortened
from local.console.emoji import with_marks

_TOKEN = re.compile(
    r"```(?P<pre>.+?)```|`(?P<code>[^`\n]+)`|<(?P<angle>[^<>\n]+)>"
    r"|(?<![\w*])\*(?P<bold>\S(?:[^*\n]*\S)?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>\S(?:[^_\n]*\S)?)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>\S(?:[^~\n]*\S)?)~(?![\w~])",
    re.DOTALL,
)
_DATE = re.compile(r"!date\^(?P<at>\d{1,12})\^[^|^]*(?:\^[^|]*)?\|(?P<fallback>.*)")
_TAGS = {
    "bold": Markup("<b>{}</b>"),
    "italic": Markup("<i>{}</i>"),
    "strike": Markup("<s>{}</s>"),
    "code": Markup("<code>{}</code>"),
    "pre": Markup("<pre>{}</pre>"),
}


@dataclass(frozen=True)
class Names:
    """How ids are shown: people, user groups and channels by id."""

    people: Mapping[str, str]
    user_groups: Mapping[str, str]
    channels: Mapping[str, str]


def text_html(text: Mapping[str, Any], names: Names) -> Markup:
    """A Block Kit text object."""
    words = str(text.get("text", ""))
    return mrkdwn_html(words, names) if text.get("type") == "mrkdwn" else _lines(words)


def mrkdwn_html(text: str, names: Names) -> Markup:
    """Mrkdwn as HTML."""
    parts, end = [], 0
    for match in _TOKEN.finditer(text):
        parts += [_lines(text[end : match.start()]), _token(match, names)]
        end = match.end()
    return Markup().join([*parts, _lines(text[end:])])


def _token(match: re.Match[str], names: Names) -> Markup:
    kind, inner = str(match.lastgroup), match[str(match.lastgroup)]
    if kind == "angle":
        return _angle(inner, names)
    return _TAGS[kind].format(unescaped(inner) if kind in ("code", "pre") else mrkdwn_html(inner, names))


def _angle(inner: str, names: Names) -> Markup:
    sigil, known = inner[:1], {"@": names.people, "#": names.channels}
    if sigil in known:
        return _mention(sigil, known[sigil].get(inner[1:].partition("|")[0], inner[1:]))
    if inner.startswith("!subteam^"):
        group = inner.removeprefix("!subteam^").partition("|")[0]
        return _mention("@", names.user_groups.get(group, group))
    date = _DATE.fullmatch(inner)
    if date:
        return _date(int(date["at"]))
    if sigil == "!":
        return _mention("@", inner[1:].partition("|")[0])
    target, _, label = inner.partition("|")
    if not target.startswith(("https://", "http://")):
        return escape(f"<{inner}>")
    return Markup('<a href="{}" rel="noreferrer noopener" target="_blank">{}</a>').format(
        unescaped(target), unescaped(label or target)
    )


def _mention(sigil: str, name: str) -> Markup:
    return Markup('<span class="mention">{}{}</span>').format(sigil, unescaped(name))


def _date(at_s: int) -> Markup:
    moment = datetime.fromtimestamp(at_s, UTC)
    shown = f"{moment.day} {moment:%b %Y, %H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), shown)


def _lines(text: str) -> Markup:
    return Markup("<br>").join(shortened(with_marks(line)) for line in unescaped(text).split("\n"))


def unescaped(text: str) -> str:
    """Undo Slack's three escapes."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
