"""Which way a rollout goes after a look: from what was seen, what people asked for and what the judge says. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from sluice.model.approval import Mode
from sluice.model.endpoint import EndpointSeen
from sluice.model.ids import Micros
from sluice.model.judging import Judgement, Verdict
from sluice.model.rollout import Phase, Rollout, RolloutOutcome, Route, WishKind
from sluice.model.rollout_rules import Strategy


@dataclass(frozen=True, slots=True)
class Sight:
    """What a look sees beside the metrics.

    `broken_pledge` is why the package is no longer what people approved, `alarms` are the team's that are in ALARM,
    `superseded_by` names a newer version that may take this one's place.
    """

    seen: EndpointSeen | None
    now: Micros
    broken_pledge: str = ""
    alarms: frozenset[str] = frozenset()
    superseded_by: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Where to go, or to stay and look again. `asked` is what a person is asked to agree to, in `recommend`."""

    route: Route | None = None
    reason: str = ""
    outcome: RolloutOutcome | None = None
    asked: str = ""
    rejects: bool = False


STAY = Decision()


def decide(rollout: Rollout, judgement: Judgement | None, sight: Sight) -> Decision:
    """The decision of a look. What forbids going on comes first, then what people want, then the judge."""
    return (
        _standing(rollout, sight)
        or _forbidden(rollout, sight)
        or _wished(rollout)
        or _judged(rollout, judgement, sight)
        or STAY
    )


def _standing(rollout: Rollout, sight: Sight) -> Decision | None:
    """Whether the endpoint is still as this rollout left it."""
    seen, serving = sight.seen, rollout.snapshot.config_name if rollout.snapshot else ""
    if seen is None:
        return _diverged("The endpoint is gone.")
    if rollout.phase is Phase.GUARDED:
        return _guarded(rollout, seen, serving, sight.now)
    if rollout.phase is Phase.WATCHING and seen.config != serving:
        return Decision(Route.CONCLUDE, "Another deployment has taken its place.", RolloutOutcome.OBSERVED)
    expected = {Phase.SHADOW: rollout.shadow_config, Phase.STEP: rollout.candidate_config}.get(rollout.phase)
    if expected is None or not seen.settled or seen.config == expected:
        return None
    return _diverged(f"The endpoint serves {seen.config}, which this rollout did not put there.")


def _guarded(rollout: Rollout, seen: EndpointSeen, serving: str, now: Micros) -> Decision | None:
    """SageMaker moves the traffic by itself: it ends on the new configuration, or silently on the old one."""
    if not seen.settled:
        return None
    if seen.config == rollout.final_config:
        if rollout.outcome is not None:  # SageMaker was done before the alarm could tell it
            return Decision(Route.RETURN, rollout.because, rollout.outcome)
        if _watched_after(rollout, seen, now):
            return None
        return Decision(Route.COMPLETE, "SageMaker has finished the deployment.")
    if seen.config == serving:
        because = (
            rollout.because or f"SageMaker took the deployment back: an alarm fired. {seen.failure_reason}".strip()
        )
        return Decision(Route.RETURN, because, rollout.outcome or RolloutOutcome.RETURNED)
    return _diverged(f"The endpoint serves {seen.config}, which this rollout did not put there.")


def _watched_after(rollout: Rollout, seen: EndpointSeen, now: Micros) -> bool:
    """Whether a new version that nothing of SageMaker's guards is still watched by us."""
    guardrails = rollout.rules.guardrails if rollout.rules is not None else None
    if guardrails is None or guardrails.managed:
        return False
    return now < max(rollout.phase_since, seen.modified_at) + guardrails.termination_wait_s * 1_000_000


def _takes_itself_back(rollout: Rollout) -> bool:
    """Whether SageMaker takes a deployment back by an alarm, and nothing else can before it is over."""
    guardrails = rollout.rules.guardrails if rollout.rules is not None else None
    return rollout.phase is Phase.GUARDED and (guardrails is None or guardrails.managed)


def _diverged(reason: str) -> Decision:
    return Decision(Route.CONCLUDE, reason, RolloutOutcome.DIVERGED)


