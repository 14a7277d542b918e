"""Ledger entries about a rollout, each with what it is bound to."""

from typing import Any

from sluice.model.commit import Entry, group_chain
from sluice.model.entry_kinds import EntryKind
from sluice.model.rollout import Rollout


def rollout_entry(rollout: Rollout, kind: EntryKind, key: str, body: dict[str, Any]) -> Entry:
    """A fact about a rollout in the chain of its group; the same key is the same fact."""
    request = rollout.request
    bound: dict[str, Any] = {
        "rollout_id": request.rollout_id,
        "package_arn": request.package_arn,
        "region": request.region,
        "digest": request.digest,
        "mode": rollout.mode.value,
        "fence": rollout.fence,
    }
    if rollout.rules is not None:
        bound["endpoint"] = rollout.rules.target.endpoint
    return Entry(
        chain=group_chain(request.group),
        key=f"{kind}|{request.rollout_id}|{key}",
        kind=kind,
        subject=request.release_id,
        body=bound | body,
    )
