"""Cuts botocore's models down to the operations that Sluice calls: parsing the rest is most of a client's start.

What stays is word for word botocore's: the operations, the shapes that they reach, and the endpoints of their services.
"""

import gzip
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

type Model = dict[str, Any]


def slim(data: Path, operations: Mapping[str, Collection[str]]) -> None:
    """Rewrite the data folder of botocore in place; `operations` names those to keep by service."""
    prefixes = {_slim_service(data / service, kept) for service, kept in operations.items()}
    endpoints = data / "endpoints.json"
    _rewrite(endpoints, slimmed_endpoints(_read(endpoints), prefixes))


def _slim_service(folder: Path, operations: Collection[str]) -> str:
    """Rewrite the newest model of a service; answers the prefix of its endpoints."""
    newest = max(version for version in folder.iterdir() if version.is_dir())
    (model_file,) = newest.glob("service-2.json*")
    model = slimmed_model(_read(model_file), operations)
    _rewrite(model_file, model)
    for rules in newest.glob("endpoint-rule-set-1.json*"):
        _rewrite(rules, _read(rules))
    return str(model["metadata"]["endpointPrefix"])


def slimmed_model(model: Model, operations: Collection[str]) -> Model:
    """A service model with these operations and what they reach; raises KeyError for an operation that is not there."""
    kept = {name: model["operations"][name] for name in sorted(operations)}
    shapes = {name: model["shapes"][name] for name in sorted(_reached(model["shapes"], kept.values()))}
    return {**_without_documentation({**model, "operations": kept, "shapes": shapes})}


def slimmed_endpoints(endpoints: Model, prefixes: Collection[str]) -> Model:
    """The table of endpoints with these services alone."""
    partitions = [
        {**partition, "services": {name: told for name, told in partition["services"].items() if name in prefixes}}
        for partition in endpoints["partitions"]
    ]
    return {**endpoints, "partitions": partitions}


def _reached(shapes: Mapping[str, Model], operations: Iterable[Model]) -> set[str]:
    found: set[str] = set()
    waiting = [name for operation in operations for name in _references(operation)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _references(shapes[name])
    return found


def _references(value: Any) -> Iterator[str]:
    """Names of the shapes that a piece of a model points at."""
    if isinstance(value, dict):
        if isinstance(value.get("shape"), str):
            yield value["shape"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _without_documentation(value: Any) -> Any:
    """The same without texts for readers; a member that is itself named `documentation` is no text and stays."""
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if not (k == "documentation" and isinstance(v, str))}
        return {key: _without_documentation(inner) for key, inner in kept.items()}
    return [_without_documentation(inner) for inner in value] if isinstance(value, list) else value


def _read(path: Path) -> Model:
    content = path.read_bytes()
    model: Model = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
    return model


def _rewrite(path: Path, model: Model) -> None:
    """Written anew under the plain name: botocore reads both, and the file may be a hard link into a cache."""
    path.unlink()
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    plain.write_text(json.dumps(model, separators=(",", ":")))
