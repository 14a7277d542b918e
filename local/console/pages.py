"""The Flask app: one page, fragments that poll, and what a person does on it."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import BotoCoreError, ClientError
from flask import Flask, Response, abort, current_app, make_response, redirect, render_template, request, url_for

from local import clock
from local.console.cloud_view import CloudView
from local.console.digests import with_short_digests
from local.console.emoji import mark
from local.console.endpoint import fragments as endpoint_fragments
from local.console.endpoint.view import EndpointView
from local.console.incident import fragments as incident_fragments
from local.console.incident.view import IncidentsView
from local.console.markup import mrkdwn_html, text_html
from local.console.pager import fragments as pager_fragments
from local.console.pager.view import PagerAway, PagerView, pager_id
from local.console.registering import Registering
from local.console.slack_view import Conversation, SlackAway, SlackView

_HOSTS = ("127.0.0.1", "localhost")
_POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"


def create_app(outputs: Mapping[str, str]) -> Flask:
    """The console over what `make local` wrote into its outputs."""
    app = Flask(__name__)
    app.config.update(
        OUTPUTS=outputs,
        SLACK=SlackView(outputs["slack_url"]),
        CLOUD=CloudView(outputs),
        ENDPOINTS=EndpointView(outputs),
        INCIDENTS=IncidentsView(outputs),
        PAGER=PagerView(outputs),
        REGISTERING=Registering(outputs),
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(mark=mark, clock=_clock, short_digests=with_short_digests)
    app.before_request(_only_this_machine)
    app.after_request(_harden)
    app.register_error_handler(SlackAway, _without_slack)
    app.add_url_rule("/", view_func=_page)
    app.add_url_rule("/fragments/<name>", view_func=_fragment)
    app.add_url_rule("/press", view_func=_press, methods=["POST"])
    app.add_url_rule("/modal", view_func=_submit, methods=["POST"])
    app.add_url_rule("/modal/close", view_func=_close, methods=["POST"])
    app.add_url_rule("/command", view_func=_command, methods=["POST"])
    app.add_url_rule("/pager", view_func=_pager)
    app.add_url_rule("/pager/respond", view_func=_respond, methods=["POST"])
    app.add_url_rule("/register", view_func=_register, methods=["POST"])
    return app


def _only_this_machine() -> None:
    # Other sites must not reach this port through the browser: not by name (DNS rebinding), not by a form (CSRF).
    if request.host.rpartition(":")[0] not in _HOSTS:
        abort(403)
    if request.method == "POST" and request.headers.get("HX-Request") != "true":
        abort(403)


def _harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def _without_slack(trouble: Exception) -> Response:
    return make_response(render_template("told.html", words=str(trouble), bad=True), 503)


def _slack() -> SlackView:
    view: SlackView = current_app.config["SLACK"]
    return view


def _who() -> tuple[str, str]:
    """The person that one is and the channel that one reads, the first of each if none is named.

    Whoever is not there is nobody: a misspelt name must not cast another person's vote.
    """
    users = [p["id"] for p in _slack().humans]
    user = request.values.get("as") or next((u for u in users if u != "U0ANNA"), users[0])
    if user not in users:
        abort(404, f"Nobody here is {user}. You can be {', '.join(users[:-1])} or {users[-1]}.")
    channels = [*_slack().directory["channels"], _dm(user)]
    channel = request.values.get("in", "")
    return user, channel if channel in channels else channels[0]


def _dm(user: str) -> str:
    return next(str(p["dm"]) for p in _slack().humans if p["id"] == user)


def _page() -> str:
    user, channel = _who()
    return render_template(
        "page.html",
        dm=_dm(user),
        outputs=current_app.config["OUTPUTS"],
        **_slack_parts(user, channel),
        **endpoint_fragments.chosen(),
    )


def _slack_parts(user: str, channel: str) -> dict[str, Any]:
    names = _slack().names
    return {
        "user": user,
        "channel": channel,
        "slack": _slack(),
        "names": names,
        "rich": lambda text: text_html(text, names),
        "mrkdwn": lambda text: mrkdwn_html(text, names),
    }


def _fragment(name: str) -> Response:
    """A part of the page, or 204 when the reader has it already: nothing is swapped, nothing flickers."""
    user, channel = _who()
    parts = _slack_parts(user, channel)
    if name in ("slack", "modal"):
        talk = _conversation(user, channel)
        html = render_template(f"{name}.html", talk=talk, **parts)
    elif name in ("releases", "ledger"):
        html = render_template(f"{name}.html", picture=current_app.config["CLOUD"].picture(), **parts)
    elif name in endpoint_fragments.NAMES:
        html = endpoint_fragments.html(name, **parts)
    elif name in incident_fragments.NAMES:
        html = incident_fragments.html(name, **parts)
    elif name in pager_fragments.NAMES:
        html = pager_fragments.html(name, **parts)
    elif name == "clock":
        html = render_template("clock.html", now=datetime.fromtimestamp(clock.now(), UTC), scale=clock.scale())
    else:
        abort(404)
    seen = hashlib.sha256(html.encode()).hexdigest()[:16]
    if request.args.get("seen") == seen:
        return make_response("", 204)
    return make_response(html.replace("SEEN", seen, 1))


def _conversation(user: str, channel: str) -> Conversation:
    try:
        return _slack().conversation(user, channel)
    except SlackAway:
        return Conversation([], None)


def _press() -> Response:
    user, channel = _who()
    return _acted(lambda: _slack().click(user, request.form["action_id"], channel, request.form["ts"]))


def _submit() -> Response:
    user, _ = _who()
    values = {k.removeprefix("input."): v for k, v in request.form.items() if k.startswith("input.")}
    return _acted(lambda: _slack().submit(user, values))


def _close() -> Response:
    user, _ = _who()
    return _acted(lambda: _slack().close(user))


def _command() -> Response:
    user, channel = _who()
    return _acted(lambda: _slack().command(user, channel, request.form["line"]))


def _pager() -> Any:
    user, channel = _who()
    return redirect(f"{url_for('_page')}?{urlencode({'as': user, 'in': channel, 'view': 'pager'})}")


def _respond() -> Response:
    user, _ = _who()
    pager: PagerView = current_app.config["PAGER"]
    return _acted(lambda: pager.respond(request.form["alert"], request.form["action"], pager_id(user)))


def _acted(act: Any) -> Response:
    try:
        act()
    except (SlackAway, PagerAway) as trouble:
        return _told(str(trouble), bad=True)
    return _told("")


def _register() -> Response:
    good = request.form.get("kind") == "good"
    try:
        arn = current_app.config["REGISTERING"].register(good=good)
    except (ClientError, BotoCoreError) as error:
        return _told(f"The registry refused: {error}", bad=True)
    return _told(f"Registered {arn.rpartition('model-package/')[2].replace('/', ' version ')} as Anna.")


def _told(words: str, *, bad: bool = False) -> Response:
    response = make_response(render_template("told.html", words=words, bad=bad))
    response.headers["HX-Trigger"] = "acted"
    return response


def _clock(moment: datetime) -> str:
    return moment.strftime("%H:%M:%S")
