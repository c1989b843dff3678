"""The page's JSON as readers of Statuspage's API v2 expect it: checked against our own schemas, and value by value."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

import statuspage.site
from statuspage.models import StatusPage
from tests.builders import NOW
from tests.statuspage.builders import (
    draft,
    draft_more,
    make_component,
    make_group,
    make_maintenance,
    make_page,
    make_public_incident,
    say,
)
from tests.statuspage.site.large import large_page
from tests.statuspage.site.rich import BASE, files_of, rich_page

pytestmark = pytest.mark.django_db

SCHEMAS = Path(statuspage.site.__file__).parent / "schemas"
PATHS = (
    *("summary", "status", "components", "incidents", "incidents/unresolved", "scheduled-maintenances"),
    *("scheduled-maintenances/upcoming", "scheduled-maintenances/active"),
)


def api_of(page: StatusPage) -> dict[str, Any]:
    """Return every JSON of a page by path under api/v2."""
    files = files_of(page)
    return {path: json.loads(files[f"{path_of(page)}api/v2/{path}.json"].body) for path in PATHS}


def path_of(page: StatusPage) -> str:
    return f"pages/{page.slug}/" if page.slug else ""


def faults(path: str, content: Any) -> list[str]:
    """Return what the schema of a path finds wrong."""
    found = [json.loads(each.read_text(encoding="utf-8")) for each in SCHEMAS.glob("*.json")]
    registry: Registry[Any] = Registry().with_resources((each["$id"], Resource.from_contents(each)) for each in found)
    schema = json.loads((SCHEMAS / f"{path.replace('/', '-')}.json").read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema, registry=registry, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(content)]


def empty_page() -> StatusPage:
    """Return a page on which nothing stands yet."""
    return make_page()


def long_history() -> StatusPage:
    """Return a page with more history than the JSON holds."""
    return large_page(components=30, incidents=80)


@pytest.mark.parametrize("made", [rich_page, empty_page, long_history])
def test_every_json_keeps_its_schema(made: Callable[[], StatusPage]) -> None:
    for path, content in api_of(made()).items():
        assert faults(path, content) == [], path


def test_the_schemas_refuse_what_readers_do_not_know() -> None:
    content = api_of(rich_page())
    wrong = content["status"] | {"status": {"indicator": "notice", "description": "All Systems Operational"}}
    assert faults("status", wrong)
    summary = content["summary"]
    summary["incidents"][0]["status"] = "resolved"
    assert faults("summary", summary)
    late = content["incidents"]
    late["incidents"][0]["started_at"] = "2026-11-22T03:00:00"
    assert faults("incidents", late)
    del content["components"]["components"][0]["description"]
    assert faults("components", content["components"])


def test_the_page_block_is_the_same_everywhere() -> None:
    page = rich_page()
    blocks = [content["page"] for content in api_of(page).values()]
    assert blocks == [blocks[0]] * len(PATHS)
    assert list(blocks[0]) == ["id", "name", "url", "time_zone", "updated_at"]
    assert blocks[0]["url"] == BASE
    assert datetime.fromisoformat(blocks[0]["updated_at"]) == NOW


def test_groups_stand_before_their_components_and_name_them() -> None:
    page = make_page()
    alone = make_component(page, "Control panel")
    group = make_group(page, "Hosting")
    first, second = make_component(page, "Web", group=group), make_component(page, "Databases", group=group)
    rows = api_of(page)["components"]["components"]
    assert [row["id"] for row in rows if row["group"]] == [group.pk]
    place = [row["id"] for row in rows].index(group.pk)
    assert [row["id"] for row in rows[place + 1 : place + 3]] == [first.pk, second.pk]
    assert rows[place]["components"] == [first.pk, second.pk]
    assert [row["position"] for row in rows[place + 1 : place + 3]] == [1, 2]
    assert rows[place + 1]["group_id"] == group.pk
    assert "components" not in rows[place + 1]
    assert next(row for row in rows if row["id"] == alone.pk)["group_id"] is None


def test_updates_are_newest_first_and_name_what_changed() -> None:
    page = make_page()
    web = make_component(page, "Web", group=make_group(page, "Hosting"))
    incident = make_public_incident(page, components={web: "major_outage"}, now=NOW - timedelta(hours=1))
    say(incident, "identified", now=NOW - timedelta(minutes=30))
    shown = api_of(page)["summary"]["incidents"][0]
    assert [update["status"] for update in shown["incident_updates"]] == ["identified", "investigating"]
    assert shown["incident_updates"][0]["affected_components"] is None
    assert shown["incident_updates"][1]["affected_components"] == [
        {"code": web.pk, "name": "Hosting - Web", "old_status": "operational", "new_status": "major_outage"}
    ]
    assert shown["shortlink"] == f"{BASE}incidents/{incident.pk}.html"
    assert [component["id"] for component in shown["components"]] == [web.pk]
    assert shown["components"][0]["status"] == "major_outage"


def test_times_have_milliseconds_and_the_offset_of_the_page() -> None:
    page = make_page(time_zone="America/Denver")
    make_public_incident(page)
    started = api_of(page)["summary"]["incidents"][0]["started_at"]
    assert started == "2026-11-21T20:00:00.000-07:00"
    utc = make_page(slug="utc", time_zone="UTC")
    make_public_incident(utc)
    assert api_of(utc)["summary"]["incidents"][0]["started_at"] == "2026-11-22T03:00:00.000Z"


def test_histories_hold_fifty() -> None:
    content = api_of(large_page(components=5, incidents=60))
    assert len(content["incidents"]["incidents"]) == 50
    starts = [each["started_at"] for each in content["incidents"]["incidents"]]
    assert starts == sorted(starts, reverse=True)
    assert len(content["summary"]["incidents"]) == 1


def test_maintenance_stands_where_its_stage_belongs() -> None:
    page = make_page()
    web = make_component(page, "Web")
    coming = make_maintenance(page, components={web: "under_maintenance"})
    over = make_maintenance(page, now=NOW - timedelta(days=2))
    say(over, "in_progress", now=NOW - timedelta(days=1, hours=22))
    running = make_maintenance(page, components={web: "under_maintenance"}, now=NOW - timedelta(hours=2))
    say(running, "in_progress", components={web: "under_maintenance"}, now=NOW)
    say(over, "completed", now=NOW - timedelta(days=1, hours=21))
    content = api_of(page)
    ids = {path: [each["id"] for each in content[path].get("scheduled_maintenances", ())] for path in PATHS}
    assert ids["scheduled-maintenances/upcoming"] == [coming.pk]
    assert ids["scheduled-maintenances/active"] == [running.pk]
    assert sorted(ids["scheduled-maintenances"]) == sorted([coming.pk, running.pk, over.pk])
    assert sorted(ids["summary"]) == sorted([coming.pk, running.pk])


def test_drafts_and_what_was_discarded_are_nowhere() -> None:
    page = make_page()
    draft(page, "Nobody may read this yet.", name="A secret draft")
    incident = make_public_incident(page)
    draft_more(incident, "identified", "Nor this.")
    said = b"".join(file.body for file in files_of(page).values())
    for words in (b"Nobody may read", b"A secret draft", b"Nor this"):
        assert words not in said
