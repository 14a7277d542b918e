"""How the history of an endpoint goes on with a promotion. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sluice.core.rollback.history import closed, kept
from sluice.core.rollout.changes import Parts
from sluice.core.rollout.planned import planned_config
from sluice.model.endpoint import Change
from sluice.model.ids import EPOCH, Micros, SlackUserId
from sluice.model.production import ProductionRecord, Served
from sluice.model.rollout import Rollout, WishKind


@dataclass(frozen=True, slots=True)
class Serving:
    """How a promoted version serves: since when it does so alone, what runs, and the settings of its model."""

    since: Micros
    images: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


def promoted(before: ProductionRecord, rollout: Rollout, serving: Serving) -> ProductionRecord:
    """The history once a rollout's version serves alone; what served before Sluice is kept without a package."""
    parts, request = Parts.of(rollout), rollout.request
    found = Served(
        config=rollout.final_config,
        package_arn=request.package_arn,
        version=request.version,
        since=serving.since,
        rollout_id=request.rollout_id,
        release_id=request.release_id,
        decided_by=_promoter(rollout),
        document=planned_config(Change.PROMOTE, parts),
        model=rollout.model,
        settings=serving.settings,
        images=serving.images,
    )
    return replace(before, served=kept((*closed(_with_what_served(before, parts), serving.since), found)))


def _promoter(rollout: Rollout) -> SlackUserId | None:
    """Who put it there against the judge."""
    heard = rollout.heard
    return heard.person if heard is not None and heard.kind is WishKind.PROMOTE_NOW else None


def _with_what_served(before: ProductionRecord, parts: Parts) -> tuple[Served, ...]:
    """What is remembered, and what others put there since."""
    config = parts.snapshot.config
    newest = before.served[-1].config if before.served else ""
    if config is None or newest == parts.serving:
        return before.served
    since = parts.rollout.begun_at if before.served else EPOCH
    theirs = Served(parts.serving, "", 0, since, document=config, model=parts.serving_model)
    known = before.serving(parts.serving)
    found = theirs if known is None else replace(known, since=since, until=EPOCH)
    return (*closed(before.served, since), found)
