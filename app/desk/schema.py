"""The desk file as JSON Schema, for editors that help while it is written."""

from typing import Any

from app.desk.model import Desk


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the desk file."""
    schema = Desk.model_json_schema(mode="validation")
    for name in ("Line", "Category"):
        entry = schema["$defs"][name]
        del entry["properties"]["id"]  # the key of the mapping is the id
        entry["required"].remove("id")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Desk file"}
