"""What people may ask of a rollout, when, and what it changes. Pure."""

from dataclasses import dataclass, replace
from enum import StrEnum

from sluice.core.rollout.trying_again import begun_anew, can_be_tried_again, not_to_be_tried
from sluice.model.governing import Mode
from sluice.model.ids import Micros
from sluice.model.judging import Verdict
from sluice.model.rollout import Phase, Rollout, RolloutOutcome, Wish, WishKind
from sluice.model.rollout_rules import Strategy

NEED_A_REASON = frozenset({WishKind.PROMOTE_NOW, WishKind.ROLL_BACK})
"""What nobody asks for without saying why."""

_RUNNING = frozenset({Phase.PREPARING, Phase.SHADOW, Phase.SHIFTING, Phase.STEP, Phase.GUARDED, Phase.PROMOTING})
_HELD_BY_US = frozenset({Phase.SHADOW, Phase.SHIFTING, Phase.STEP})
"""Phases in which nothing but Sluice moves traffic: it can wait. SageMaker's own update cannot be paused."""
_STEPPING = frozenset({Phase.SHIFTING, Phase.STEP})


class Hearing(StrEnum):
    """What became of a wish."""

    GRANTED = "granted"
    ALREADY = "already"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Heard:
    """The rollout as it is after a wish, and what is true, in words for the person who pressed."""

    hearing: Hearing
    rollout: Rollout
    message: str


def possible(rollout: Rollout) -> frozenset[WishKind]:
    """What can be asked now; nothing where SageMaker alone moves the traffic, or where nothing is left to decide."""
    if can_be_tried_again(rollout):
        return frozenset({WishKind.TRY_AGAIN})
    if serves_alone(rollout):
        return frozenset({WishKind.ROLL_BACK})
    if rollout.phase not in _RUNNING or not _is_open(rollout):
        return frozenset()
    found = {WishKind.ROLL_BACK}
    if rollout.phase in _HELD_BY_US and not _is_guarded(rollout):
        found.add(WishKind.PAUSE if rollout.paused_at is None else WishKind.GO_ON)
        if rollout.paused_at is None and asks_to_go_on(rollout):
            found.add(WishKind.ADVANCE)
        if rollout.phase in _STEPPING:
            found.add(WishKind.PROMOTE_NOW)
    if rollout.phase is Phase.GUARDED and rollout.moved:
        found.add(WishKind.PROMOTE_NOW)  # what serves already, and only lacks evidence, a person can answer for
    return frozenset(found)


def serves_alone(rollout: Rollout) -> bool:
    """Whether its version was promoted and still serves, so that a rollback can take it back; there was one before."""
    promoted = rollout.is_over and rollout.outcome is RolloutOutcome.PROMOTED
    return promoted and not rollout.replaced and not rollout.makes_endpoint


def asks_to_go_on(rollout: Rollout) -> bool:
    """Whether Sluice waits for a person's word to take the next step."""
    return rollout.asked in (Verdict.ADVANCE.value, Verdict.PROMOTE.value)


def hear(rollout: Rollout, wish: Wish) -> Heard:
    """Take up a wish of somebody who may ask, or say why it cannot be done.

    A press that comes twice, or after a later one, changes nothing; only a return is heard whenever it comes.
    """
    last = rollout.heard
    if last is not None and (last.kind, last.person, last.at) == (wish.kind, wish.person, wish.at):
        return Heard(Hearing.ALREADY, rollout, "This wish of yours is noted already; it counts once.")
    if last is not None and wish.at < last.at and wish.kind is not WishKind.ROLL_BACK:
        return Heard(Hearing.ALREADY, rollout, f"{_who(last)} has pressed since, and that counts.")
    refusal = not_to_be_tried(rollout) if wish.kind is WishKind.TRY_AGAIN else _refusal(rollout, wish)
    if refusal:
        return Heard(Hearing.REFUSED, rollout, refusal)
    return Heard(Hearing.GRANTED, _granted(rollout, wish), _answer(rollout, wish.kind))


def paused_s(rollout: Rollout, now: Micros) -> int:
    """Seconds of the present phase that nobody judged, up to now: pauses that are over and the one that lasts."""
    if rollout.paused_at is None:
        return rollout.paused_s
    return rollout.paused_s + max(0, now - max(rollout.paused_at, rollout.phase_since)) // 1_000_000


def _is_open(rollout: Rollout) -> bool:
    if rollout.mode is Mode.OBSERVE or rollout.makes_endpoint:
        return False
    return rollout.outcome is None and not _is_given_up(rollout)


def _is_guarded(rollout: Rollout) -> bool:
    """Whether SageMaker moves the traffic; a shadow before it moves none, so that Sluice can hold it."""
    guarded = rollout.rules is not None and rollout.rules.strategy is Strategy.GUARDRAILS
    return guarded and rollout.phase is not Phase.SHADOW


