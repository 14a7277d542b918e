"""Ledger entries about a rollback, each with what it is bound to."""

from typing import Any

from sluice.model.commit import Entry, group_chain
from sluice.model.entry_kinds import EntryKind
from sluice.model.production import Served
from sluice.model.rollback import Rollback


def rollback_entry(rollback: Rollback, kind: EntryKind, key: str, body: dict[str, Any]) -> Entry:
    """A fact about a rollback in the chain of its group; the same key is the same fact."""
    bound: dict[str, Any] = {
        "rollback_id": rollback.id,
        "incident_id": rollback.incident_id,
        "region": rollback.region,
        "endpoint": rollback.endpoint,
        "mode": "" if rollback.mode is None else rollback.mode.value,
        "fence": rollback.fence,
    }
    return Entry(
        chain=group_chain(rollback.group),
        key=f"{kind}|{rollback.id}|{key}",
        kind=kind,
        subject=f"rollback/{rollback.id}",
        body=bound | body,
    )


def way(rollback: Rollback) -> dict[str, Any]:
    """From which version to which, as far as that is decided."""
    return _side("from", rollback.left) | _side("to", rollback.target)


def _side(name: str, served: Served | None) -> dict[str, Any]:
    if served is None:
        return {}
    return {name: served.config, f"{name}_version": served.version, f"{name}_package": served.package_arn}
