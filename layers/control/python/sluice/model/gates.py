"""What came of checking the evidence against a policy's gates."""

from dataclasses import dataclass

from sluice.model.approval import GateLine, GateVerdict, MetricLine
from sluice.model.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Production:
    """What a candidate is compared with.

    `endpoint` is where Sluice knows the version to serve; without one it is the newest other approved version, which
    may serve or not.
    """

    evidence: Evidence
    endpoint: str = ""

    @property
    def words(self) -> str:
        """The version, and why it is the one."""
        version = self.evidence.version
        return f"version {version} in production" if self.endpoint else f"version {version}, the newest approved"


@dataclass(frozen=True, slots=True)
class LookedAt:
    """Where a gate found what it judged: a document (or the package itself) and the place in it."""

    uri: str
    path: str


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate's verdict with its reason; `advice` says what to do about it, empty when it passed."""

    gate: str
    verdict: GateVerdict
    required: bool
    reason: str
    observed: float | None = None
    limit: float | None = None
    advice: str = ""
    looked_at: tuple[LookedAt, ...] = ()

    @property
    def line(self) -> GateLine:
        """The result as a card shows it."""
        return GateLine(self.gate, self.verdict, self.required, self.reason)


@dataclass(frozen=True, slots=True)
class GateReport:
    """All gates in the order of the policy, and the metrics beside those of the version that it is compared with.

    `production_endpoint` is where that version is known to serve; empty for the newest other approved version.
    """

    results: tuple[GateResult, ...] = ()
    comparison: tuple[MetricLine, ...] = ()
    production_version: int | None = None
    production_endpoint: str = ""

    @property
    def verdict(self) -> GateVerdict:
        """Failed when a required gate failed, else missing when one lacks its evidence, else passed."""
        verdicts = {result.verdict for result in self.results if result.required}
        if GateVerdict.FAILED in verdicts:
            return GateVerdict.FAILED
        return GateVerdict.MISSING if GateVerdict.MISSING in verdicts else GateVerdict.PASSED

    @property
    def blocking(self) -> tuple[GateResult, ...]:
        """The required gates that did not pass."""
        return tuple(r for r in self.results if r.required and r.verdict is not GateVerdict.PASSED)

    @property
    def lines(self) -> tuple[GateLine, ...]:
        """The results as a card shows them."""
        return tuple(result.line for result in self.results)
