"""How the history of an endpoint goes on with a rollback: which way it went, and what it says of a version. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from sluice.core.rollback.ways import DAY
from sluice.model.ids import EPOCH, Micros
from sluice.model.production import KEPT, Condemned, ProductionRecord, Served
from sluice.model.rollback import Rollback, RollbackOutcome


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
        served = (*closed(served, rollback.returned_at), again)
    return replace(before, served=kept(served), returns=_returns(before.returns, rollback))


def closed(served: Iterable[Served], at: Micros) -> tuple[Served, ...]:
    """The same, where whatever still served does so until a moment."""
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


def kept(served: tuple[Served, ...]) -> tuple[Served, ...]:
    """The newest ones; where there are too many, an earlier time of the same configuration goes first."""
    kept = list(served)
    while len(kept) > KEPT:
        configs = [each.config for each in kept]
        del kept[next((n for n, config in enumerate(configs) if config in configs[n + 1 :]), 0)]
    return tuple(kept)
