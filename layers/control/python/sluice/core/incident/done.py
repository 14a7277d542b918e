"""What Sluice has done about an incident, and whether it is verified, in one or two sentences. Pure."""

from collections.abc import Mapping
from typing import Final, assert_never

from sluice.core.slack_text import one_line
from sluice.model.production import Served
from sluice.model.rollback import Decision, Rollback, RollbackOutcome, RollbackPhase

_HELPED: Final[Mapping[RollbackOutcome | None, str]] = {
    RollbackOutcome.RECOVERED: "What was raised is cleared.",
    RollbackOutcome.RETURNED: "Whether that helped shows later.",
    RollbackOutcome.NOT_RECOVERED: "It did not help: what was raised is not cleared.",
}
_ENDS: Final[Mapping[RollbackOutcome | None, str]] = {
    RollbackOutcome.HANDED_OVER: "Handed to the rollout that is under way",
    RollbackOutcome.RETRAINING: "Retraining was started",
    RollbackOutcome.ASKED: "Nothing by itself: a person decides",
    RollbackOutcome.RECORDED: "Nothing, since the group is observed",
    RollbackOutcome.NOT_NEEDED: "Nothing was needed",
}
_NOBODY_ASKED: Final = "Nothing yet: what was raised asks for no answer by itself."


def what_was_done(rollback: Rollback | None) -> str:
    """The newest answer, as far as it has come; None: there is none."""
    if rollback is None:
        return _NOBODY_ASKED
    match rollback.phase:
        case RollbackPhase.REQUESTED:
            return "An answer is being decided."
        case RollbackPhase.WAITING:
            return f"It waits for its turn on the endpoint{_because(rollback)}."
        case RollbackPhase.RETURNING:
            return f"Going back to {_name(rollback.target)}{_from(rollback)}; not verified yet."
        case RollbackPhase.RECOVERING:
            return f"{_returned(rollback)} What was raised is not cleared yet."
        case RollbackPhase.DONE:
            return _ended(rollback)
        case _ as never:
            assert_never(never)


def _ended(rollback: Rollback) -> str:
    if rollback.outcome is RollbackOutcome.HELD:
        return _held(rollback)
    if rollback.outcome in _HELPED:
        return f"{_returned(rollback)} {_HELPED[rollback.outcome]}"
    told = f"{_ENDS.get(rollback.outcome, 'The answer came to no end')}{_because(rollback)}."
    return f"{told} {rollback.retraining}".rstrip()


def _held(rollback: Rollback) -> str:
    failed = rollback.decision is Decision.ROLL_BACK
    tried = f"Going back to {_name(rollback.target)} FAILED" if failed else "HOLD: nothing safe can be done"
    return f"{tried}{_because(rollback)}. No rollout begins until a person clears the hold."


def _returned(rollback: Rollback) -> str:
    verified = "seen to serve (verified)" if rollback.verified else "not verified yet"
    return f"Taken back to {_name(rollback.target)}{_from(rollback)}, {verified}."


def _from(rollback: Rollback) -> str:
    return f" from {_name(rollback.left)}" if rollback.left else ""


def _name(served: Served | None) -> str:
    if served is None:
        return "what served before"
    return f"version {served.version}" if served.version else f"configuration {served.config}"


def _because(rollback: Rollback) -> str:
    because = one_line(rollback.because).rstrip(".")
    return f": {because}" if because else ""
