"""What served an endpoint, and when: how its history goes on with a promotion and with a return. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sluice.core.rollout.changes import Parts
from sluice.core.rollout.planned import planned_config
from sluice.model.endpoint import Change
from sluice.model.ids import EPOCH, Micros, SlackUserId
from sluice.model.production import KEPT, Condemned, ProductionRecord, Served
from sluice.model.rollback import Rollback, RollbackOutcome
from sluice.model.rollout import Rollout, WishKind

DAY = 24 * 3600 * 1_000_000
"""Microseconds of the window in which automatic rollbacks are counted."""


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
    return replace(before, served=_kept((*_ended(_with_what_served(before, parts), serving.since), found)))


def returned(before: ProductionRecord, rollback: Rollback) -> ProductionRecord:
    """The history once a rollback is over: what it says against the version that it was about, and the way it went."""
    served = before.served
    left, target = rollback.left, rollback.target
    if left is not None:
        served = tuple(_blamed(each, rollback) if each.config == left.config else each for each in served)
    if target is not None and rollback.returned_at and served and served[-1].since < rollback.returned_at:
        by = target.decided_by if rollback.demand is None else rollback.demand.person
        again = replace(target, since=rollback.returned_at, until=EPOCH, decided_by=by)
        if rollback.outcome is RollbackOutcome.NOT_RECOVERED:
            again = replace(again, condemned=_condemned(again, rollback))
        served = (*_ended(served, rollback.returned_at), again)
    return replace(before, served=_kept(served), returns=_returns(before.returns, rollback))


def served_at(production: ProductionRecord, at: Micros) -> Served | None:
    """What served at a moment, as far as that is remembered."""
    return next((each for each in reversed(production.served) if each.since <= at and not 0 < each.until <= at), None)


def ways_back(production: ProductionRecord, left: Served) -> tuple[Served, ...]:
    """Every other configuration that is remembered, the newest first and each once, as it served last."""
    newest: dict[str, Served] = {}
    for each in reversed(production.served):
        newest.setdefault(each.config, each)
    return tuple(each for each in newest.values() if each.config != left.config)


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
    return (*_ended(before.served, since), found)


def _ended(served: Iterable[Served], at: Micros) -> tuple[Served, ...]:
    return tuple(each if each.until else replace(each, until=at) for each in served)


def _blamed(served: Served, rollback: Rollback) -> Served:
    """What was raised speaks against the version that it was raised about, whatever was done about it."""
    return replace(served, condemned=_condemned(served, rollback), rejected=served.rejected or rollback.rejects)


def _condemned(served: Served, rollback: Rollback) -> tuple[Condemned, ...]:
    source = rollback.signal.source
    if any(each.source == source for each in served.condemned):
        return served.condemned
    return (*served.condemned, Condemned(source, rollback.signal.at))


def _returns(before: tuple[Micros, ...], rollback: Rollback) -> tuple[Micros, ...]:
    """The moments of automatic returns within a day; one that failed was one, too."""
    if rollback.demand is not None or not rollback.intended_at:
        return before
    return (*(at for at in before if at > rollback.intended_at - DAY), rollback.intended_at)


def _kept(served: tuple[Served, ...]) -> tuple[Served, ...]:
    """The newest ones; where there are too many, an earlier time of the same configuration goes first."""
    kept = list(served)
    while len(kept) > KEPT:
        configs = [each.config for each in kept]
        del kept[next((n for n, config in enumerate(configs) if config in configs[n + 1 :]), 0)]
    return tuple(kept)
