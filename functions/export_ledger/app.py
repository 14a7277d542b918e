"""Copies new ledger records to the locked archive."""

from typing import Any

from sluice import telemetry, wiring
from sluice.adapters.ledger_stream import arrived_of
from sluice.usecases.export_ledger import export_ledger


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A batch of the ledger table's stream; answers from where on it is to come again, if anywhere."""
    telemetry.begin(context)
    exported = export_ledger(arrived_of(event), export=wiring.ledger_export())
    telemetry.logger().info("ledger_exported", records=exported.records)
    if exported.failed_at is None:
        return {"batchItemFailures": []}
    telemetry.logger().error("ledger_export_stopped", position=exported.failed_at, reason=exported.reason)
    return {"batchItemFailures": [{"itemIdentifier": exported.failed_at}]}
