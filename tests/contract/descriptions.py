"""The providers' own descriptions, which lie outside the project: where they are, and how a request is held to them.

They are found through `CONTRACTS_DIR` (default: the folder `../shared/contracts` beside the checkout); nothing of them
is kept here. Without them these tests are skipped.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
CONTRACTS: Final = Path(os.environ.get("CONTRACTS_DIR") or ROOT.parent / "shared" / "contracts")
needs_descriptions: Final = pytest.mark.skipif(
    not CONTRACTS.is_dir(), reason=f"the providers' descriptions are not at {CONTRACTS}: set CONTRACTS_DIR"
)

SINCE_DESCRIBED: Final[Mapping[str, frozenset[str]]] = {
    # Slack's description stands still since 2021; these came later (docs.slack.dev, each method's page).
    "chat.postMessage": frozenset({"metadata", "blocks", "unfurl_links", "unfurl_media"}),
    "chat.update": frozenset({"metadata", "reply_broadcast"}),
    "conversations.history": frozenset({"include_all_metadata"}),
    "conversations.replies": frozenset({"include_all_metadata"}),
}
NOT_DESCRIBED: Final = frozenset(
    {"pins.add", "pins.remove", "pins.list", "reactions.add", "reactions.get", "users.list"}
)
"""Methods that we call and the description's part that is here leaves out."""


@cache
def loaded(name: str) -> Any:
    """Return a file of the descriptions, by its path without ".json"."""
    return json.loads((CONTRACTS / f"{name}.json").read_text(encoding="utf-8"))


def samples(folder: str) -> dict[str, Any]:
    """Return the samples of a provider by their names."""
    found = sorted((CONTRACTS / folder / "examples").glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in found}


def twilio_faults(method: str, path: str, query: Mapping[str, str], form: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a request to Twilio: an unknown address, an undescribed field or value."""
    description = loaded("twilio/twilio_api_v2010.calls_messages")
    found = next((each for each in description["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", each), path)), None)
    if found is None or method.lower() not in description["paths"][found]:
        return [f"{method} {path} is not described"]
    operation = description["paths"][found][method.lower()]
    asked = {each["name"]: each["schema"] for each in operation.get("parameters", []) if each["in"] == "query"}
    body = operation.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {})
    faults = [f"{name} is no parameter of {path}" for name in query if name not in asked]
    schema = body.get("schema", {"type": "object", "properties": {}})
    faults += [f"{name} is no field of {path}" for name in form if name not in schema.get("properties", {})]
    given = {name: _typed(value, schema["properties"].get(name, {})) for name, value in form.items()}
    strict = {**_plain(schema), "components": description["components"]}
    validator = jsonschema.Draft202012Validator(strict, format_checker=jsonschema.FormatChecker())
    return faults + [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(given)]


def slack_faults(method: str, given: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a call of Slack's Web API."""
    paths = loaded("slack/slack_web_openapi_v2.subset")["paths"]
    if f"/{method}" not in paths:
        return [] if method in NOT_DESCRIBED else [f"{method} is not described"]
    (operation,) = paths[f"/{method}"].values()
    described = {each["name"]: each for each in operation.get("parameters", [])}
    known = set(described) | SINCE_DESCRIBED.get(method, frozenset())
    faults = [f"{name} is no argument of {method}" for name in given if name not in known]
    needed = {name for name, each in described.items() if each.get("required")} - {"token"}
    return faults + [f"{method} needs {name}" for name in sorted(needed - set(given))]


def _typed(value: Any, schema: Mapping[str, Any]) -> Any:
    """Return a form's text as the type that the description names."""
    kind = schema.get("type")
    if kind == "array":
        return value if isinstance(value, list) else [value]
    if isinstance(value, list):
        value = value[-1]
    if kind in ("integer", "number") and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return int(value) if kind == "integer" else float(value)
    if kind == "boolean" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value


def _plain(node: Any) -> Any:
    """Return OpenAPI's words that JSON Schema does not know in those that it does."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {name: _plain(value) for name, value in node.items() if name not in ("nullable", "example")}
    return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") else plain
