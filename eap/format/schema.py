"""The format as a JSON Schema, for editors that complete and check while somebody writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from eap.format.document import FORMAT, Document
from eap.format.durations import PATTERN
from eap.format.durations import written as duration

FILE: Final = Path(__file__).with_name("plan.schema.json")
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """Return the schema that `Document` makes."""
    made = Document.model_json_schema(by_alias=True, mode="validation")
    _durations(made)
    made["properties"]["format"] = {"const": FORMAT, "default": FORMAT, "title": "Format"}
    title = "A plan of Muster"
    return {"$schema": DIALECT, "$id": f"urn:muster:{FORMAT}", **made, "title": title}


def _durations(part: Any) -> None:
    """Write the defaults of durations as plans do ("1h"); pydantic gives the seconds they are in Python."""
    if isinstance(part, dict):
        kinds = [part, *part.get("anyOf", [])]
        if isinstance(part.get("default"), int) and any(kind.get("pattern") == PATTERN for kind in kinds):
            part["default"] = duration(part["default"])
        if isinstance(part.get("default"), dict):
            part.pop("default")
        for each in part.values():
            _durations(each)
    elif isinstance(part, list):
        for each in part:
            _durations(each)


def written() -> str:
    """Return the schema as its file says it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
