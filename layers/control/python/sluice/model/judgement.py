"""What the gates found about one release on one evidence digest, as the archive keeps it for the approval."""

from dataclasses import dataclass

from sluice.model.gates import GateReport
from sluice.model.ids import Digest
from sluice.model.people import RegistrationFacts


@dataclass(frozen=True, slots=True)
class Judgement:
    """The gate report with the digests it is bound to, and the facts that say who registered the package."""

    release_id: str
    digest: Digest
    policy_digest: Digest
    report: GateReport
    registration: RegistrationFacts
