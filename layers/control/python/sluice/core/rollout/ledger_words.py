"""A rollout's ledger records in words. Each reads what it knows and leaves out what another writer did not say."""

from collections.abc import Mapping
from typing import Any, Final

from sluice.core.figures import figure, three_digits
from sluice.core.ledger_parts import Body, person, reason

_CHANGES: Final = {
    "create_endpoint": "make the endpoint",
    "deploy_shadow": "deploy a shadow",
    "deploy_candidate": "deploy the candidate",
    "shift_traffic": "move traffic",
    "deploy_guarded": "have SageMaker update it",
    "complete_guarded": "complete SageMaker's update",
    "promote": "promote",
    "withdraw_candidate": "take the candidate's traffic away",
    "restore": "restore what served before",
}
_ROUTES: Final = {
    "shift": "on to the next step",
    "candidate": "on to the first step",
    "guarded": "SageMaker may update",
    "promote": "promote",
    "complete": "complete",
    "return": "take back",
    "conclude": "conclude",
}
_WISHES: Final = {
    "pause": "pause it",
    "go_on": "let it go on",
    "advance": "go on to what comes next",
    "promote_now": "promote it now",
    "roll_back": "take it back",
    "try_again": "try it again",
}
_PLACES: Final = {
    "shadow": " in the shadow",
    "guarded": " in SageMaker's update",
    "watching": " at others' deployment",
    "shifting": " while traffic was moved",
    "promoting": " during the promotion",
}
_VERDICTS: Final = {
    "roll_back": "worse",
    "extend": "too little data",
    "continue": "undecided",
    "advance": "good enough",
    "promote": "good enough",
}
"""In the order in which a person wants to read them."""
_DECIDED: Final = ("advance", "promote")
_MEANS: Final = ("kpi_mean", "quality")


def locked(body: Body) -> str:
    """A rollout has the endpoint to itself."""
    return f"endpoint {body.get('endpoint')} in {body.get('region')} locked, fence {body.get('fence')}"


def preflight_checked(body: Body) -> str:
    """How many checks passed, and what the others say."""
    checks = {name: found for name, found in body.items() if isinstance(found, list)}
    open_ones = sorted((i for i in checks.items() if i[1][0] != "passed"), key=lambda i: i[1][0] != "failed")
    others = [f"{name} {_of(found)}" for name, found in open_ones]
    return "; ".join([f"pre-flight: {len(checks) - len(others)} of {len(checks)} checks passed", *others])


def change_intended(body: Body) -> str:
    """What is about to be done to the endpoint."""
    parts = [f"about to {_change(body)}", *_shares(body.get("weights") or {}), *_instances(body.get("counts") or {})]
    before, after = body.get("from"), body.get("to")
    if after and after != before:
        parts.append(f"from configuration {before} to {after}" if before else f"configuration {after}")
    return ", ".join(parts)


def change_done(body: Body) -> str:
    """What was done, and how the endpoint is now."""
    now = f": configuration {body['config']} is {body.get('status')}" if body.get("config") else ""
    return f"done: {_change(body)}{now}"


def change_failed(body: Body) -> str:
    """What was not done, and why."""
    return f"not done: {_change(body)}{reason(body)}"


def approval_withdrawn(body: Body) -> str:
    """What was not done, since the approval is gone."""
    return f"approval withdrawn, not done: {_change(body)}{reason(body)}"


def deployment_observed(body: Body) -> str:
    """Others have changed the endpoint."""
    return f"others deployed configuration {body.get('config')} on {body.get('endpoint')}"


def asked(body: Body) -> str:
    """What somebody asked of a rollout, and why."""
    return f"{person(body)} {_wish(body)}{_place(body)}{reason(body)}"


def ask_refused(body: Body) -> str:
    """What somebody asked of a rollout, and why it was not done."""
    return f"{person(body)} {_wish(body)}{_place(body)}, refused{reason(body, 'why')}"


def canary_judged(body: Body) -> str:
    """A look: of how many minutes, what was found by metric, and what follows."""
    seen = body.get("judgement") or {}
    minutes = f", minute {seen['minutes']}" if seen.get("minutes") else ""
    head = (
        f"look {body.get('look')}{_place(body)}{minutes}: {_VERDICTS.get(str(seen.get('verdict')), 'nothing judged')}"
    )
    ranked = sorted(seen.get("metrics") or (), key=lambda m: list(_VERDICTS).index(m.get("verdict")))
    kinds = body.get("kinds") or {}
    parts = [head, *(_metric(metric, kinds.get(metric.get("name"))) for metric in ranked)]
    if body.get("alarms_gone"):
        parts.append(f"alarms gone: {', '.join(map(str, body['alarms_gone']))}")
    route, asked = _ROUTES.get(body.get("route") or ""), body.get("asked")
    if route:
        parts.append(f"{route}{'' if body.get('reason') == seen.get('sentence') else reason(body)}")
    elif asked:
        parts.append(f"people are asked to {str(asked).replace('_', ' ')}")
    return "; ".join(parts)


def _wish(body: Body) -> str:
    wish = str(body.get("asked"))
    return f"asked to {_WISHES.get(wish, wish)}"


def _place(body: Body) -> str:
    if body.get("phase") == "step":
        return f" in step {int(body.get('step') or 0) + 1}"
    return _PLACES.get(str(body.get("phase")), "")


def _metric(metric: Body, kind: str | None) -> str:
    verdict = metric.get("verdict")
    told = f"{metric.get('name')} {_VERDICTS.get(str(verdict))}"
    if verdict in _DECIDED:
        return told
    evidence = f"evidence {_told(metric.get('evidence'))} of {_told(metric.get('threshold'))}"
    return ", ".join([told, *_effect(metric.get("effect"), kind), evidence])


def _effect(effect: float | None, kind: str | None) -> list[str]:
    """A ratio or a difference; which of the two only the metric's kind tells."""
    if effect is None or kind is None:
        return []
    return [f"{effect:+.3g} on average" if kind in _MEANS else f"{_told(effect)} times the baseline"]


def _change(body: Body) -> str:
    change = str(body.get("change"))
    return f"{_CHANGES.get(change, change)} (change {body.get('effect')})"


def _shares(weights: Mapping[str, float]) -> list[str]:
    total = sum(weights.values())
    return [f"{name} {figure(100 * weight / total, 3)} %" for name, weight in weights.items()] if total else []


def _instances(counts: Mapping[str, int]) -> list[str]:
    return [f"{name} {count} instance{'' if count == 1 else 's'}" for name, count in counts.items()]


def _of(found: list[Any]) -> str:
    return ": ".join(map(str, found))


def _told(value: float | None) -> str:
    return "unknown" if value is None else three_digits(value)
