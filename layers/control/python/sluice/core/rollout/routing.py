"""Which way a rollout goes after a look: from what was seen, what people asked for and what the judge says. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from sluice.core.figures import figure
from sluice.core.rollout.changes import is_managed
from sluice.core.rollout.configs import CANDIDATE
from sluice.core.rollout.looks import MOST_LOOKS
from sluice.core.rollout.pauses import ended_pause
from sluice.core.rollout.sight import Sight, alarms_gone
from sluice.core.rollout.wishes import paused_s
from sluice.model.endpoint import BROKEN, EndpointSeen
from sluice.model.governing import Mode
from sluice.model.ids import Micros
from sluice.model.judging import Judgement, Verdict
from sluice.model.rollout import Phase, Rollout, RolloutOutcome, Route, Wish, WishKind
from sluice.model.rollout_rules import Strategy


@dataclass(frozen=True, slots=True)
class Decision:
    """Where to go, or to stay and look again. `asked` is what a person is asked to agree to, in `recommend`."""

    route: Route | None = None
    reason: str = ""
    outcome: RolloutOutcome | None = None
    asked: str = ""
    rejects: bool = False


STAY = Decision()
_TOO_OFTEN = "An execution of Step Functions holds no more, and would die without an end."
_TOLERANCE_PERCENT = 0.01
"""Far over what the single precision of SageMaker's weights loses, and under what anybody would set by hand."""
_ONWARD = frozenset({Route.SHIFT, Route.CANDIDATE, Route.GUARDED, Route.PROMOTE, Route.COMPLETE})


def decide(rollout: Rollout, judgement: Judgement | None, sight: Sight) -> Decision:
    """The decision of a look. What forbids going on comes first, then what people want, then the judge.

    What cannot be seen is no reason to go on and none to go back: a question that was asked stays asked.
    """
    decision = _found(rollout, judgement, sight)
    if decision.route is None and not decision.rejects and rollout.looks >= MOST_LOOKS:
        return _back(rollout, f"It was looked at {rollout.looks} times. {_TOO_OFTEN}", RolloutOutcome.UNDECIDED, sight)
    return decision


def _found(rollout: Rollout, judgement: Judgement | None, sight: Sight) -> Decision:
    decision = (
        _standing(rollout, sight)
        or _forbidden(rollout, sight)
        or _wished(rollout, judgement, sight)
        or _judged(rollout, judgement, sight)
        or _completed(rollout, judgement, sight)
    )
    if decision is not None and (decision.route not in _ONWARD or not sight.blind):
        return decision
    if decision is not None and (over := _given_up(rollout, judgement, "", sight)) is not None:
        return over  # it may go on, but not without sight, and not for ever
    unsure = judgement is None or sight.blind
    return Decision(reason=sight.blind, asked=rollout.asked) if unsure else STAY


def taken_back_by(wish: Wish) -> str:
    """A person's word for the way back, as the reason of it."""
    return f"{wish.name or wish.person} took it back: {wish.reason}"


def _standing(rollout: Rollout, sight: Sight) -> Decision | None:
    """Whether the endpoint is still as this rollout left it."""
    seen, serving = sight.seen, rollout.snapshot.config_name if rollout.snapshot else ""
    if seen is None:
        return _diverged("The endpoint is gone.")
    if rollout.phase is Phase.WATCHING and seen.config != serving:
        return Decision(Route.CONCLUDE, "Another deployment has taken its place.", RolloutOutcome.OBSERVED)
    if seen.status in BROKEN:
        because = f"The endpoint is {seen.status.value}. {seen.failure_reason}".strip()
        if rollout.phase is Phase.WATCHING:
            return Decision(Route.CONCLUDE, because, RolloutOutcome.OBSERVED)
        return Decision(Route.RETURN, rollout.because or because, rollout.outcome or RolloutOutcome.FAILED)
    if rollout.phase is Phase.GUARDED:
        return _guarded(rollout, seen, sight)
    expected = {Phase.SHADOW: rollout.shadow_config, Phase.STEP: rollout.candidate_config}.get(rollout.phase)
    if expected is None or not seen.settled or seen.config == expected:
        return _shared(rollout, seen)
    return _diverged(f"The endpoint serves {seen.config}, which this rollout did not put there.")


def _shared(rollout: Rollout, seen: EndpointSeen) -> Decision | None:
    """Whether the traffic is split as the step says: what somebody set by hand is neither judged nor overwritten.

    Who wants the version back has said what is to be done; scaling leaves the weights as they are.
    """
    share = seen.share(CANDIDATE, desired=True)
    back = rollout.wish is not None and rollout.wish.kind is WishKind.ROLL_BACK
    if rollout.phase is not Phase.STEP or rollout.rules is None or seen.variant(CANDIDATE) is None or back:
        return None
    percent = rollout.rules.steps[rollout.step].percent
    if abs(100 * share - percent) < _TOLERANCE_PERCENT:
        return None
    told = f"{figure(100 * share, 3)} % of the traffic by its weights, where this step gives it {figure(percent, 3)} %"
    return _diverged(f"Somebody else changed the weights: the candidate gets {told}.")


