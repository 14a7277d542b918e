"""What a look sees beside the metrics. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from sluice.model.endpoint import EndpointSeen
from sluice.model.ids import Micros


@dataclass(frozen=True, slots=True)
class Sight:
    """What a look sees beside the metrics.

    `broken_pledge` is why the package is no longer what people approved, `alarms` are the team's that are in ALARM,
    `gone` those that do not exist any more: what does not exist is not quiet, and nothing goes on without it.
    `superseded_by` names a newer version that may take this one's place. `unseen` is what could not be read of all
    that: nothing goes on before it can be.
    """

    seen: EndpointSeen | None
    now: Micros
    broken_pledge: str = ""
    alarms: frozenset[str] = frozenset()
    gone: tuple[str, ...] = ()
    superseded_by: str = ""
    unseen: str = ""

    @property
    def blind(self) -> str:
        """Why nothing can go on now, whatever the judge says; empty where it can."""
        return f"{self.unseen} {alarms_gone(self.gone)}".strip()


def alarms_gone(names: Sequence[str]) -> str:
    """What is to be said of alarms of the policy that do not exist; nothing where all do."""
    if not names:
        return ""
    which = f"alarm {names[0]} is" if len(names) == 1 else f"alarms {', '.join(names)} are"
    return f"The {which} gone, though the policy names {'it' if len(names) == 1 else 'them'}."