def _forbidden(rollout: Rollout, sight: Sight) -> Decision | None:
    if sight.broken_pledge:
        return _back(rollout, sight.broken_pledge, RolloutOutcome.WITHDRAWN)
    if sight.alarms:
        reason = f"An alarm of the team fired: {', '.join(sorted(sight.alarms))}."
        return _back(rollout, reason, RolloutOutcome.RETURNED)
    if sight.superseded_by:
        return _back(rollout, f"{sight.superseded_by} takes its place.", RolloutOutcome.SUPERSEDED)
    return None


def _back(rollout: Rollout, reason: str, outcome: RolloutOutcome) -> Decision:
    """Take the candidate back. A guarded deployment cannot be cancelled: its alarm makes SageMaker take it back."""
    if _takes_itself_back(rollout):
        return Decision(None, reason, outcome, rejects=True)
    if rollout.phase is Phase.WATCHING:
        return Decision(Route.CONCLUDE, f"It would have been taken back. {reason}", RolloutOutcome.OBSERVED)
    return Decision(Route.RETURN, reason, outcome)


def _wished(rollout: Rollout) -> Decision | None:
    wish = rollout.wish
    if wish is None:
        return None
    who = f"{wish.name or wish.person}"
    match wish.kind:
        case WishKind.ROLL_BACK:
            return _back(rollout, f"{who} took it back: {wish.reason}", RolloutOutcome.RETURNED)
        case WishKind.PROMOTE_NOW if _may_promote(rollout):
            return Decision(Route.PROMOTE, f"{who} promoted it: {wish.reason}")
        case WishKind.ADVANCE if rollout.asked:
            return _forward(rollout, f"{who} agreed.")
        case _:
            return None


def _may_promote(rollout: Rollout) -> bool:
    return rollout.phase is Phase.STEP


def _forward(rollout: Rollout, reason: str) -> Decision:
    """The next step, whatever phase this is."""
    if rollout.phase is Phase.SHADOW:
        guarded = rollout.rules is not None and rollout.rules.strategy is Strategy.GUARDRAILS
        return Decision(Route.GUARDED if guarded else Route.CANDIDATE, reason)
    if rollout.phase is Phase.STEP:
        return Decision(Route.PROMOTE if rollout.is_last_step else Route.SHIFT, reason)
    return Decision(None, reason)


def _judged(rollout: Rollout, judgement: Judgement | None, sight: Sight) -> Decision | None:
    if judgement is None:
        return None
    verdict, told = judgement.verdict, judgement.sentence
    if rollout.phase is Phase.WATCHING:
        return _watched(verdict, told)
    if verdict is Verdict.ROLL_BACK:
        return _asking(rollout, verdict, told) or _back(rollout, told, RolloutOutcome.RETURNED)
    if rollout.paused_at is not None:
        return None
    if verdict in (Verdict.ADVANCE, Verdict.PROMOTE) and rollout.phase is not Phase.GUARDED:
        return _asking(rollout, verdict, told) or _forward(rollout, told)
    if rollout.rules is not None and _seconds_since(rollout, sight.now) > rollout.rules.give_up_after_s:
        return _back(rollout, f"It stayed undecided for too long. {told}", RolloutOutcome.UNDECIDED)
    return None


def _watched(verdict: Verdict, told: str) -> Decision | None:
    """`observe` touches nothing: it only says what would have happened."""
    would = _WOULD.get(verdict)
    return None if would is None else Decision(Route.CONCLUDE, f"{would} {told}", RolloutOutcome.OBSERVED)


def _asking(rollout: Rollout, verdict: Verdict, told: str) -> Decision | None:
    """In `recommend` a person agrees to each step, the way back included."""
    if rollout.mode is not Mode.RECOMMEND:
        return None
    return Decision(None, told, asked=verdict.value)


def _seconds_since(rollout: Rollout, now: Micros) -> float:
    return (now - rollout.begun_at) / 1_000_000


_WOULD: Mapping[Verdict, str] = {
    Verdict.ROLL_BACK: "It would have been taken back.",
    Verdict.ADVANCE: "It would have gone on.",
    Verdict.PROMOTE: "It would have been promoted.",
    Verdict.EXTEND: "It would have been watched for longer.",
}
