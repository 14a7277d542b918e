"""Entry point of the child process: settings, patches, then ministack's own server."""

import os
import sys
import threading
from importlib import import_module

from local.engine import settings

_PATCHES = (
    "assume_role",
    "capacity_services",
    "cloudwatch_service",
    "endpoint_traffic",
    "event_bus_rights",
    "extra_types",
    "http_api_body",
    "lambda_worker",
    "object_lock",
    "parameter_store",
    "published_messages",
    "sagemaker_service",
    "service_metrics",
    "sagemaker_rights",
    "schedules",
    "secure_transport",
    "step_functions",
    "step_functions_role",
    "delivery_rights",
    "request_gate",
    "parameter_arns",
    "schedule_arns",
    "admin_endpoint",
)


def main() -> None:
    """Run the engine until it is terminated."""
    arguments = settings.from_arguments(sys.argv[1:])
    wanted = settings.environment(arguments)
    os.environ.clear()
    os.environ.update(wanted)
    # The environment is read by ministack's modules on import, so nothing of it may be imported earlier.
    for name in _PATCHES:
        import_module(f"local.engine.patches.{name}").apply()
    sys.argv[1:] = []
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import_module("ministack.app").main()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    import_module("ministack.core.lambda_runtime").reset()  # the functions' processes
    os._exit(0)  # nothing is kept, so there is nothing to wait for


if __name__ == "__main__":
    main()
