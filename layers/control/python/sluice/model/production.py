"""What has served production on one endpoint: the ways back, and how often they were taken."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sluice.model.endpoint import EndpointConfig, endpoint_id
from sluice.model.ids import EPOCH, Micros, SlackUserId

KEPT = 5
"""How many versions are remembered with all that it takes to make them serve again."""


@dataclass(frozen=True, slots=True)
class Condemned:
    """A source of signals that was raised while a version served: going back to that version would not help."""

    source: str
    at: Micros


@dataclass(frozen=True, slots=True)
class Served:
    """A configuration that served all traffic. `package_arn` is empty if others put it there: nobody approved it here.

    `document` is the configuration in the shape of CreateEndpointConfig, `settings` those of its model
    (`Endpoints.model_settings`), `images` what ran, by digest: with these it can be made again when it was deleted.
    `decided_by` is the person who put it there against the judge or by a rollback of their own: automation does not go
    behind it. `until` is when it was replaced, 0 while it serves. `rejected` says that its package is no way back.
    """

    config: str
    package_arn: str
    version: int
    since: Micros
    until: Micros = EPOCH
    rollout_id: str = ""
    release_id: str = ""
    decided_by: SlackUserId | None = None
    document: EndpointConfig | None = None
    model: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    images: tuple[str, ...] = ()
    condemned: tuple[Condemned, ...] = ()
    rejected: bool = False


@dataclass(frozen=True, slots=True)
class ProductionRecord:
    """What served one endpoint (record kind `production`, id = `REGION/lower-case name`), the newest last.

    `returns` are the moments of automatic rollbacks within the last day. Apart from `EndpointRecord`, which every step
    of a change writes: this one is written when production changes.
    """

    KIND: ClassVar[str] = "production"

    region: str
    endpoint: str
    group: str
    served: tuple[Served, ...] = ()
    returns: tuple[Micros, ...] = ()

    @property
    def id(self) -> str:
        """The id of its record."""
        return endpoint_id(self.region, self.endpoint)

    def serving(self, config: str) -> Served | None:
        """What is remembered of a configuration, the newest time that it served."""
        return next((each for each in reversed(self.served) if each.config == config), None)
