"""The pager view's part of the page."""

from typing import Any

from flask import current_app, render_template

from local.console.pager.view import PagerView, pager_id

NAMES = ("pager",)


def html(name: str, **parts: Any) -> str:
    """The fragment."""
    view: PagerView = current_app.config["PAGER"]
    picture = view.picture()
    return render_template(
        f"{name}.html", picture=picture, responder=picture.people.get(pager_id(parts["user"])), **parts
    )
