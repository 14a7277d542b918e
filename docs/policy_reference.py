"""Writes from the models what docs/policy.md and the JSON Schemas say: `.venv/bin/python docs/policy_reference.py`."""

import ast
import inspect
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sluice.model import (
    document_fields,
    people_document,
    policy,
    policy_gates,
    policy_judge,
    policy_paging,
    policy_rollback,
    policy_rollout,
    policy_routes,
    policy_steps,
    policy_target,
    policy_watch,
    schedule_document,
)
from sluice.model.document_fields import Document, WholeDocument
from sluice.model.people_document import PeopleDocument
from sluice.model.policy import PolicyDocument
from sluice.model.schedule_document import ScheduleDocument

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "policy.md"
DOCUMENTS: Mapping[str, type[WholeDocument]] = {
    "policy": PolicyDocument,
    "people": PeopleDocument,
    "schedule": ScheduleDocument,
}
_MODULES = (
    document_fields,
    policy,
    policy_gates,
    policy_rollout,
    policy_target,
    policy_steps,
    policy_judge,
    policy_watch,
    policy_rollback,
    policy_paging,
    policy_routes,
    people_document,
    schedule_document,
)
# Required by the model, since they are filled in before it looks; a person may leave them out.
_FILLED_IN = {
    "PolicyDocument": {"approval"},
    "ApprovalRules": {"expires_after", "on_expiry"},
    "RolloutPlan": {"strategy", "min_instances", "give_up_after"},
    "TrafficStep": {"bake"},
    "ShadowStep": {"bake"},
    "Bake": {"minimum", "maximum", "requests"},
    "GuardedUpdate": {"wait", "termination_wait", "maximum_execution"},
    "JudgedMetric": {"name", "critical", "tolerance"},
    "RollbackPlan": {"cool_down", "at_most"},
    "PagingPlan": {"repeat", "silence", "freeze"},
}
# What a tier may fill in; the page says so where the model knows another default.
_FROM_TIER = {
    "PolicyDocument": {"gates", "approval"},
    "ApprovalRules": {"expires_after", "on_expiry", "remind_after", "escalate"},
    "Gates": {"explainability", "model_card", "lineage"},
    "RolloutPlan": {"steps", "min_instances"},
    "TrafficStep": {"bake"},
    "ShadowStep": {"bake"},
    "Bake": {"minimum", "maximum", "requests"},
    "WatchPlan": {"for"},
    "RollbackPlan": {"cool_down", "at_most"},
    "PagingPlan": {"call", "then", "routes", "repeat", "silence", "freeze"},
}
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def main() -> None:
    """Write the schemas and the tables of the page."""
    for name, document in DOCUMENTS.items():
        schema_path(name).write_text(schema_text(document))
    PAGE.write_text(page_with_tables(PAGE.read_text()))


def schema_path(name: str) -> Path:
    """File of a document's JSON Schema."""
    return DOCS / f"{name}.schema.json"


def schema_text(document: type[WholeDocument]) -> str:
    """The JSON Schema of a document as its file holds it."""
    return json.dumps(schema_of(document), indent=2) + "\n"


def schema_of(document: type[WholeDocument]) -> dict[str, Any]:
    """JSON Schema with the text of each field as its description."""
    schema = document.model_json_schema()
    for name, part in [(document.__name__, schema), *schema.get("$defs", {}).items()]:
        required = [f for f in part.get("required", []) if f not in _FILLED_IN.get(name, ())]
        if "required" in part:
            part["required"] = required
        for field, described in part.get("properties", {}).items():
            described["description"] = field_texts()[name][field]
            described.pop("title", None)
            if _type(described) == "duration" and described.get("default") is not None:
                described["default"] = _duration(described["default"])
            if field in _FROM_TIER.get(name, ()):
                described.pop("default", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


@cache
def field_texts() -> dict[str, dict[str, str]]:
    """The text under each field of each document class, on one line; a field without one is an error."""
    return {cls.name: dict(_texts(cls)) for module in _MODULES for cls in _classes(module)}


def page_with_tables(page: str) -> str:
    """The page with the tables between its markers written anew."""
    for name, document in DOCUMENTS.items():
        begin, end = f"<!-- fields of {name} -->\n", f"<!-- end of {name} -->"
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        page = f"{before}{begin}\n{tables(document)}\n{end}{after}"
    return page


def tables(document: type[WholeDocument]) -> str:
    """One table a part of the document."""
    schema = schema_of(document)
    parts = [(document.__name__, schema)]
    parts += [(name, part) for name, part in schema.get("$defs", {}).items() if "properties" in part]
    return "\n".join(_table(name, part) for name, part in parts)


def _table(name: str, part: Mapping[str, Any]) -> str:
    lines = [
        f"#### {name}",
        "",
        one_line(part["description"]),
        "",
        "| field | type | default | meaning |",
        "| --- | --- | --- | --- |",
    ]
    for field, described in part["properties"].items():
        default = _default(name, field, described, required=field in part.get("required", []))
        lines.append(f"| `{field}` | {_type(described)} | {default} | {described['description'].replace('|', '\\|')} |")
    return "\n".join([*lines, ""])


def _default(name: str, field: str, described: Mapping[str, Any], *, required: bool) -> str:
    if field in _FROM_TIER.get(name, ()):
        return "from the tier"
    if required:
        return "required"
    if field in _FILLED_IN.get(name, ()):
        return "see there"
    value = described.get("default")
    return "none" if value in (None, [], {}) else f"`{json.dumps(value)}`"


def _duration(seconds: int) -> str:
    """As a person writes it; the model keeps seconds."""
    amount, unit = next((seconds // size, unit) for unit, size in _UNITS.items() if seconds % size == 0)
    return f"{amount}{unit}"


def _type(described: Mapping[str, Any]) -> str:
    if "$ref" in described:
        name = described["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})" if name in field_texts() else "word"
    if "anyOf" in described:
        return " or ".join(_type(d) for d in described["anyOf"] if d.get("type") != "null")
    if "type" not in described:
        return "word"
    if described["type"] == "array":
        return f"list of {_type(described['items'])}"
    if described["type"] == "object":
        values = described.get("patternProperties", {"": described.get("additionalProperties")})
        return f"mapping of {_type(next(iter(values.values())))}"
    if described["type"] == "string":
        return "duration" if "smhd" in described.get("pattern", "") else "word" if "enum" in described else "text"
    return str(described["type"])


def one_line(text: str) -> str:
    """A docstring on one line."""
    return " ".join(text.split())


def _classes(module: Any) -> Iterator[ast.ClassDef]:
    for node in ast.parse(inspect.getsource(module)).body:
        found = getattr(module, node.name) if isinstance(node, ast.ClassDef) else None
        if isinstance(node, ast.ClassDef) and isinstance(found, type) and issubclass(found, Document):
            yield node


def _texts(cls: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for node, below in zip(cls.body, [*cls.body[1:], None], strict=True):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        text = below.value.value if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) else ""
        if not isinstance(text, str) or not text:
            raise LookupError(f"{cls.name}.{node.target.id} is not documented")
        yield node.target.id.removesuffix("_"), one_line(text)  # a field may be called `for`, which Python keeps


if __name__ == "__main__":
    main()
