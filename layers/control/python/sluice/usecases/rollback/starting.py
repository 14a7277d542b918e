"""The execution of a rollback is started, once for each attempt."""

from sluice.core.rollback.naming import rollback_execution
from sluice.model.rollback import Rollback
from sluice.ports import Executions


def start_rollback(rollback: Rollback, executions: Executions) -> str:
    """Start the present attempt of a rollback; its execution's name. One that was started before is left alone."""
    name = rollback_execution(rollback.id, rollback.attempt)
    executions.start(name, {"rollback_id": rollback.id, "attempt": rollback.attempt})
    return name
