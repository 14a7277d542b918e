"""State CheckGates of `release`: check the evidence against the policy and say which way the release goes."""

from typing import Any

from sluice import wiring
from sluice.model.codec import decode, encode
from sluice.model.release import Release
from sluice.telemetry import begin, logger
from sluice.usecases.check_gates import Checking, check_gates
from sluice.usecases.collect_evidence import Collected


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Check; answers the route, and with it the end of the release or nothing when people are to be asked."""
    begin(context)
    release = decode(Release, event)
    world = Checking(
        records=wiring.records(),
        registry=wiring.registry(),
        documents=wiring.documents(),
        archive=wiring.evidence_archive(),
        judgements=wiring.judgements(),
        default_policy=wiring.default_policy,
        clock=wiring.clock(),
    )
    checked = check_gates(release, decode(Collected, event), world)
    logger().info("gates_checked", subject=release.release_id, route=checked.route.value, gates_ref=checked.gates_ref)
    answer: dict[str, Any] = encode(checked)
    return answer
