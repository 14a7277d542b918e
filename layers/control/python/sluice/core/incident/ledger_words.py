"""The ledger records of incidents and rollbacks in words. Each reads what it knows and leaves out what is not said."""

from typing import Final

from sluice.core.incident.words import finding
from sluice.core.ledger_parts import Body, reason
from sluice.model.signal import Finding

_DECISIONS: Final = {
    "roll_back": "to go back",
    "hand_over": "to leave it to the rollout under way",
    "retrain": "to train anew",
    "ask": "to ask a person",
    "record": "to record it only",
    "hold": "to leave production as it is, and to let no rollout begin",
}
_OUTCOMES: Final = {
    "recovered": "it serves well again",
    "returned": "what served before serves again",
    "not_recovered": "what served before serves again, and it did not help",
    "handed_over": "the rollout under way took it over",
    "retraining": "a pipeline trains anew",
    "asked": "a person was asked",
    "recorded": "it was recorded only",
    "not_needed": "there was no need of it",
    "held": "nothing could be done safely: on hold",
}
_PRESSES: Final = {
    "acknowledge": "acknowledge it",
    "resolve": "resolve it",
    "roll_back": "take production back",
    "clear_hold": "clear the hold",
}


def opened(body: Body) -> str:
    """It begins: what a source said first."""
    return f"incident opened ({body.get('severity')}): {_source(body)}"


def reopened(body: Body) -> str:
    """It is back."""
    return f"incident opened again ({body.get('severity')}): {_source(body)}"


def joined(body: Body) -> str:
    """One more source, or one more time."""
    return f"raised: {_source(body)}"


def cleared(body: Body) -> str:
    """A source is content again."""
    return f"cleared: {_source(body)}"


def severity_raised(body: Body) -> str:
    """It got worse, by a signal or by the end of a rollback."""
    before = f" from {body['from']}" if body.get("from") else ""
    why = body.get("because") or _by(body)
    return f"severity raised{before} to {body.get('severity')}{f': {why}' if why else ''}"


def paged(body: Body) -> str:
    """Who was called."""
    level = f", level {body['level']}" if body.get("level") else ""
    return f"called{level}: {', '.join(map(str, body.get('to', ())))}"


def page_delivered(body: Body) -> str:
    """A page left."""
    return f"page {body.get('round')} ({body.get('action')}) taken by {body.get('target')}"


def page_refused(body: Body) -> str:
    """A page was not taken."""
    return f"page {body.get('round')} ({body.get('action')}) not taken by {body.get('target')}{reason(body, 'reason')}"


def acknowledged(body: Body) -> str:
    """Somebody has it."""
    return f"acknowledged by {_who(body)}{reason(body, 'reason')}"


def resolved(body: Body) -> str:
    """It is over."""
    by = "" if body.get("via") == "signal" else f" by {_who(body)}"
    return f"resolved{by}{reason(body, 'reason')}"


def ask_refused(body: Body) -> str:
    """Somebody may not do what they wanted."""
    wish = str(body.get("asked"))
    return f"{_who(body)} wanted to {_PRESSES.get(wish, wish)}, refused{reason(body, 'why')}"


def noted(body: Body) -> str:
    """What somebody wrote in the thread."""
    return f"{_who(body)} wrote{reason(body, 'text')}"


def review_drafted(body: Body) -> str:
    """The draft of the review is kept."""
    return f"review drafted: {body.get('key')}"


def rollback_requested(body: Body) -> str:
    """An answer is asked for, by a signal or by a person."""
    if body.get("asked"):
        return f"{_who(body)} asked to take production back{reason(body, 'reason')}"
    return f"answer {body.get('round')} asked for by {body.get('source')}"


def rollback_decided(body: Body) -> str:
    """What is to be done."""
    decision = str(body.get("decision"))
    return f"decided {_DECISIONS.get(decision, decision)}{_way(body)}{reason(body, 'because')}"


def rollback_intended(body: Body) -> str:
    """What is about to be done to the endpoint."""
    return f"about to take {body.get('endpoint')} back{_way(body)}"


def rollback_done(body: Body) -> str:
    """What serves now."""
    seen = "verified" if body.get("verified") else "not verified"
    return f"taken back{_way(body)}, {seen}"


def rollback_failed(body: Body) -> str:
    """The return did not come true."""
    return f"not taken back{_way(body)}{reason(body, 'reason')}"


def rollback_finished(body: Body) -> str:
    """How it ended."""
    outcome = str(body.get("outcome"))
    return f"rollback ended: {_OUTCOMES.get(outcome, outcome)}{reason(body, 'because')}"


def retraining_started(body: Body) -> str:
    """A pipeline runs."""
    return f"retraining started{reason(body, 'execution')}"


def _source(body: Body) -> str:
    said = f": {body['said']}" if body.get("said") and body.get("said") != body.get("source") else ""
    numbers = "; ".join(_finding(one) for one in (body.get("findings") or ())[:3])
    return f"{body.get('source')}{said}{f' ({numbers})' if numbers else ''}"


def _finding(one: Body) -> str:
    name = str(one.get("name"))
    return f"{name} {finding(Finding(name, str(one.get('what')), one.get('value'), one.get('limit')))}"


def _by(body: Body) -> str:
    return f"{body.get('cause')}, by {body['source']}" if body.get("source") else ""


def _who(body: Body) -> str:
    name, person = body.get("name"), body.get("person")
    where = " at PagerDuty" if body.get("via") == "pagerduty" else ""
    return (f"{name} ({person})" if name and person else str(name or person or "somebody")) + where


def _way(body: Body) -> str:
    sides = [(name, _side(body, name)) for name in ("from", "to")]
    return "".join(f" {name} {side}" for name, side in sides if side)


def _side(body: Body, name: str) -> str:
    if body.get(f"{name}_version"):
        return f"version {body[f'{name}_version']}"
    return f"configuration {body[name]}" if body.get(name) else ""
