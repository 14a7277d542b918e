"""What Sluice itself has found about production is taken like every other signal."""

from dataclasses import replace

from sluice.model.ids import Micros
from sluice.model.incident_commands import RaiseSignal
from sluice.usecases.incident.take_signal import Taken, TakingSignals, take_signal


def raise_signal(command: RaiseSignal, world: TakingSignals) -> Taken:
    """Take the signal; what is over already is cleared right after, so that it ends by itself once it was told."""
    if not command.passed:
        return take_signal(command.signal, world)
    signal = replace(command.signal, at=Micros(command.signal.at - 1))
    taken = take_signal(signal, world)
    take_signal(replace(command.signal, key=f"{signal.key}|passed", raised=False), world)
    return taken
