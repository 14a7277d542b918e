"""How bad a signal is: by how much is at stake, by what is not well, and by who speaks. Pure."""

from typing import Final

from sluice.model.governing import Tier
from sluice.model.response_rules import Severity
from sluice.model.signal import Cause, Signal, SignalKind

_CRITICAL, _ERROR, _WARNING, _INFO = Severity
_TIERS: Final = (Tier.CRITICAL, Tier.STANDARD, Tier.PILOT)
_BY_CAUSE: Final = {
    Cause.AVAILABILITY: (_CRITICAL, _CRITICAL, _ERROR),
    Cause.ERRORS: (_CRITICAL, _ERROR, _WARNING),
    Cause.LATENCY: (_ERROR, _WARNING, _WARNING),
    Cause.KPI: (_CRITICAL, _ERROR, _WARNING),
    Cause.MODEL_QUALITY: (_ERROR, _ERROR, _WARNING),
    Cause.BIAS: (_ERROR, _WARNING, _WARNING),
    Cause.DATA_QUALITY: (_WARNING, _WARNING, _INFO),
    Cause.ATTRIBUTION: (_WARNING, _INFO, _INFO),
    Cause.CHANGED: (_CRITICAL, _ERROR, _WARNING),
    Cause.ROLLOUT: (_WARNING, _WARNING, _WARNING),
    Cause.OTHER: (_WARNING, _WARNING, _INFO),
}
"""By tier: critical, standard, pilot. What inhibits is at least as bad in each tier as what it inhibits."""
_ORDER: Final = list(Cause)


def severity_of(signal: Signal, tier: Tier) -> Severity:
    """How bad it is by itself; a person who calls is believed to have a reason."""
    if signal.urgent:
        return _CRITICAL
    severity = _BY_CAUSE[signal.cause][_TIERS.index(tier)]
    return worse(severity, _ERROR) if signal.kind is SignalKind.PERSON else severity


def worse(one: Severity, other: Severity) -> Severity:
    """The worse of two."""
    return one if one.rank >= other.rank else other


def weight(severity: Severity, cause: Cause) -> tuple[int, int]:
    """What orders signals and incidents: by severity, then by cause; the greater one is worse."""
    return severity.rank, -_ORDER.index(cause)
