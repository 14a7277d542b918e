"""What the ledger says of one rollout, in the order in which it happened: changes, looks, wishes, the end. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sluice.model.codec import decode
from sluice.model.entry_kinds import EntryKind
from sluice.model.judging import MetricVerdict
from sluice.model.ledger import LedgerRecord

_CHANGES = {
    "create_endpoint": ("created", "good"),
    "deploy_shadow": ("shadow", "calm"),
    "deploy_candidate": ("candidate in", "calm"),
    "deploy_guarded": ("update begun", "calm"),
    "complete_guarded": ("promoted", "good"),
    "promote": ("promoted", "good"),
    "withdraw_candidate": ("traffic off", "bad"),
    "restore": ("restored", "bad"),
}
_TAKES_OVER = ("promote", "create_endpoint")


@dataclass(frozen=True, slots=True)
class Marker:
    """Something that happened at one moment, in a word or two; `tone` is good, bad, wait or calm."""

    at_s: float
    label: str
    tone: str = "calm"


@dataclass(frozen=True, slots=True)
class LookSeen:
    """One look of the judge. `step` counts the decisions before it: evidence begins anew after each."""

    at_s: float
    number: int
    step: int
    verdict: str
    sentence: str
    route: str
    metrics: tuple[MetricVerdict, ...] = ()


@dataclass(frozen=True, slots=True)
class RolloutHistory:
    """One rollout as the ledger tells it. `takes_over_s` is when its version began to take the production name."""

    rollout_id: str
    version: int
    begun_s: float
    endpoint: str = ""
    ended_s: float | None = None
    outcome: str = ""
    because: str = ""
    takes_over_s: float | None = None
    markers: tuple[Marker, ...] = ()
    looks: tuple[LookSeen, ...] = ()
    checks: Mapping[str, Sequence[str]] = field(default_factory=dict)


def histories(records: Iterable[LedgerRecord]) -> list[RolloutHistory]:
    """Every rollout of some chains, the newest first."""
    by_rollout: dict[str, list[tuple[LedgerRecord, Mapping[str, Any]]]] = {}
    for record in sorted(records, key=lambda r: (r.at, r.seq)):
        body = _object(record.body)
        if isinstance(body.get("rollout_id"), str):
            by_rollout.setdefault(body["rollout_id"], []).append((record, body))
    found = [_history(rollout_id, told) for rollout_id, told in by_rollout.items()]
    return sorted(found, key=lambda h: h.begun_s, reverse=True)


def _history(rollout_id: str, told: Sequence[tuple[LedgerRecord, Mapping[str, Any]]]) -> RolloutHistory:
    kinds = [record.kind for record, _ in told]
    finished = told[kinds.index(EntryKind.ROLLOUT_FINISHED)] if EntryKind.ROLLOUT_FINISHED in kinds else None
    package = next((str(b["package_arn"]) for _, b in told if b.get("package_arn")), "")
    begun = next((r.at for r, _ in told if r.kind == EntryKind.ENDPOINT_LOCKED), told[0][0].at)
    version = package.rpartition("/")[2]
    return RolloutHistory(
        rollout_id=rollout_id,
        version=int(version) if version.isdigit() else 0,
        begun_s=begun / 1_000_000,
        endpoint=next((str(b["endpoint"]) for _, b in told if b.get("endpoint")), ""),
        ended_s=finished[0].at / 1_000_000 if finished else None,
        outcome=str(finished[1].get("outcome", "")) if finished else "",
        because=str(finished[1].get("because", "")) if finished else "",
        takes_over_s=_takes_over(told),
        markers=_markers(told),
        looks=_looks(told),
        checks=next((_checks(b) for r, b in told if r.kind == EntryKind.PREFLIGHT_CHECKED), {}),
    )


def _takes_over(told: Sequence[tuple[LedgerRecord, Mapping[str, Any]]]) -> float | None:
    return next(
        (r.at / 1e6 for r, b in told if r.kind == EntryKind.CHANGE_INTENDED and b.get("change") in _TAKES_OVER), None
    )


def _markers(told: Sequence[tuple[LedgerRecord, Mapping[str, Any]]]) -> tuple[Marker, ...]:
    weights = {b.get("effect"): b.get("weights") for r, b in told if r.kind == EntryKind.CHANGE_INTENDED}
    found = [_marker(r.kind, b, r.at / 1e6, weights) for r, b in told]
    return tuple(marker for marker in found if marker is not None)


def _marker(kind: str, body: Mapping[str, Any], at_s: float, weights: Mapping[Any, Any]) -> Marker | None:
    change = str(body.get("change", ""))
    match kind:
        case EntryKind.CHANGE_DONE if change == "shift_traffic":
            return Marker(at_s, _share(weights.get(body.get("effect"))), "calm")
        case EntryKind.CHANGE_DONE:
            return Marker(at_s, *_CHANGES.get(change, (change.replace("_", " "), "calm")))
        case EntryKind.CHANGE_FAILED:
            return Marker(at_s, "change failed", "bad")
        case EntryKind.ROLLOUT_ASKED:
            return Marker(at_s, f"{body.get('name', '')}: {str(body.get('asked', '')).replace('_', ' ')}", "wait")
        case EntryKind.APPROVAL_WITHDRAWN:
            return Marker(at_s, "approval withdrawn", "bad")
        case _:
            return None


def _share(weights: Any) -> str:
    if not isinstance(weights, Mapping) or not sum(weights.values()):
        return "traffic moved"
    return f"{100 * weights.get('candidate', 0) / sum(weights.values()):.3g} %"


def _looks(told: Sequence[tuple[LedgerRecord, Mapping[str, Any]]]) -> tuple[LookSeen, ...]:
    found: list[LookSeen] = []
    step = 0
    for record, body in told:
        judged = body.get("judgement")
        if record.kind != EntryKind.CANARY_JUDGED or not isinstance(judged, Mapping):
            continue
        route = str(body.get("route", ""))
        metrics = tuple(decode(MetricVerdict, metric) for metric in judged.get("metrics", ()))
        found.append(
            LookSeen(
                at_s=record.at / 1e6,
                number=int(judged.get("number", 0)),
                step=step,
                verdict=str(judged.get("verdict", "")),
                sentence=str(judged.get("sentence", "")),
                route=route,
                metrics=metrics,
            )
        )
        step += bool(route) and route != "again"
    return tuple(found)


def _checks(body: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    """Pre-flight: by name what was found (passed, failed, unknown) and in which words."""
    return {n: v for n, v in body.items() if isinstance(v, list) and len(v) == 2}


def _object(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
