"""The ledger beside everything that bears witness to it."""

from collections.abc import Sequence

from sluice.core.verify_ledger import verify
from sluice.model.ledger import Noted
from sluice.model.verification import Verification
from sluice.ports import LedgerArchive, LedgerReading


def verify_ledger(
    chain: str, ledger: LedgerReading, archive: LedgerArchive, *, noted: Sequence[Noted] = ()
) -> Verification:
    """Verify a chain against its locked export, its markers, and heads that the caller noted.

    The witnesses are asked before the table, which is read strongly consistent: what they know it must hold by then.
    """
    marker = ledger.newest_marker(chain)
    witnesses = [*noted, marker] if marker else list(noted)
    return verify(chain, ledger.read(chain), exported=archive.read(chain), noted=witnesses)


def known_chains(ledger: LedgerReading, archive: LedgerArchive) -> list[str]:
    """All chains of the table and of the export, so that a chain deleted as a whole is missed."""
    return sorted(ledger.chains() | archive.chains())
