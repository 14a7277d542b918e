"""States AttendIncident and AwaitWord of `incident`: call whoever is due, and keep the token of the wait."""

from typing import Any

from sluice import wiring
from sluice.model.codec import decode, encode
from sluice.telemetry import begin, logger
from sluice.usecases.incident.attend_incident import Attendance, Attending, AwaitedWord, attend_incident, await_word


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """With a token the machine waits, and nothing is answered; without one it hears what to do next."""
    begin(context)
    world = Attending(records=wiring.records(), tokens=wiring.tokens(), clock=wiring.clock())
    if "task_token" in event:
        await_word(decode(AwaitedWord, event), world)
        return {}
    attendance = decode(Attendance, event)
    attention = attend_incident(attendance, world)
    logger().info("incident_attended", subject=attendance.incident_id, route=attention.route, wait_s=attention.wait_s)
    answer: dict[str, Any] = encode(attention)
    return answer
