"""A card that is still open when its release ends is closed, and the ledger says so with the votes that it had."""

import json

from sluice.model.approval import ApprovalStatus
from tests.packages import BAD, BEN, CHAIN, METRICS, a_policy
from tests.world import World


def test_votes_on_evidence_that_no_longer_passes_are_in_the_ledger_with_their_end() -> None:
    world = World(a_policy())
    world.register()
    world.work()
    world.vote(BEN)
    world.documents.contents[METRICS] = BAD

    world.edit(description="trained anew")
    world.event()
    world.work()

    [entry] = world.records.entries(CHAIN, "ApprovalSettled")
    body = json.loads(entry.body)
    assert world.approval.status is ApprovalStatus.SUPERSEDED
    assert (body["status"], [v["person"] for v in body["votes"]]) == ("superseded", [BEN])
    assert body["because"] == "The evidence has changed since, and no longer passes the gates."
