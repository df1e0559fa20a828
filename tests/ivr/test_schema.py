import json
import re
from typing import Any

import pytest
import yaml

from dtmfphone.assets import assets
from dtmfphone.ivr.nodes import KINDS
from dtmfphone.ivr.schema import FILE_NAME, schema
from dtmfphone.ivr.script import names


class Yaml12(yaml.SafeLoader):
    """Takes `yes` and `no` for text, as editors do that go by YAML 1.2."""


Yaml12.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if first in "tf" or not tag.endswith(":bool")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def fits(value: Any, wanted: dict[str, Any]) -> bool:
    """Say whether a value fits a schema, as far as ours go."""
    if "$ref" in wanted:
        return fits(value, schema()["$defs"][wanted["$ref"].rpartition("/")[2]])
    for word, count in (("oneOf", 1), ("anyOf", None)):
        if word in wanted:
            fitting = sum(fits(value, one) for one in wanted[word])
            return fitting == count if count else fitting > 0
    if "enum" in wanted:
        return value in wanted["enum"]
    kinds: dict[str, Any] = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
    kind = wanted.get("type", "string")
    if not isinstance(value, kinds.get(kind, (int, float))):
        return False
    if kind == "object":
        own = wanted.get("properties", {})
        more = wanted.get("additionalProperties", True)
        return all(name in value for name in wanted.get("required", ())) and all(
            fits(item, own[name]) if name in own else more is True or (more is not False and fits(item, more))
            for name, item in value.items()
        )
    if kind == "array":
        return all(fits(item, wanted["items"]) for item in value)
    return kind != "string" or (
        re.search(wanted.get("pattern", ""), value) is not None and len(value) <= wanted.get("maxLength", len(value))
    )


def test_the_published_schema_is_that_of_the_structs() -> None:
    published = json.loads((assets() / "ivr" / FILE_NAME).read_text())
    assert published == schema(), "run `dtmfphone ivr schema > resources/ivr/schema.json`"
    assert {kind.__name__ for kind in KINDS.values()} < set(published["$defs"])


@pytest.mark.parametrize("name", names())
def test_every_shipped_script_fits_the_schema(name: str) -> None:
    document = yaml.load((assets() / "ivr" / f"{name}.yaml").read_text(), Yaml12)
    assert fits(document, schema())
    document["nodes"][document["start"]]["nxt"] = "main"
    assert not fits(document, schema())
