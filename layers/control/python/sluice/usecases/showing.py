"""A message that shows a record: posted once, then kept up to date; posted again when it was deleted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from sluice.core.card import Card
from sluice.core.detour import detoured
from sluice.errors import ChannelUnavailable, PermanentFailure, TransientFailure
from sluice.model.commit import Commit, Save
from sluice.model.ids import Micros
from sluice.model.posted import Posted
from sluice.usecases.delivering import Delivering
from sluice.usecases.remembering import Known, recall, settling_races

_DRAWINGS = 5


class Shown(Protocol):
    """A record that is shown: the channel that it is for, and where its message is."""

    KIND: ClassVar[str]

    @property
    def channel(self) -> str:
        """Where it belongs."""
        ...

    @property
    def posted_in(self) -> str | None:
        """The channel that Slack answered with."""
        ...

    @property
    def message_ts(self) -> str | None:
        """The message; None while there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Showing[T: Shown]:
    """How records of one kind are drawn, and how is noted where they are shown and since when."""

    kind: type[T]
    draw: Callable[[T, Micros], Card]
    noted: Callable[[T, Posted, Micros], T]
    save: Callable[[T, Known[T], Micros], Save]

    def show(self, record_id: str, world: Delivering, *, attempt: int) -> tuple[T, Micros] | None:
        """Post the message, or bring it up to date; answers the record and the moment of a first post."""
        known = recall(world.records, self.kind, record_id)
        if known is None:
            raise PermanentFailure(f"there is no {self.kind.KIND} {record_id}")
        if known.value.message_ts is not None:
            self._redraw(known, known.value.message_ts, world, attempt)
            return None
        return known.value, self._post(known, world, attempt)

    def _redraw(self, known: Known[T], message_ts: str, world: Delivering, attempt: int) -> None:
        """Show the newest state; once more if it changed meanwhile, since this may have gone over a later drawing."""
        for _ in range(_DRAWINGS):
            if not self._replaced(known.value, message_ts, world, attempt):
                self._post(known, world, attempt)
                return
            newest = recall(world.records, self.kind, known.id)
            if newest is None or newest.version == known.version:
                return
            known = newest
        raise TransientFailure(f"the {self.kind.KIND} changed through {_DRAWINGS} drawings of its card")

    def _replaced(self, value: T, message_ts: str, world: Delivering, attempt: int) -> bool:
        """Whether the message shows the record; not when it was deleted, or its channel is waited for no longer."""
        drawn, shown_in = self.draw(value, world.clock.now()), value.posted_in or value.channel
        if shown_in == world.channel != value.channel:
            drawn = detoured(drawn, value.channel)
        try:
            return world.chat.update(shown_in, message_ts, text=drawn.text, blocks=drawn.blocks)
        except ChannelUnavailable:
            if not world.gives_up(shown_in, attempt):
                raise
        return False

    def _post(self, known: Known[T], world: Delivering, attempt: int) -> Micros:
        drawn = self.draw(known.value, world.clock.now())
        posted = world.post(known.value.channel, drawn, attempt=attempt)
        at = world.clock.now()
        settling_races(lambda: self._note(known, posted, at, world))
        newest = recall(world.records, self.kind, known.id)
        if newest is not None and newest.version > known.version + 1 and newest.value.message_ts == posted.ts:
            # It changed while this was posted, and whoever changed it could not say yet what to redraw.
            self._redraw(newest, posted.ts, world, attempt)
        return at

    def _note(self, drawn: Known[T], posted: Posted, at: Micros, world: Delivering) -> None:
        """Note where the message is, unless another deliverer has posted one in its place since."""
        known = recall(world.records, self.kind, drawn.id)
        if known is None or known.value.message_ts != drawn.value.message_ts:
            return
        now = world.clock.now()
        shown = self.noted(known.value, posted, at)
        world.records.commit(Commit(saves=(self.save(shown, known, now),)), at=now)
