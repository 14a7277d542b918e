"""State CollectEvidence of `release`: gather what is known of the package into one document with a digest."""

from typing import Any

from sluice import wiring
from sluice.model.codec import decode, encode
from sluice.model.release import Release
from sluice.telemetry import begin, logger
from sluice.usecases.collect_evidence import Collecting, collect_evidence


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Collect; answers the release with the evidence's digest and epoch."""
    begin(context)
    release = decode(Release, event)
    world = Collecting(
        records=wiring.records(),
        registry=wiring.registry(),
        documents=wiring.documents(),
        lineage=wiring.lineage(),
        archive=wiring.evidence_archive(),
        clock=wiring.clock(),
    )
    collected = collect_evidence(release, world)
    logger().info("evidence_collected", subject=release.release_id, digest=collected.digest, epoch=collected.epoch)
    answer: dict[str, Any] = encode(release) | encode(collected)
    return answer
