"""A function that does what a test asks, to see how the engine runs functions."""

import os
from importlib import import_module
from typing import Any

import boto3


class Transient(Exception):
    """An exception with a class name to be matched."""


def handler(event: dict[str, Any], context: Any) -> Any:
    """Dispatch on `do`."""
    match event.get("do"):
        case "raise":
            raise Transient(event.get("message", "no"))
        case "flaky":
            if event["attempt"] < event["until"]:
                raise Transient(f"attempt {event['attempt']}")
        case "time":
            return {"now_ns": import_module("sluice.adapters.clock").now_ns()}
        case "where":
            return {"pid": os.getpid(), "layer": import_module("probe_layer").WHERE}
        case "put":
            client: Any = boto3.client("dynamodb")
            item = {"pk": {"S": event["pk"]}, "token": {"S": event.get("token", "")}}
            client.put_item(TableName=event.get("table") or os.environ["TABLE"], Item=item)
        case "log":
            print(event["line"])  # noqa: T201  # how a function logs
        case _:
            pass
    return event
