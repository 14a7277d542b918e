"""Slack's texts become HTML that says what Slack would show, and never runs what a stranger wrote."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from local.console.markup import Names, mrkdwn_html, text_html

NAMES = Names({"U0BEN": "Ben <b>Okafor</b>"}, {"S0MLENG": "ml-engineering"}, {"C0MODELS": "model-releases"})
OURS = re.compile(
    r'</?(?:b|i|s|code|pre|br|time|span)>|<span class="(?:mention|mark \w+)"(?: role="img" aria-label="[\w ]+")?>'
    r'|<time datetime="[^"<>]*">|<a href="https?://[^"<>]*" rel="noreferrer noopener" target="_blank">|</a>'
)


@pytest.mark.parametrize(
    "text,html",
    [
        ("*bold* and _so_ and ~no~", "<b>bold</b> and <i>so</i> and <s>no</s>"),
        ("a*b*c snake_case_name", "a*b*c snake_case_name"),
        ("`*not bold* &lt;x&gt;`", "<code>*not bold* &lt;x&gt;</code>"),
        ("one\ntwo", "one<br>two"),
        ("<@U0BEN>", '<span class="mention">@Ben &lt;b&gt;Okafor&lt;/b&gt;</span>'),
        ("<!subteam^S0MLENG>", '<span class="mention">@ml-engineering</span>'),
        ("<#C0MODELS>", '<span class="mention">#model-releases</span>'),
        ("<!here>", '<span class="mention">@here</span>'),
        (
            "<!date^0^{date_short_pretty} at {time}|then>",
            '<time datetime="1970-01-01T00:00:00+00:00">1 Jan 1970, 00:00 UTC</time>',
        ),
        (
            "<https://x.example/?a=1&amp;b=2|here>",
            '<a href="https://x.example/?a=1&amp;b=2" rel="noreferrer noopener" target="_blank">here</a>',
        ),
        ("<javascript:alert(1)|here>", "&lt;javascript:alert(1)|here&gt;"),
        (
            "`app` app@sha256:" + "4d" * 32,
            f'<code>app</code> app@<span title="sha256:{"4d" * 32}">sha256:{"4d" * 6}…</span>',
        ),
        ("sha256:4d4d", "sha256:4d4d"),
        ("✅ done", '<span class="mark good" role="img" aria-label="yes">✓</span> done'),
    ],
)
def test_markup_is_shown_as_slack_shows_it(text: str, html: str) -> None:
    assert str(mrkdwn_html(text, NAMES)) == html


def test_plain_text_has_no_markup() -> None:
    assert text_html({"type": "plain_text", "text": "*a* &lt;b&gt;"}, NAMES) == Markup("*a* &lt;b&gt;")


@settings(deadline=None)  # a busy machine must not fail it
@given(st.text(alphabet=st.sampled_from(list("<>&|@!#^*_~`'\"\n aU0:/.x✅")), max_size=80))
def test_no_text_becomes_html_of_its_own(text: str) -> None:
    for html in (mrkdwn_html(text, NAMES), text_html({"type": "plain_text", "text": text}, NAMES)):
        assert "<" not in OURS.sub("", str(html))
