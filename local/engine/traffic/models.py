"""The behaviour of each model: set by an admin call, or read from `behaviour.json` beside its artefact."""

import json
from typing import Any

from ministack.core.responses import AccountScopedDict
from ministack.services import s3

from local.engine.traffic.behaviour import Behaviour

_MANIFEST = "behaviour.json"

_set: Any = AccountScopedDict()  # model -> [(since, behaviour)], oldest first
_read: Any = AccountScopedDict()  # artefact -> behaviour


def set_behaviour(model: str, behaviour: Behaviour, since: float) -> None:
    """Let a model behave so from a moment on; what is set first counts for the time before as well."""
    known = _set.setdefault(model.lower(), [])
    known.append((since if known else 0.0, behaviour))


def behaviour_of(model: str, artefact: str, at: float) -> Behaviour:
    """The behaviour of a model at a moment, before its own changes."""
    known = [behaviour for since, behaviour in _set.get(model.lower(), []) if since <= at]
    return known[-1] if known else _of_artefact(artefact)


def forget() -> None:
    """Forget every behaviour."""
    _set.clear()
    _read.clear()


def _of_artefact(artefact: str) -> Behaviour:
    # Read once: an artefact does not change, and a past minute must keep its figures.
    if artefact not in _read:
        _read[artefact] = _manifest(artefact)
    found: Behaviour = _read[artefact]
    return found


def _manifest(artefact: str) -> Behaviour:
    bucket, _, key = artefact.removeprefix("s3://").partition("/")
    if not bucket or not artefact.startswith("s3://"):
        return Behaviour()
    folder = key if key.endswith("/") else key.rpartition("/")[0] + "/"
    body = s3._get_object_data(bucket, f"{folder}{_MANIFEST}".removeprefix("/"))
    return Behaviour.parsed(json.loads(body)) if body else Behaviour()
