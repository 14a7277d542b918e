"""Where to look, of an incident: its runbook, the pages of AWS's console, what its signals point to. Pure."""

from sluice.core.incident.console_links import endpoint_logs, endpoint_page
from sluice.model.incident import Incident
from sluice.model.rollback import Rollback


def pointers(incident: Incident, rollback: Rollback | None) -> tuple[tuple[str, str], ...]:
    """Labels and addresses, in the order in which a person wants them: what to do, then where to look."""
    told = dict(rollback.signal.links) if rollback is not None else {}
    named = {
        "Runbook": incident.paging.runbook,
        "Endpoint": endpoint_page(incident.region, incident.endpoint),
        "Logs": endpoint_logs(incident.region, incident.endpoint),
    }
    return tuple(
        (label, url) for label, url in (named | {k: v for k, v in told.items() if k not in named}).items() if url
    )
