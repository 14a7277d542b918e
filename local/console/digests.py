"""Digests as people compare them: the first figures, and the whole of it for whoever points at it."""

import re

from markupsafe import Markup, escape

_WHOLE = re.compile(r"(sha256:)([0-9a-f]{12})[0-9a-f]{52}(?![0-9a-f])")


def shortened(html: Markup) -> Markup:
    """A text whose SHA-256 digests are short; what is in it stays escaped as it was."""
    return Markup(_WHOLE.sub(r'<span title="\g<0>">\1\2…</span>', html))  # noqa: S704  # hex figures and our own element


def with_short_digests(text: str) -> Markup:
    """The same for plain text."""
    return shortened(escape(text))