def _guarded(rollout: Rollout, seen: EndpointSeen, sight: Sight) -> Decision | None:
    """SageMaker moves the traffic by itself: it ends on the new configuration, or silently on the one before.

    What was decided stands: the alarm that tells SageMaker so is kept ringing until it has gone back.
    """
    if not seen.settled:
        rejected = rollout.outcome is not None and is_managed(rollout)
        return Decision(None, rollout.because, rollout.outcome, rejects=True) if rejected else None
    if seen.config == rollout.final_config:
        if rollout.outcome is not None:  # SageMaker was done before the alarm could tell it
            return Decision(Route.RETURN, rollout.because, rollout.outcome)
        return None
    if rollout.snapshot is not None and seen.config in (rollout.snapshot.config_name, rollout.shadow_config):
        if rollout.outcome is not None:
            return Decision(Route.RETURN, rollout.because, rollout.outcome)
        return _silently_back(rollout, seen, sight)
    return _diverged(f"The endpoint serves {seen.config}, which this rollout did not put there.")


def _silently_back(rollout: Rollout, seen: EndpointSeen, sight: Sight) -> Decision:
    """Only an alarm speaks against the model; without one it was SageMaker that could not, for want of room or so."""
    named = {alarm for alarm in (rollout.rules.alarms if rollout.rules else ()) if alarm in seen.failure_reason}
    fired = sorted(named | sight.alarms)
    because = f"SageMaker took the deployment back{': ' + ', '.join(fired) + ' fired' if fired else ''}."
    outcome = RolloutOutcome.RETURNED if fired else RolloutOutcome.FAILED
    return Decision(Route.RETURN, f"{because} {seen.failure_reason}".strip(), outcome)


def _completed(rollout: Rollout, judgement: Judgement | None, sight: Sight) -> Decision | None:
    """The end of a deployment that SageMaker moved, once the last look has found nothing against it.

    A look that sees nothing finds nothing: what nobody has judged is looked at further, and given up in the end.
    """
    seen = sight.seen
    if seen is None or not is_moved(rollout, seen) or sight.blind or not _is_seen(rollout, judgement):
        return None
    if _watched_after(rollout, seen, sight.now):
        return None
    told = "" if judgement is None else judgement.sentence
    return Decision(Route.COMPLETE, f"SageMaker has finished the deployment. {told}".strip())


def is_moved(rollout: Rollout, seen: EndpointSeen | None) -> bool:
    """Whether SageMaker has finished the update that it guards: the new version serves alone."""
    return rollout.phase is Phase.GUARDED and seen is not None and seen.settled and seen.config == rollout.final_config


def _is_seen(rollout: Rollout, judgement: Judgement | None) -> bool:
    """Whether any figure of the new version was seen at all, where the policy names figures."""
    named = rollout.rules is not None and rollout.rules.judge.metrics
    return not named or (judgement is not None and any(m.candidate_requests for m in judgement.metrics))


def _watched_after(rollout: Rollout, seen: EndpointSeen, now: Micros) -> bool:
    """Whether a new version that nothing of SageMaker's guards is still watched by us."""
    guardrails = rollout.rules.guardrails if rollout.rules is not None else None
    if guardrails is None or guardrails.managed:
        return False
    return now < max(rollout.phase_since, seen.modified_at) + guardrails.termination_wait_s * 1_000_000


def _diverged(reason: str) -> Decision:
    return Decision(Route.CONCLUDE, reason, RolloutOutcome.DIVERGED)


def _forbidden(rollout: Rollout, sight: Sight) -> Decision | None:
    if sight.broken_pledge:
        return _back(rollout, sight.broken_pledge, RolloutOutcome.WITHDRAWN, sight)
    if sight.alarms:
        # A shadow serves nobody: what rings meanwhile is no verdict on the model.
        outcome = RolloutOutcome.FAILED if rollout.phase is Phase.SHADOW else RolloutOutcome.RETURNED
        return _back(rollout, f"An alarm of the team fired: {', '.join(sorted(sight.alarms))}.", outcome, sight)
    if sight.superseded_by:
        return _back(rollout, f"{sight.superseded_by} takes its place.", RolloutOutcome.SUPERSEDED, sight)
    return None


def _back(rollout: Rollout, reason: str, outcome: RolloutOutcome, sight: Sight) -> Decision:
    """Take the candidate back. A guarded deployment cannot be cancelled: its alarm makes SageMaker take it back."""
    under_way = sight.seen is not None and not sight.seen.settled
    if rollout.phase is Phase.GUARDED and is_managed(rollout) and under_way:
        return Decision(None, reason, outcome, rejects=True)
    if rollout.phase is Phase.WATCHING:
        return Decision(Route.CONCLUDE, f"It would have been taken back. {reason}", RolloutOutcome.OBSERVED)
    return Decision(Route.RETURN, reason, outcome)


