"""One endpoint for the page: read over the ordinary APIs, drawn on the server."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from botocore.exceptions import BotoCoreError, ClientError
from markupsafe import Markup

from local import clock
from local.console.endpoint.axes import Window
from local.console.endpoint.evidence_chart import evidence_chart
from local.console.endpoint.figure_chart import figure_chart
from local.console.endpoint.figures import figures
from local.console.endpoint.history import RolloutHistory, histories
from local.console.endpoint.lanes import shares
from local.console.endpoint.measured import DEFAULT_SOURCES, Measured, Sides, measure
from local.console.endpoint.now import EndpointNow, EndpointReader
from local.console.endpoint.traffic_chart import traffic_chart
from local.identities import Identities
from sluice.adapters.metrics import CloudWatchMetrics
from sluice.adapters.records import DynamoRecords
from sluice.core.rollout.readings import Side
from sluice.errors import SluiceError
from sluice.model.endpoint import EndpointRecord, endpoint_id
from sluice.model.ledger import LedgerRecord
from sluice.model.rollout import Rollout
from sluice.model.rollout_rules import Strategy
from sluice.usecases.remembering import recall

_FRESH_S = 1.5
_BEFORE_S, _AFTER_S = 900, 900
_QUIET_S = 3600
_LONGEST_S = 8 * 3600
_SETTLE_S = 120
"""Seconds until a minute of CloudWatch is drawn: before that it is incomplete, and would look like a dip."""


@dataclass(frozen=True)
class Chart:
    """A drawing with its heading."""

    title: str
    drawing: Markup


@dataclass(frozen=True)
class EndpointPicture:
    """Everything that the view shows of an endpoint at one moment."""

    name: str
    now: EndpointNow | None = None
    hold: str = ""
    rollouts: list[RolloutHistory] = field(default_factory=list)
    shown: RolloutHistory | None = None
    record: Rollout | None = None
    charts: list[Chart] = field(default_factory=list)
    trouble: str = ""


class EndpointView:
    """Reads an endpoint at most every one and a half seconds, however many pages look."""

    def __init__(self, outputs: Mapping[str, str]) -> None:
        self._outputs = outputs
        identities = Identities(outputs["aws_endpoint_url"], outputs["region"])
        self._reader = EndpointReader(identities.root("sagemaker"))
        self._metrics = CloudWatchMetrics(identities.root("cloudwatch"))
        self._dynamodb = identities.root("dynamodb")
        self._lock = threading.Lock()
        self._pictures: dict[tuple[str, str], tuple[float, EndpointPicture]] = {}
        self._names: tuple[float, list[str]] = (0.0, [])

    def names(self) -> list[str]:
        """Every endpoint; none while the cloud does not answer."""
        with self._lock:
            if time.monotonic() - self._names[0] > _FRESH_S:
                try:
                    self._names = (time.monotonic(), self._reader.names())
                except (ClientError, BotoCoreError):
                    return []
            return self._names[1]

    def picture(self, name: str, rollout_id: str, chains: Mapping[str, Sequence[LedgerRecord]]) -> EndpointPicture:
        """The endpoint with one of its rollouts; without an id, or with an unknown one, the newest."""
        with self._lock:
            taken = self._pictures.get((name, rollout_id))
            if taken is None or time.monotonic() - taken[0] > _FRESH_S:
                taken = (time.monotonic(), self._taken(name, rollout_id, chains))
                self._pictures = {key: t for key, t in self._pictures.items() if taken[0] - t[0] < 60}
                self._pictures[name, rollout_id] = taken
            return taken[1]

    def _taken(self, name: str, rollout_id: str, chains: Mapping[str, Sequence[LedgerRecord]]) -> EndpointPicture:
        try:
            told = histories(r for chain in chains.values() for r in chain)
            mine = [h for h in told if h.endpoint.lower() == name.lower()]
            shown = next((h for h in mine if h.rollout_id == rollout_id), mine[0] if mine else None)
            return self._read(name, mine, shown)
        except (ClientError, BotoCoreError, SluiceError) as error:
            return EndpointPicture(name, trouble=f"{type(error).__name__}: {error}")

    def _read(self, name: str, mine: list[RolloutHistory], shown: RolloutHistory | None) -> EndpointPicture:
        record = self._recalled(Rollout, shown.rollout_id) if shown else None
        kept = self._recalled(EndpointRecord, endpoint_id(self._outputs["region"], name))
        now = self._reader.now(name)
        charts = self._charts(now, mine, shown, record) if now else []
        return EndpointPicture(name, now, kept.hold if kept else "", mine, shown, record, charts)

    def _recalled[T](self, kind: type[T], record_id: str) -> T | None:
        names = ("ControlTableName", "LedgerTableName", "OutboxTableName")
        if not all(name in self._outputs for name in names):
            return None
        records = DynamoRecords(self._dynamodb, *(self._outputs[name] for name in names))
        known = recall(records, kind, record_id)
        return known.value if known else None

    def _charts(
        self, now: EndpointNow, mine: Sequence[RolloutHistory], shown: RolloutHistory | None, record: Rollout | None
    ) -> list[Chart]:
        window = window_of(shown, clock.now(), mine)
        sources = record.rules.sources if record and record.rules and record.rules.sources else DEFAULT_SOURCES
        sides = _sides(now, shown, record)
        measured = measure(self._metrics, window, sources, sides, settled_s=clock.now() - _SETTLE_S)
        return draw(window, shown, record, measured)


def draw(window: Window, shown: RolloutHistory | None, record: Rollout | None, measured: Measured) -> list[Chart]:
    """The charts of a rollout, one below the other on the same minutes."""
    new, before = (f"v{shown.version}" if shown else ""), _before(record, shown)
    markers = shown.markers if shown else ()
    split = traffic_chart(window, shares(measured.requests), markers, before=before, new=new)
    rules = record.rules.judge.metrics if record and record.rules else ()
    sources = record.rules.sources if record and record.rules and record.rules.sources else DEFAULT_SOURCES
    drawn = [
        Chart(f.title, figure_chart(window, f, markers, before=before, new=new))
        for f in figures(measured, sources, rules, (record.pins if record else None) or {})
    ]
    evidence = []
    if shown and any(look.metrics for look in shown.looks):
        title = "Judge's evidence against the new version, at each look"
        evidence = [Chart(title, evidence_chart(window, shown.looks, markers))]
    return [Chart("Share of the traffic, with what was done", split), *drawn, *evidence]


def window_of(shown: RolloutHistory | None, now_s: float, all_of_it: Sequence[RolloutHistory] = ()) -> Window:
    """A quarter of an hour around a rollout, but nothing of its neighbours; without one the last hour."""
    now = int(now_s) // 60 * 60 + 60
    if shown is None:
        return Window(now - _QUIET_S, _QUIET_S // 60)
    sooner = max((h.ended_s or 0.0 for h in all_of_it if h.begun_s < shown.begun_s), default=0.0)
    later = min((h.begun_s for h in all_of_it if h.begun_s > shown.begun_s), default=now_s)
    end = now if shown.ended_s is None else min(now, int(min(shown.ended_s + _AFTER_S, later)) // 60 * 60)
    start = int(max(shown.begun_s - _BEFORE_S, sooner, end - _LONGEST_S)) // 60 * 60
    return Window(start, max(5, (end - start) // 60))


def _sides(now: EndpointNow, shown: RolloutHistory | None, record: Rollout | None) -> Sides:
    rules = record.rules if record else None
    variant = rules.target.variant if rules else next((v.name for v in now.variants), "AllTraffic")
    sides = Sides.beside(now.name, variant, shown.takes_over_s if shown else None)
    if record and rules and rules.strategy is Strategy.GUARDRAILS and record.final_config:
        # SageMaker moves the traffic between two fleets of one variant: only the configuration tells them apart.
        return replace(sides, candidate=Side(now.name, variant, record.final_config))
    return sides


def _before(record: Rollout | None, shown: RolloutHistory | None) -> str:
    good = record.snapshot.good if record and record.snapshot else None
    if good is not None and good.version:
        return f"v{good.version}"
    return "before" if shown else "all"
