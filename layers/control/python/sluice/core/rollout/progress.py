"""How far a rollout is, in words and as a bar that can be read without colour. Pure."""

from typing import Final

from sluice.core.figures import figure
from sluice.core.rollout.wishes import paused_s
from sluice.core.slack_text import duration, moment
from sluice.model.ids import Micros
from sluice.model.rollout import Phase, Rollout, RolloutOutcome
from sluice.model.rollout_rules import GuardrailKind, Guardrails, Step

_CELLS: Final = 20
OUTCOMES: Final = {
    RolloutOutcome.PROMOTED: ("✅", "was promoted"),
    RolloutOutcome.RETURNED: ("↩️", "was taken back"),
    RolloutOutcome.UNDECIDED: ("↩️", "was taken back undecided"),
    RolloutOutcome.WITHDRAWN: ("↩️", "was withdrawn"),
    RolloutOutcome.REFUSED: ("⛔", "was not begun"),
    RolloutOutcome.SUPERSEDED: ("🔁", "was superseded"),
    RolloutOutcome.DIVERGED: ("🔀", "was left: somebody else changed the endpoint"),
    RolloutOutcome.HELD: ("🚨", "could not be taken back: endpoint on hold"),
    RolloutOutcome.FAILED: ("🛑", "was taken back: a step failed"),
    RolloutOutcome.OBSERVED: ("👁", "was observed"),
}
"""An icon and what became of the version, for the end of a sentence that begins with its name."""

_NOT_MADE: Final = ("🛑", "could not be brought into service: its endpoint was not made")
_MAKING: Final = "the endpoint is made, with this version alone"

_MOVED: Final = "SageMaker has moved all traffic to it, the judge has not seen enough of it yet"
_EMPTIED: Final = "taking back: nobody is served by it, and what served before is brought back"
_RETURNED: Final = "taken back: what served before serves again"

_DOING: Final = {
    Phase.REQUESTED: "requested",
    Phase.QUEUED: "waiting for its turn",
    Phase.PREPARING: "preparing",
    Phase.SHADOW: "shadow: a copy of the traffic, nobody is served by it",
    Phase.GUARDED: "SageMaker moves the traffic, the judge watches",
    Phase.WATCHING: "watching a deployment of others",
    Phase.PROMOTING: "promoting: all traffic goes to it",
    Phase.RETURNING: "taking back: its traffic is being taken away",
}


def ending(rollout: Rollout) -> tuple[str, str]:
    """An icon, and what became of the version."""
    if rollout.outcome is None:
        return "🏁", "is over"
    if rollout.makes_endpoint and rollout.outcome is RolloutOutcome.FAILED:
        return _NOT_MADE
    return OUTCOMES[rollout.outcome]


def percent(rollout: Rollout) -> float | None:
    """The candidate's share of the traffic as Sluice set it; None where it did not or cannot know, or none else is."""
    if rollout.makes_endpoint:
        return None
    match rollout.phase:
        case Phase.REQUESTED | Phase.QUEUED | Phase.PREPARING | Phase.SHADOW:
            return 0.0
        case Phase.RETURNING:
            return 0.0 if rollout.emptied else None
        case Phase.SHIFTING:
            return _steps(rollout)[rollout.step - 1].percent if 0 < rollout.step <= len(_steps(rollout)) else 0.0
        case Phase.STEP | Phase.PROMOTING:
            present = _present(rollout)
            return 100.0 if present is None else present.percent
        case Phase.GUARDED | Phase.WATCHING:
            return 100.0 if rollout.moved else None
        case Phase.DONE:
            return _final(rollout)


def bar(share: float) -> str:
    """A share of the traffic as a bar with its number; a small share still shows."""
    filled = min(_CELLS, max(round(share / 100 * _CELLS), 1 if share > 0 else 0))
    filled = min(filled, _CELLS - 1) if share < 100 else filled
    drawn = "▓" * filled + "░" * (_CELLS - filled)
    return f"`{drawn}` *{figure(share, 3)} %* candidate, {figure(100 - share, 3)} % as before"


def state(rollout: Rollout) -> str:
    """What goes on now, without markup: `step 2 of 3 at 25 %`."""
    if rollout.paused_at is not None and not rollout.is_over and rollout.outcome is None:
        return f"paused in {_doing(rollout)}"
    return _doing(rollout)


