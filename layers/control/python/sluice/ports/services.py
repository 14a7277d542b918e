"""Executions, timers, queues, parameters and Slack, as far as decisions need them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sluice.model.ids import Micros
    from sluice.model.parameter import Labelling, Parameter
    from sluice.model.posted import Posted
    from sluice.model.release import BrokenExecution


class Executions(Protocol):
    """Executions of one state machine."""

    def start(self, name: str, given: Mapping[str, Any]) -> None:
        """Start the execution of that name; one that was ever started under it is left alone."""
        ...

    def status(self, name: str) -> str | None:
        """What Step Functions says of the execution of that name, such as RUNNING; None when it was never started."""
        ...

    def broken(self, *, since: Micros) -> Iterator[BrokenExecution]:
        """Executions of `release` that failed, timed out or were aborted since a moment."""
        ...


class Waiting(Protocol):
    """Executions that wait for an answer."""

    def resume(self, task_token: str, answer: Mapping[str, Any]) -> bool:
        """Hand an answer to a waiting task; False when nobody waits under that token any more."""
        ...


class Timers(Protocol):
    """One-off wake-ups."""

    def set(self, name: str, *, at: Micros, command: Mapping[str, Any]) -> None:
        """Send a command to the decisions queue at a moment; a timer that is already set under the name stays."""
        ...

    def cancel(self, name: str) -> None:
        """Take a timer back; one that is gone is fine."""
        ...


class Chat(Protocol):
    """Slack, as far as the bot may use it."""

    def post(self, channel: str, *, text: str, blocks: Sequence[Mapping[str, Any]] = ()) -> Posted:
        """Post a message to a channel or person."""
        ...

    def update(self, channel: str, ts: str, *, text: str, blocks: Sequence[Mapping[str, Any]] = ()) -> bool:
        """Replace one of our own messages; False when it is not there any more."""
        ...

    def whisper(self, channel: str, user: str, *, text: str) -> None:
        """Show a text to one person in a channel."""
        ...

    def permalink(self, channel: str, ts: str) -> str:
        """The address of a message, for a link to it."""
        ...

    def open_view(self, trigger_id: str, view: Mapping[str, Any]) -> None:
        """Open a modal; the trigger lives 3 seconds."""
        ...

    def group_members(self, user_group: str) -> frozenset[str]:
        """Ids of the people of a user group."""
        ...


class CommandQueue(Protocol):
    """The decisions queue, for those who ask."""

    def send(self, command: Mapping[str, Any]) -> None:
        """Put one command on the queue."""
        ...


class EventBus(Protocol):
    """Sluice's own event bus."""

    def publish(self, detail_type: str, detail: Mapping[str, Any]) -> None:
        """Publish a domain event."""
        ...


class Parameters(Protocol):
    """Parameter Store, where policies, people and schedules are written."""

    def read(self, name: str) -> Parameter | None:
        """The newest version of a parameter, or None when there is none."""
        ...

    def read_all(self) -> Iterator[Parameter]:
        """Every parameter that may hold a document of ours."""
        ...

    def written_by(self, name: str, version: int) -> str | None:
        """ARN of who wrote a version, or None when that version is kept no longer."""
        ...

    def labelled(self, name: str, label: str) -> int | None:
        """The version that carries a label, or None when none does."""
        ...

    def label(self, name: str, version: int, label: str) -> Labelling:
        """Put a label on a version, taking it from the version that had it; repeating it changes nothing."""
        ...
