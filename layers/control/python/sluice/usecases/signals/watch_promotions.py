"""For the days that a policy says, a promoted version is compared with what served before it, by the same judge."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sluice.core.judge import judge
from sluice.core.judge.trial import HISTORY_MINUTES
from sluice.core.rollout.readings import Side, pin_queries, pinned, queries, readings
from sluice.core.signals.promotions import Span, cause_of, findings_of, is_watched, rule_of, spans_of
from sluice.errors import SluiceError
from sluice.model.codec import decode
from sluice.model.commit import Commit
from sluice.model.endpoint import EndpointOwner, EndpointRecord, endpoint_id
from sluice.model.ids import GroupName, Micros, RolloutId
from sluice.model.judging import Comparison, Judgement, JudgeRule, Verdict
from sluice.model.metric_query import MinuteValues
from sluice.model.production import ProductionRecord, Served
from sluice.model.promotion_watch import PromotionWatch
from sluice.model.response_rules import WatchRules
from sluice.model.rollout import Rollout
from sluice.model.rollout_rules import RolloutRules
from sluice.model.signal import Cause, Signal, SignalKind
from sluice.ports import Clock, Endpoints, Metrics, Records
from sluice.usecases.one_by_one import each
from sluice.usecases.policies import DefaultPolicy, policy_held
from sluice.usecases.remembering import Known, keep, recall
from sluice.usecases.rollout.reading import Window, read
from sluice.usecases.signals.raised import raised_on
from sluice.usecases.signals.taking import Take

_ALL = Micros(2**62)
_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class WatchingPromotions:
    """What comparing works with."""

    records: Records
    endpoints: Endpoints
    metrics: Metrics
    default_policy: DefaultPolicy
    take: Take
    clock: Clock
    region: str


@dataclass(frozen=True, slots=True)
class _Promotion:
    """A version that was promoted lately, with what the policy says of watching it."""

    owner: EndpointOwner
    rules: RolloutRules
    watch: WatchRules
    served: Served
    rollout: Rollout

    def is_of(self, watched: PromotionWatch) -> bool:
        """Whether it is the one that is watched already."""
        return (watched.rollout_id, watched.config) == (self.rollout.id, self.served.config)

    @property
    def side(self) -> Side:
        """Its metrics: before and after alike, since the production variant keeps its name."""
        return Side(self.owner.endpoint, self.rules.target.variant)


def watch_promotions(world: WatchingPromotions) -> int:
    """Look at every endpoint once; how often there was news. What cannot be looked at is raised at the end."""
    failures: list[SluiceError] = []
    owned = world.records.due(EndpointOwner.KIND, before=_ALL)
    news = each(owned, lambda stored: _looked_at(decode(EndpointOwner, stored.body), world), failures)
    if failures:
        raise failures[0]
    return news


def _looked_at(owner: EndpointOwner, world: WatchingPromotions) -> bool:
    record_id = endpoint_id(world.region, owner.endpoint)
    known = recall(world.records, PromotionWatch, record_id)
    held = recall(world.records, EndpointRecord, record_id)
    if held is not None and held.value.holder is not None:
        return False  # what serves is being changed: its minutes are of neither
    promotion = _promotion(owner, world)
    serves = known is not None and promotion is not None and promotion.is_of(known.value)
    news = known is not None and not serves and _over(owner, known.value, record_id, world)
    return (promotion is not None and _compared(promotion, known, world)) or news


def _promotion(owner: EndpointOwner, world: WatchingPromotions) -> _Promotion | None:
    policy = policy_held(world.records, GroupName(owner.group), world.default_policy).policy
    production = recall(world.records, ProductionRecord, endpoint_id(world.region, owner.endpoint))
    served = production.value.served[-1] if production is not None and production.value.served else None
    if served is None or served.until or policy.rollout is None or not policy.response.watch.compare:
        return None
    rollout = recall(world.records, Rollout, RolloutId(served.rollout_id)) if served.rollout_id else None
    watch = policy.response.watch
    if rollout is None or not is_watched(served, rollout.value, watch.for_s, world.clock.now()):
        return None
    return _Promotion(owner, policy.rollout, watch, served, rollout.value)


def _compared(promotion: _Promotion, known: Known[PromotionWatch] | None, world: WatchingPromotions) -> bool:
    now = world.clock.now()
    spans = spans_of(promotion.served.since, promotion.rollout.begun_at, now)
    if not spans:
        return False
    pins = _pins(promotion, known, world)
    rule = rule_of(promotion.rules.judge, promotion.watch.compare, spans[0].day)
    found = _judged(promotion, rule, spans, pins, world)
    return found is not None and _said(promotion, rule, *found, world)


def _judged(
    promotion: _Promotion,
    rule: JudgeRule,
    spans: tuple[Span, ...],
    pins: Mapping[str, float],
    world: WatchingPromotions,
) -> tuple[Judgement, Span] | None:
    """The verdict by the first span that there were requests before; None where there were none at all."""
    for span in spans:
        values = _read(promotion, span, pins, world.metrics)
        found = readings(promotion.watch.compare, values, comparison=Comparison.BEFORE_AFTER)
        if any(any(reading.baseline.requests) for reading in found.values()):
            return judge(rule, found), span
    return None


def _read(promotion: _Promotion, span: Span, pins: Mapping[str, float], metrics: Metrics) -> Mapping[str, MinuteValues]:
    sources, side, begun = promotion.watch.compare, promotion.side, promotion.rollout.begun_at
    history = Micros(begun - HISTORY_MINUTES * _MINUTE)
    return read(
        metrics,
        Window(queries(sources, side, "c", pins), span.start, span.end),
        Window(queries(sources, side, "b", pins), Micros(span.start - span.shift), Micros(span.end - span.shift)),
        Window(queries(sources, side, "h", pins), history, begun),
    )


def _pins(promotion: _Promotion, known: Known[PromotionWatch] | None, world: WatchingPromotions) -> Mapping[str, float]:
    """The limits of latency: those of the rollout, else taken once from the hours before it. They stay for good."""
    if known is not None and promotion.is_of(known.value):
        return known.value.pins
    pins = {name: float(limit) for name, limit in (promotion.rollout.pins or {}).items()}
    missing = pin_queries(promotion.watch.compare, promotion.side, pins)
    if missing:
        begun = promotion.rollout.begun_at
        learnt = Window(missing, Micros(begun - HISTORY_MINUTES * _MINUTE), begun)
        pins |= pinned(promotion.watch.compare, read(world.metrics, learnt))
    record_id = endpoint_id(world.region, promotion.owner.endpoint)
    fresh = PromotionWatch(promotion.rollout.id, promotion.served.config, pins)
    world.records.commit(Commit((keep(known, fresh, record_id),)), at=world.clock.now())
    return pins


def _said(promotion: _Promotion, rule: JudgeRule, judgement: Judgement, span: Span, world: WatchingPromotions) -> bool:
    """Only news: worse than the margin allows, or as it should be again. Undecided changes nothing."""
    owner, served = promotion.owner, promotion.served
    raised = _source(owner) in raised_on(owner.endpoint, world.region, world.records)
    if judgement.verdict is Verdict.ROLL_BACK and not raised:
        seen = world.endpoints.describe(owner.endpoint)
        if seen is None or not seen.settled or seen.config != served.config:
            return False
        told = f"Since version {served.version} was promoted: {judgement.sentence}"
        signal = _signal(owner, served.config, span.end, told, world.region)
        cause, findings = cause_of(judgement, rule), findings_of(judgement)
        world.take(replace(signal, raised=True, cause=cause, findings=findings))
        return True
    if judgement.verdict in (Verdict.ADVANCE, Verdict.PROMOTE) and raised:
        told = f"Version {served.version} is no worse than what served before it"
        world.take(_signal(owner, served.config, span.end, told, world.region))
        return True
    return False


def _over(owner: EndpointOwner, watched: PromotionWatch, record_id: str, world: WatchingPromotions) -> bool:
    """Nothing is compared any more: what was raised about a version that serves no more is cleared."""
    production = recall(world.records, ProductionRecord, record_id)
    served = production.value.served[-1].config if production is not None and production.value.served else ""
    if served == watched.config or _source(owner) not in raised_on(owner.endpoint, world.region, world.records):
        return False
    told = f"{watched.config} serves no more: nothing is compared with what served before"
    world.take(_signal(owner, watched.config, world.clock.now(), told, world.region))
    return True


def _source(owner: EndpointOwner) -> str:
    return f"watch/{owner.endpoint}"


def _signal(owner: EndpointOwner, config: str, at: Micros, told: str, region: str) -> Signal:
    """A clear, unless more is said."""
    return Signal(
        key=f"{_source(owner)}|{config}|{at}",
        source=_source(owner),
        kind=SignalKind.WATCH,
        cause=Cause.OTHER,
        raised=False,
        group=GroupName(owner.group),
        region=region,
        endpoint=owner.endpoint,
        at=at,
        summary=told,
        config=config,
    )