def _wished(rollout: Rollout, judgement: Judgement | None, sight: Sight) -> Decision | None:
    """What a person wants. Who agreed to go on did not know of a version that was found worse since."""
    wish = rollout.wish
    if wish is None:
        return None
    who = f"{wish.name or wish.person}"
    worse = judgement is not None and judgement.verdict is Verdict.ROLL_BACK
    match wish.kind:
        case WishKind.ROLL_BACK:
            return _back(rollout, taken_back_by(wish), RolloutOutcome.RETURNED, sight)
        case WishKind.PROMOTE_NOW if rollout.phase is Phase.STEP:
            return Decision(Route.PROMOTE, f"{who} promoted it: {wish.reason}")
        case WishKind.PROMOTE_NOW if is_moved(rollout, sight.seen):
            return Decision(Route.COMPLETE, f"{who} accepted it as SageMaker had deployed it: {wish.reason}")
        case WishKind.ADVANCE if rollout.asked and not worse:
            return _forward(rollout, f"{who} agreed.")
        case _:
            return None


def _forward(rollout: Rollout, reason: str) -> Decision:
    """The next step, whatever phase this is."""
    if rollout.phase is Phase.SHADOW:
        guarded = rollout.rules is not None and rollout.rules.strategy is Strategy.GUARDRAILS
        return Decision(Route.GUARDED if guarded else Route.CANDIDATE, reason)
    if rollout.phase is Phase.STEP:
        return Decision(Route.PROMOTE if rollout.is_last_step else Route.SHIFT, reason)
    return Decision(None, reason)


def _judged(rollout: Rollout, judgement: Judgement | None, sight: Sight) -> Decision | None:
    verdict = Verdict.CONTINUE if judgement is None else judgement.verdict
    told = "Its figures could not be read." if judgement is None else judgement.sentence
    if rollout.phase is Phase.WATCHING:
        return _watched(verdict, told, sight) or _given_up(rollout, judgement, told, sight)
    worse = verdict is Verdict.ROLL_BACK
    good = verdict in (Verdict.ADVANCE, Verdict.PROMOTE) and rollout.phase is not Phase.GUARDED
    if rollout.mode is Mode.RECOMMEND and (worse or good):
        return _asking(rollout, judgement, told, sight)
    if worse:
        return _back(rollout, told, RolloutOutcome.RETURNED, sight)
    if rollout.paused_at is not None:
        return _unpaused(rollout, sight)
    return _forward(rollout, told) if good else _given_up(rollout, judgement, told, sight)


def _given_up(rollout: Rollout, judgement: Judgement | None, told: str, sight: Sight) -> Decision | None:
    """A phase that stays undecided ends; a pause is no indecision."""
    lasted_s = (sight.now - rollout.phase_since) // 1_000_000 - paused_s(rollout, sight.now)
    if rollout.rules is None or lasted_s <= rollout.rules.give_up_after_s:
        return None
    if _completed(rollout, judgement, sight) is not None:
        return None  # SageMaker has decided meanwhile
    if is_moved(rollout, sight.seen):
        told = f"SageMaker has finished, but it could not be judged. {'' if sight.blind else told}"
    told = f"It stayed undecided for too long. {told}".strip()
    return _back(rollout, f"{told} {sight.blind}".strip(), RolloutOutcome.UNDECIDED, sight)


def _watched(verdict: Verdict, told: str, sight: Sight) -> Decision | None:
    """`observe` touches nothing: it only says what would have happened."""
    would = _WOULD.get(verdict)
    if sight.gone and verdict in (Verdict.ADVANCE, Verdict.PROMOTE):
        would = f"It would have been held up. {alarms_gone(sight.gone)}"
    return None if would is None else Decision(Route.CONCLUDE, f"{would} {told}", RolloutOutcome.OBSERVED)


def _asking(rollout: Rollout, judgement: Judgement | None, told: str, sight: Sight) -> Decision | None:
    """In `recommend` a person agrees to each step, the way back included; a question that nobody answers ends too."""
    if judgement is None or _completed(rollout, judgement, sight) is not None:
        return None  # what nobody takes back in time SageMaker has promoted
    over = _unpaused(rollout, sight) or _given_up(rollout, judgement, f"Nobody answered. {told}", sight)
    good = judgement.verdict is not Verdict.ROLL_BACK
    if over is not None or (good and rollout.paused_at is not None):
        return over
    return Decision(None, told, asked=judgement.verdict.value)


def _unpaused(rollout: Rollout, sight: Sight) -> Decision | None:
    """The end of a pause that nobody ended."""
    over = ended_pause(rollout, sight.now)
    return _back(rollout, over, RolloutOutcome.UNDECIDED, sight) if over else None


_WOULD: Mapping[Verdict, str] = {
    Verdict.ROLL_BACK: "It would have been taken back.",
    Verdict.ADVANCE: "It would have gone on.",
    Verdict.PROMOTE: "It would have been promoted.",
    Verdict.EXTEND: "It would have been watched for longer.",
}
