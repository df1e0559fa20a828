"""The JSON schema of IVR scripts, for editors: it describes the form; what else must be right, `check` says."""

from typing import Any

import msgspec

from dtmfphone.ivr.document import Document, Task
from dtmfphone.ivr.nodes import KINDS, Part, Retry

FILE_NAME = "schema.json"


def schema() -> dict[str, Any]:
    """Return the schema (JSON Schema draft 2020-12) of a script."""
    _, components = msgspec.json.schema_components([*KINDS.values(), Retry], ref_template="#/$defs/{name}")
    for component in components.values():
        component["description"] = " ".join(component["description"].split())
    nodes = {"type": "object", "minProperties": 1, "additionalProperties": {"$ref": "#/$defs/Node"}}
    components["Node"] = {
        "description": "A step of a call; the field that only it has tells what it is.",
        "oneOf": [{"$ref": f"#/$defs/{kind.__name__}"} for kind in KINDS.values()],
    }
    components["Task"] = _object(Task, {"start": {"type": "string"}, "nodes": nodes})
    tasks = {"type": "object", "additionalProperties": {"$ref": "#/$defs/Task"}}
    graph = {"start": {"type": "string"}, "nodes": nodes, "tasks": tasks}
    plain = {field.name: _plain(field) for field in msgspec.structs.fields(Document) if field.name not in graph}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dtmfphone IVR script",
        **_object(Document, plain | graph),
        "$defs": dict(sorted(components.items())),
    }


def _object(kind: type[Part], properties: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a struct that holds nodes: there msgspec cannot tell them by their fields."""
    fields = msgspec.structs.fields(kind)
    assert {field.name for field in fields} == set(properties)
    return {
        "description": (kind.__doc__ or "").strip(),
        "type": "object",
        "properties": properties,
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }


def _plain(field: msgspec.structs.FieldInfo) -> dict[str, Any]:
    default = {} if field.default is msgspec.NODEFAULT else {"default": field.default}
    return msgspec.json.schema(field.type) | default
