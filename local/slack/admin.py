"""What the console and tests in other processes may do here, as JSON. Not a part of Slack."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from local.slack.acting import NothingToPress, People, Submission
from local.slack.faults import Down, Faults
from local.slack.interactions import AppConnection, Delivery
from local.slack.people import CHANNELS
from local.slack.workspace import ApiError, Workspace, as_json

type Arguments = Mapping[str, Any]
type Answer = tuple[int, dict[str, Any]]


class Admin:
    """Answers `/_admin/NAME`: the state as one person sees it, and everything that a person can do."""

    def __init__(self, state: Workspace, faults: Faults, app: AppConnection, people: People) -> None:
        self._state, self._faults, self._app, self._people = state, faults, app, people
        self._routes: dict[str, Callable[[Arguments], dict[str, Any]]] = {
            "click": self._click,
            "close": self._close,
            "command": self._command,
            "connect": self._connect,
            "faults": self._set_faults,
            "people": self._list_people,
            "reset": self._reset,
            "submit": self._submit,
            "view": self._view,
        }

    def serve(self, path: str, query: Arguments, body: Arguments) -> Answer:
        """Run one request; a missing field, or something that no person could do, is 400."""
        route = self._routes.get(path.removeprefix("/_admin/"))
        if route is None:
            return 404, {"error": "no such page"}
        try:
            return 200, route({**query, **body})
        except (KeyError, ValueError, ApiError, NothingToPress) as error:
            return 400, {"error": f"{type(error).__name__}: {error}"}

    def _view(self, arguments: Arguments) -> dict[str, Any]:
        user, channel = arguments["user"], arguments["channel"]
        modal = self._state.modal(user)
        said = [e for e in self._state.ephemerals(user) if e.channel == self._state.channel(channel)]
        return {
            "version": self._state.version,
            "messages": [as_json(m) for m in self._state.messages(channel)],
            "ephemerals": [asdict(e) for e in said],
            "modal": asdict(modal) if modal else None,
        }

    def _list_people(self, arguments: Arguments) -> dict[str, Any]:
        del arguments
        groups = {group: name for group, (name, _) in self._state.user_groups.items()}
        people = [asdict(p) | {"dm": p.direct_messages} for p in self._state.people.values()]
        return {"people": people, "channels": CHANNELS, "user_groups": groups}

    def _click(self, arguments: Arguments) -> dict[str, Any]:
        user, action, channel, ts = (str(arguments[n]) for n in ("user", "action_id", "channel", "ts"))
        return _delivered(self._people.click(user, action, channel, ts))

    def _submit(self, arguments: Arguments) -> dict[str, Any]:
        submission: Submission = self._people.submit_modal(arguments["user"], arguments["values"])
        delivered = _delivered(submission.delivery) if submission.delivery else {}
        return {"errors": dict(submission.errors), **delivered}

    def _close(self, arguments: Arguments) -> dict[str, Any]:
        self._people.close_modal(arguments["user"])
        return {}

    def _command(self, arguments: Arguments) -> dict[str, Any]:
        user, command, text = arguments["user"], arguments["command"], arguments.get("text", "")
        return _delivered(self._people.command(user, command, text, arguments["channel"]))

    def _connect(self, arguments: Arguments) -> dict[str, Any]:
        self._app.connect(arguments["interactions_url"], arguments["commands_url"])
        return {}

    def _set_faults(self, arguments: Arguments) -> dict[str, Any]:
        if arguments.get("clear"):
            self._faults.clear()
        if "down_for_s" in arguments:
            self._faults.go_down(float(arguments["down_for_s"]), Down(arguments.get("how", Down.UNAVAILABLE)))
        self._faults.limits_rate = bool(arguments.get("rate_limit", self._faults.limits_rate))
        self._faults.delay_s = float(arguments.get("delay_s", self._faults.delay_s))
        down = self._faults.down().value
        return {"down": down, "rate_limit": self._faults.limits_rate, "delay_s": self._faults.delay_s}

    def _reset(self, arguments: Arguments) -> dict[str, Any]:
        del arguments
        self._state.clear()
        self._faults.clear()
        return {}


def _delivered(delivery: Delivery) -> dict[str, Any]:
    return {"status": delivery.status, "took_s": round(delivery.took_s, 3), "shown": delivery.shown}
