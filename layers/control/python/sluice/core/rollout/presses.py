"""The buttons of a rollout's card and the forms behind them: what each means, and what has to be said with it."""

from typing import Final

from sluice.core.reason_modal import CLEAR_HOLD as CLEAR_HOLD_FORM
from sluice.core.reason_modal import ROLL_BACK, ReasonForm, reason_view
from sluice.core.rollout.wishes import NEED_A_REASON, possible
from sluice.core.slack_text import BUTTON_VALUE, CONFIRM_TEXT, Block, plain
from sluice.model.ids import RolloutId
from sluice.model.judging import Verdict
from sluice.model.rollout import Rollout, RolloutOutcome, WishKind

STEER_BLOCK: Final = "steer"
CLEAR_HOLD: Final = "rollout_clear_hold"
PRESSES: Final = {f"rollout_{kind.value}": kind for kind in WishKind}
"""action_id of a button -> what it asks; the button's value is the rollout's id and nothing else."""
FORMS: Final = frozenset({CLEAR_HOLD, *(f"rollout_{kind.value}" for kind in NEED_A_REASON)})
"""action_ids that open a form; the form's callback_id is the same, so that the two cannot drift apart."""


_FORMS: Final = {
    f"rollout_{WishKind.PROMOTE_NOW}": ReasonForm(
        "Promote now", "Promote", "Why is it promoted before the judge has decided?", "What you know that it does not"
    ),
    f"rollout_{WishKind.ROLL_BACK}": ROLL_BACK,
    CLEAR_HOLD: CLEAR_HOLD_FORM,
}
_LABELS: Final = {
    WishKind.PAUSE: "Pause",
    WishKind.GO_ON: "Go on",
    WishKind.ADVANCE: "Advance",
    WishKind.PROMOTE_NOW: "Promote now…",
    WishKind.ROLL_BACK: "Roll back…",
    WishKind.TRY_AGAIN: "Try again",
}
_STYLES: Final = {
    WishKind.GO_ON: "primary",
    WishKind.ADVANCE: "primary",
    WishKind.ROLL_BACK: "danger",
    WishKind.TRY_AGAIN: "primary",
}


def steering(rollout: Rollout) -> list[Block]:
    """The row of buttons that make sense now; nothing when there are none."""
    buttons = [_button(rollout, kind) for kind in WishKind if kind in possible(rollout)]
    if can_be_cleared(rollout):
        buttons = [_plain_button(rollout, "Clear hold…", CLEAR_HOLD)]
    return [{"type": "actions", "block_id": STEER_BLOCK, "elements": buttons}] if buttons else []


def can_be_cleared(rollout: Rollout) -> bool:
    """Whether this rollout left a hold that nobody has cleared."""
    return rollout.is_over and rollout.outcome is RolloutOutcome.HELD and rollout.cleared_by is None


def rollout_form(action_id: str, rollout_id: RolloutId) -> Block:
    """The view that a button of FORMS opens; it carries the rollout's id and nothing else."""
    return reason_view(action_id, _FORMS[action_id], rollout_id)


def _button(rollout: Rollout, kind: WishKind) -> Block:
    button = _plain_button(rollout, _label(rollout, kind), f"rollout_{kind.value}")
    if kind in _STYLES:
        button |= {"style": _STYLES[kind]}
    if kind is WishKind.ADVANCE:
        button |= {"confirm": _confirm(rollout)}
    return button


def _label(rollout: Rollout, kind: WishKind) -> str:
    if kind is WishKind.ADVANCE and rollout.asked == Verdict.PROMOTE.value:
        return "Promote"
    return _LABELS[kind]


def _confirm(rollout: Rollout) -> Block:
    label = _label(rollout, WishKind.ADVANCE)
    doing = "all traffic goes to it" if label == "Promote" else "it gets the share of the next step"
    return {
        "title": plain(f"{label} this version?", 100),
        "text": plain(f"Version {rollout.request.version} was found good enough: {doing}.", CONFIRM_TEXT),
        "confirm": plain(label, 30),
        "deny": plain("Not yet", 30),
    }


def _plain_button(rollout: Rollout, label: str, action_id: str) -> Block:
    value = rollout.id[:BUTTON_VALUE]
    return {"type": "button", "text": plain(label, 75), "action_id": action_id, "value": value}
