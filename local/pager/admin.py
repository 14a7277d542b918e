"""What the console and tests in other processes may do at the local PagerDuty, as JSON. Not a part of PagerDuty."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from local.pager.events import Alert, NothingToDo, Pager
from local.pager.people import RESPONDERS, responder
from local.pager.webhooks import Webhooks

type Arguments = Mapping[str, Any]


class Admin:
    """Answers `/_admin/NAME`: what is there, what a person can do, and what can go wrong."""

    def __init__(self, pager: Pager, webhooks: Webhooks) -> None:
        self._pager, self._webhooks = pager, webhooks
        self._routes: dict[str, Callable[[Arguments], dict[str, Any]]] = {
            "acknowledge": lambda a: self._respond("acknowledge", a),
            "connect": self._connect,
            "events": self._events,
            "faults": self._set_faults,
            "resolve": lambda a: self._respond("resolve", a),
        }

    def serve(self, path: str, arguments: Arguments) -> tuple[int, dict[str, Any]]:
        """Run one request; a missing field, or something that no person could do, is 400."""
        route = self._routes.get(path.removeprefix("/_admin/"))
        if route is None:
            return 404, {"error": "no such page"}
        try:
            return 200, route(arguments)
        except (KeyError, ValueError, NothingToDo) as error:
            return 400, {"error": f"{type(error).__name__}: {error}"}

    def _events(self, _: Arguments) -> dict[str, Any]:
        sent = [{"event_type": s.event_type, "incident": s.incident, "status": s.status} for s in self._webhooks.sent]
        return {
            "received": self._pager.received,
            "alerts": [_shown(alert) for alert in self._pager.alerts],
            "people": [asdict(r) for r in RESPONDERS],
            "webhooks": sent,
        }

    def _respond(self, action: str, arguments: Arguments) -> dict[str, Any]:
        return _shown(self._pager.respond(arguments["alert"], action, responder(arguments["person"])))

    def _connect(self, arguments: Arguments) -> dict[str, Any]:
        self._webhooks.connect(arguments["url"])
        return {}

    def _set_faults(self, arguments: Arguments) -> dict[str, Any]:
        faults = self._pager.faults
        if arguments.get("clear"):
            faults.clear()
        if "down_for_s" in arguments:
            faults.go_down(float(arguments["down_for_s"]), unreachable=bool(arguments.get("unreachable")))
        if "busy_for_s" in arguments:
            faults.throttle(float(arguments["busy_for_s"]), says_how_long=bool(arguments.get("says_how_long", True)))
        if "lose" in arguments:
            faults.lose(int(arguments["lose"]))
        return {"down": faults.is_down or faults.is_unreachable, "wait_s": faults.wait_s}


def _shown(alert: Alert) -> dict[str, Any]:
    return asdict(alert) | {"id": alert.id}
