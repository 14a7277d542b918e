"""Whatever is asked about approvals and rollouts: the one place that may resume an execution."""

from typing import assert_never

from sluice.model.commands import (
    AskRollout,
    CardDelivered,
    CastVote,
    ClearHold,
    Command,
    DecidedElsewhere,
    EvidenceTouched,
    FinishRollout,
    ResumeRelease,
    ResumeRollout,
    ShowStatus,
    TimerFired,
    WakeRollout,
)
from sluice.usecases.cast_vote import cast_vote
from sluice.usecases.close_approval import close_approval
from sluice.usecases.deciding import Deciding
from sluice.usecases.refresh_evidence import refresh_evidence
from sluice.usecases.resume_release import resume_release
from sluice.usecases.rollout.ask_rollout import ask_rollout
from sluice.usecases.rollout.clear_hold import clear_hold
from sluice.usecases.rollout.finish_rollout import finish_rollout
from sluice.usecases.rollout.resume_rollout import resume_rollout
from sluice.usecases.rollout.wake_rollout import wake_rollout
from sluice.usecases.run_timer import run_timer
from sluice.usecases.show_status import show_status
from sluice.usecases.start_timers import start_timers

type _AboutRollout = AskRollout | ClearHold | WakeRollout | ResumeRollout | FinishRollout | ShowStatus


def record_decision(command: Command, world: Deciding) -> None:
    """Carry out one command; each can come twice and changes nothing the second time."""
    match command:
        case CastVote():
            cast_vote(command, world)
        case CardDelivered():
            start_timers(command, world)
        case TimerFired():
            run_timer(command, world)
        case EvidenceTouched():
            refresh_evidence(command, world)
        case DecidedElsewhere():
            close_approval(command, world)
        case ResumeRelease():
            resume_release(command.approval_id, world)
        case _:
            _about_rollout(command, world)


def _about_rollout(command: _AboutRollout, world: Deciding) -> None:
    match command:
        case AskRollout():
            ask_rollout(command, world)
        case ClearHold():
            clear_hold(command, world)
        case WakeRollout():
            wake_rollout(command.rollout_id, world)
        case ResumeRollout():
            resume_rollout(command.rollout_id, world)
        case FinishRollout():
            finish_rollout(command.rollout_id, world)
        case ShowStatus():
            show_status(command, world)
        case _ as never:
            assert_never(never)
