"""The schema for editors says what the format is today, and plans pass it."""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from eap.format.canonical import canonical, digest, restore, stored
from eap.format.schema import FILE, written
from tests.eap.format.texts import document, plan_text

VALIDATOR = Draft202012Validator(json.loads(written()))


def errors(text: str) -> list[str]:
    """Return what the schema says of a plan, read as an editor reads it."""
    values = json.loads(json.dumps(YAML(typ="safe", pure=True).load(text), default=str))
    return [error.message for error in VALIDATOR.iter_errors(values)]


def test_the_file_is_what_the_format_is_today() -> None:
    command = "bin/manage plans schema > eap/format/plan.schema.json"
    assert FILE.read_text(encoding="utf-8") == written(), f"Write it again: {command}"


def test_the_schema_is_one() -> None:
    of_schemas = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    assert [error.message for error in of_schemas.iter_errors(json.loads(written()))] == []


def test_a_plan_passes_and_wrong_ones_do_not() -> None:
    assert errors(plan_text()) == []
    assert errors(plan_text().replace("role: ops", "rol: ops"))
    assert errors(plan_text().replace("kind: manual", "kind: manuel"))
    assert errors(plan_text().replace("role: ops", "due: five"))
    assert errors(plan_text().replace("role: ops", "due: 5m")) == []


def test_defaults_are_written_as_plans_write_them() -> None:
    parts = json.loads(written())["$defs"]
    assert parts["Approval"]["properties"]["expires"]["default"] == "1h"
    assert parts["Update"]["properties"]["next_update"]["default"] == "30m"


def test_a_document_comes_back_as_it_was_stored() -> None:
    whole = document()
    assert restore(stored(whole)) == whole
    assert digest(restore(stored(whole))) == digest(whole)


def test_the_digest_follows_what_a_plan_says_and_not_how_it_is_written() -> None:
    whole = document()
    other = document(
        "# a remark\n- kind: manual\n  id: look\n  role: ops\n  title: 'Look at the host'\n  urgency: high\n"
    )
    assert canonical(other) == canonical(whole)
    changed = document("- {id: look, kind: manual, title: Look at the host, role: sec}\n")
    assert digest(changed) != digest(whole)
