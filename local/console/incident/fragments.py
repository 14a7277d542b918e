"""The incident view's part of the page."""

from typing import Any

from flask import current_app, render_template

from local.console.incident.incident_words import answer_words, severity_tone, signal_words, status_words
from local.console.incident.view import IncidentsView

NAMES = ("incidents",)


def html(name: str, **parts: Any) -> str:
    """The fragment."""
    view: IncidentsView = current_app.config["INCIDENTS"]
    ledger = current_app.config["CLOUD"].picture()
    picture = view.picture(ledger.chains)
    return render_template(
        f"{name}.html",
        picture=picture,
        trouble=picture.trouble or ledger.trouble,
        severity_tone=severity_tone,
        status_words=status_words,
        answer_words=answer_words,
        signal_words=signal_words,
        **parts,
    )
