"""Whatever is asked about an approval: the one place that may resume an execution."""

from typing import assert_never

from sluice.model.commands import (
    CardDelivered,
    CastVote,
    Command,
    DecidedElsewhere,
    EvidenceTouched,
    ResumeRelease,
    TimerFired,
)
from sluice.usecases.cast_vote import cast_vote
from sluice.usecases.close_approval import close_approval
from sluice.usecases.deciding import Deciding
from sluice.usecases.refresh_evidence import refresh_evidence
from sluice.usecases.resume_release import resume_release
from sluice.usecases.run_timer import run_timer
from sluice.usecases.start_timers import start_timers


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
        case _ as never:
            assert_never(never)
