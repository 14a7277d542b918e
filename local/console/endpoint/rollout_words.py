"""A rollout in the words of its Slack card, so that the two never disagree. Pure."""

from dataclasses import dataclass

from local.console.endpoint.history import RolloutHistory
from sluice.core.rollout.progress import OUTCOMES, state, steps
from sluice.model.judging import Verdict
from sluice.model.rollout import Rollout, RolloutOutcome

_STATES = {"✅": "done", "▶": "here", "⏹": "problem"}
_VERDICTS = {
    Verdict.ROLL_BACK: ("❌", "Worse"),
    Verdict.EXTEND: ("❔", "Too little data"),
    Verdict.CONTINUE: ("⏳", "Undecided"),
    Verdict.ADVANCE: ("✅", "Good enough"),
    Verdict.PROMOTE: ("✅", "Good enough"),
}
_GOOD = (RolloutOutcome.PROMOTED, RolloutOutcome.OBSERVED)


@dataclass(frozen=True, slots=True)
class StepShown:
    """One step: `state` is done, here, problem or ahead."""

    words: str
    state: str


def steps_of(record: Rollout) -> list[StepShown]:
    """The steps with what is done, what goes on and what is to come; `mrkdwn` as on the card."""
    if record.snapshot is not None and record.snapshot.config is None:
        # The first version of an endpoint is compared with nothing and takes no steps.
        made = record.outcome is RolloutOutcome.PROMOTED
        return [StepShown("the endpoint is made, with all traffic", "done" if made else "here")]
    return [_step(told) for told in steps(record)]


def outcome_words(shown: RolloutHistory, record: Rollout | None) -> tuple[str, str]:
    """How it stands in a few words, and the tone: succeeded, failed or running."""
    outcome = next((o for o in RolloutOutcome if o.value == shown.outcome), None)
    if outcome is not None:
        return OUTCOMES[outcome][1], "succeeded" if outcome in _GOOD else "failed"
    return (state(record) if record else "under way"), "running"


def verdict_words(verdict: Verdict) -> tuple[str, str]:
    """A verdict on a metric: its mark and its word."""
    return _VERDICTS[verdict]


def checks_in_words(shown: RolloutHistory) -> str:
    """Pre-flight in a line: how many checks passed, and those that did not by name."""
    found = {name: told[0] for name, told in shown.checks.items()}
    other = [f"{name.replace('_', ' ')} {verdict}" for name, verdict in found.items() if verdict != "passed"]
    passed = sum(verdict == "passed" for verdict in found.values())
    return ", ".join([f"{passed} check{'' if passed == 1 else 's'} passed", *other])


def looks_in_words(shown: RolloutHistory) -> str:
    """How often the judge looked: a look that found no requests is no entry of the ledger, but has its number."""
    number = max(look.number for look in shown.looks)
    return f"{number} look{'' if number == 1 else 's'}"


def counted(events: float, requests: int, *, mean: bool) -> str:
    """A rate in percent, or the mean of a value; a dash before there are requests."""
    if not requests:
        return "–"
    return f"{events / requests:.3g}" if mean else f"{100 * events / requests:.2f} %"


def duration_words(seconds: float) -> str:
    """A length of simulated time in minutes, or hours and minutes."""
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _step(told: str) -> StepShown:
    mark = told[:1]
    words = told.lstrip("✅▶⏹▫️ ").strip()
    return StepShown(words, _STATES.get(mark, "ahead"))