def steps(rollout: Rollout) -> list[str]:
    """One line a step: what is done, what is going on and for how long, what is to come."""
    rules = rollout.rules
    if rules is None or rollout.phase is Phase.WATCHING or rollout.outcome is RolloutOutcome.OBSERVED:
        return []
    if rollout.makes_endpoint:
        return [_line(rollout, _MAKING, _position(rollout), None)]
    lines = []
    if rules.shadow is not None:
        lines.append(
            _line(rollout, f"shadow: a copy of {figure(rules.shadow.percent, 3)} % of the traffic", -1, rules.shadow)
        )
    if rules.guardrails is not None:
        lines.append(_line(rollout, f"SageMaker's update, {_guarded(rules.guardrails)}", 0, None))
        return lines
    lines += [_line(rollout, f"{figure(s.percent, 3)} % of the traffic", n, s) for n, s in enumerate(rules.steps)]
    return [*lines, _line(rollout, "promotion: all traffic", len(rules.steps), None)]


def next_look(rollout: Rollout) -> Micros | None:
    """When the judge looks next, if nobody wakes it sooner; None while there is no look to come."""
    looking = rollout.phase in (Phase.SHADOW, Phase.STEP, Phase.GUARDED, Phase.WATCHING)
    return rollout.next_look_at if looking and rollout.answer is None and rollout.next_look_at else None


def _guarded(guardrails: Guardrails) -> str:
    match guardrails.kind:
        case GuardrailKind.ALL_AT_ONCE:
            return "all at once"
        case GuardrailKind.CANARY:
            return f"canary: {guardrails.size_percent} % first"
        case GuardrailKind.LINEAR:
            return f"linear: {guardrails.size_percent} % at a time"


def _steps(rollout: Rollout) -> tuple[Step, ...]:
    return () if rollout.rules is None else rollout.rules.steps


def _present(rollout: Rollout) -> Step | None:
    found = _steps(rollout)
    return found[rollout.step] if 0 <= rollout.step < len(found) else None


def _final(rollout: Rollout) -> float | None:
    match rollout.outcome:
        case RolloutOutcome.PROMOTED:
            return 100.0
        case RolloutOutcome.HELD | RolloutOutcome.DIVERGED | RolloutOutcome.OBSERVED | None:
            return None
        case _:
            return 0.0


def _doing(rollout: Rollout) -> str:
    present = _present(rollout)
    share = f" at {figure(present.percent, 3)} %" if present else ""
    step = f"step {rollout.step + 1} of {len(_steps(rollout))}{share}"
    match rollout.phase:
        case Phase.STEP:
            return step
        case Phase.SHIFTING:
            return f"moving traffic to {step}"
        case Phase.DONE:
            return "over" if rollout.outcome is None else ending(rollout)[1]
        case Phase.GUARDED if rollout.moved:
            return _MOVED
        case Phase.RETURNING if rollout.emptied:
            return _RETURNED if rollout.returned else _EMPTIED
        case Phase.PREPARING | Phase.PROMOTING if rollout.makes_endpoint:
            return _MAKING
        case _:
            return _DOING[rollout.phase]


def _line(rollout: Rollout, what: str, number: float, step: Step | None) -> str:
    now = _position(rollout)
    if rollout.outcome is RolloutOutcome.PROMOTED or number < now:
        return f"✅ {what}: done"
    if number > now or now < -1:
        return f"▫️ {what}" if rollout.outcome is None else f"▫️ {what}: not reached"
    if rollout.outcome is not None:
        return f"⏹ {what}: stopped here"
    return f"▶️ *{what}*{_since(rollout, step)}"


def _position(rollout: Rollout) -> float:
    """The step that the rollout has come to; -1 is the shadow, -0.5 after it, -2 before everything."""
    rules = rollout.rules
    match rollout.phase:
        case Phase.REQUESTED | Phase.QUEUED:
            return -2
        case Phase.PREPARING:
            return -0.5 if rollout.phase_since else -2
        case Phase.SHADOW:
            return -1
        case Phase.PROMOTING:
            return 0 if rules is None or rules.guardrails is not None else len(rules.steps)
        case Phase.RETURNING | Phase.DONE if not rollout.phase_since:
            return -2
        case _:
            return rollout.step


def _since(rollout: Rollout, step: Step | None) -> str:
    if rollout.phase in (Phase.SHIFTING, Phase.PROMOTING) or not rollout.phase_since:
        return ", being reached"
    told = f", since {moment(rollout.phase_since)}"
    if step is None:
        return told
    lost = paused_s(rollout, rollout.paused_at or rollout.phase_since)
    pause = f", of which {duration(lost)} paused" if lost else ""
    return f"{told}, at least {duration(step.bake_min_s)}, at most {duration(step.bake_max_s)}{pause}"
