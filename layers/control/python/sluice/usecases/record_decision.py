"""Whatever is asked about approvals, rollouts and incidents: the one place that may resume an execution."""

from typing import assert_never

from sluice.model.approval_commands import (
    CardDelivered,
    CastVote,
    DecidedElsewhere,
    EvidenceTouched,
    ResumeRelease,
    TimerFired,
)
from sluice.model.commands import Command
from sluice.model.incident_commands import AskIncident, NoteIncident, PagerSaid, RaiseSignal, WakeIncident
from sluice.model.rollout_commands import AskRollout, ClearHold, FinishRollout, ResumeRollout, WakeRollout
from sluice.model.status_command import ShowStatus
from sluice.usecases.cast_vote import cast_vote
from sluice.usecases.close_approval import close_approval
from sluice.usecases.deciding import Deciding
from sluice.usecases.incident.ask_incident import ask_incident
from sluice.usecases.incident.next_answer import answer_next
from sluice.usecases.incident.note_incident import note_incident
from sluice.usecases.incident.pager_said import pager_said
from sluice.usecases.incident.raise_signal import raise_signal
from sluice.usecases.incident.take_signal import TakingSignals
from sluice.usecases.incident.wake_incident import wake_incident
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

type _AboutIncident = RaiseSignal | AskIncident | PagerSaid | NoteIncident | WakeIncident
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
        case RaiseSignal() | AskIncident() | PagerSaid() | NoteIncident() | WakeIncident():
            _about_incident(command, world)
        case _:
            _about_rollout(command, world)


def _about_incident(command: _AboutIncident, world: Deciding) -> None:
    match command:
        case AskIncident():
            ask_incident(command, world)
        case PagerSaid():
            pager_said(command, world)
        case NoteIncident():
            note_incident(command, world)
        case RaiseSignal():
            raise_signal(command, _taking_signals(world))
        case WakeIncident():
            wake_incident(command.incident_id, world)
            answer_next(command.incident_id, _taking_signals(world))
        case _ as never:
            assert_never(never)


def _taking_signals(world: Deciding) -> TakingSignals:
    return TakingSignals(
        records=world.records,
        incidents=world.incidents,
        rollbacks=world.rollbacks,
        default_policy=world.default_policy,
        clock=world.clock,
        region=world.region,
        channel=world.channel,
    )


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