def _is_given_up(rollout: Rollout) -> bool:
    return rollout.wish is not None and rollout.wish.kind is WishKind.ROLL_BACK


def _refusal(rollout: Rollout, wish: Wish) -> str:
    if serves_alone(rollout) and wish.kind is WishKind.ROLL_BACK:
        return _unsaid(wish)
    if rollout.is_over:
        ended = "" if rollout.outcome is None else f": {rollout.outcome.value}"
        return f"This rollout is over{ended}.{_since_promoted(rollout)} Nothing was changed."
    if rollout.mode is Mode.OBSERVE:
        return "This group is only observed: Sluice changes nothing here, so nothing can be asked of it."
    if _is_given_up(rollout):
        return f"{_who(rollout.wish)} has asked to take it back, and that stands. Nothing was changed."
    if rollout.outcome is not None:
        return f"It is decided already: {rollout.outcome.value}.{_since_promoted(rollout)} Nothing was changed."
    if wish.kind is WishKind.ADVANCE and wish.at < rollout.phase_since:
        return "The rollout has moved on since you pressed. Please look at the card again. Nothing was changed."
    if wish.kind not in possible(rollout):
        return f"{_impossible(rollout, wish.kind)} Nothing was changed."
    return _unsaid(wish)


def _unsaid(wish: Wish) -> str:
    missing = wish.kind in NEED_A_REASON and not wish.reason.strip()
    return "A reason is needed. Nothing was changed." if missing else ""


def _since_promoted(rollout: Rollout) -> str:
    """What is true of a promoted version, for whoever wants something else of it."""
    if rollout.outcome is not RolloutOutcome.PROMOTED:
        return ""
    if rollout.replaced:
        return " Another version serves by now."
    return " It was seen to serve all traffic: its card has Roll back as soon as that is on record."


def _impossible(rollout: Rollout, kind: WishKind) -> str:
    if rollout.phase is Phase.PROMOTING and kind is not WishKind.ROLL_BACK:
        return "SageMaker gives it all traffic now, which cannot be held up. Roll back is heard until that is done."
    if _is_guarded(rollout) and kind is not WishKind.ROLL_BACK:
        accept = " Once it has moved all of it, it can be accepted." if kind is WishKind.PROMOTE_NOW else ""
        return f"SageMaker moves the traffic of this rollout by itself: it can be taken back, but not steered.{accept}"
    match kind:
        case WishKind.PAUSE:
            return (
                "It is paused already." if rollout.paused_at is not None else f"It is {rollout.phase.value}: no pause."
            )
        case WishKind.GO_ON:
            return "It is not paused."
        case WishKind.ADVANCE:
            return "It is paused: let it go on first." if rollout.paused_at is not None else "Nobody is asked now."
        case WishKind.PROMOTE_NOW:
            return f"It is {rollout.phase.value}: a promotion can be asked for once the candidate serves."
        case WishKind.ROLL_BACK | WishKind.TRY_AGAIN:
            return f"It is {rollout.phase.value}: there is nothing that could be taken back."


def _who(wish: Wish | None) -> str:
    return "Somebody" if wish is None else wish.name or f"<@{wish.person}>"


def _granted(rollout: Rollout, wish: Wish) -> Rollout:
    """Every wish but a pause ends the pause, so that what was asked for is not kept waiting by it."""
    if wish.kind is WishKind.TRY_AGAIN:
        return begun_anew(rollout, wish)
    if serves_alone(rollout):
        return replace(rollout, heard=wish)
    heard = replace(rollout, wish=wish, heard=wish)
    if wish.kind is WishKind.PAUSE:
        return replace(heard, paused_at=wish.at, reminded=False)
    return replace(heard, paused_s=paused_s(rollout, wish.at), paused_at=None, reminded=False)


def _answer(rollout: Rollout, kind: WishKind) -> str:
    if serves_alone(rollout):
        return "It is being taken back: what served before serves again. How that ends is told in the channel."
    if kind is WishKind.ROLL_BACK and rollout.phase is Phase.PROMOTING:
        return "It is being taken back: as soon as SageMaker's update is done, which cannot be stopped."
    return _GRANTED[kind]


_GRANTED = {
    WishKind.PAUSE: (
        "It is paused: traffic stays until somebody presses Go on, for two weeks at most. "
        "A bad version is still taken back."
    ),
    WishKind.GO_ON: "It goes on. The pause does not count as time of this step.",
    WishKind.ADVANCE: "It goes on to the next step.",
    WishKind.PROMOTE_NOW: "It is being promoted now.",
    WishKind.ROLL_BACK: "It is being taken back: the candidate's traffic goes first.",
    WishKind.TRY_AGAIN: "It is tried again: everything is checked anew, by the policy that is in force now.",
}
