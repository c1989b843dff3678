"""What the files of a page say."""

from __future__ import annotations

import json
import re
import zlib
from datetime import timedelta

import pytest
from django.db import transaction
from lxml import html  # type: ignore[import-untyped]

from ledger.actor import Actor
from statuspage.models import ImpactChange, PublicIncident, StatusUpdate
from statuspage.operations.correct_impact import correct_impact
from statuspage.site.file import File
from tests.builders import NOW
from tests.statuspage.builders import make_component, make_maintenance, make_page, make_public_incident, say
from tests.statuspage.site.large import large_page
from tests.statuspage.site.rich import BASE, files_of, rich_page

pytestmark = pytest.mark.django_db


def words_of(body: bytes) -> str:
    """Return a page's text as a text browser shows it: drawings, and what is only there for scripts, left out."""
    root = html.fromstring(body)
    for gone in root.xpath("//script | //style | //title | //svg | //*[@hidden]"):
        gone.drop_tree()
    return " ".join(root.text_content().split())


def test_the_page_tells_how_things_stand_in_the_order_of_what_matters() -> None:
    said = words_of(files_of(rich_page())["index.html"].body)
    places = [
        said.index(words)
        for words in (
            "Harbor Hosting",
            "Partial system outage",
            "1 of 5 services has trouble.",
            "Websites do not answer",
            "A disk array failed; we are replacing it.",
            "Next update by 04:10 CET",
            "Web hosting",
            "99.96 % uptime · 99.96 % with maintenance",
            "Uptime of 90 days",
            "Is it me?",
            "Response time",
            "Database servers move",
            "Recent history",
            "Control panel is slow",
            "9 November 2026 to 18 November 2026",
            "Get updates We write",
            "Generated 22 Nov 2026, 04:00 CET",
        )
    ]
    assert places == sorted(places)


def test_marks_stand_on_lines_of_their_own() -> None:
    """The emergency script finds its places by them."""
    files = files_of(rich_page())
    for path in ("index.html", "de/index.html", "widget.html"):
        lines = files[path].body.decode().splitlines()
        for mark in ("banner",) if path == "widget.html" else ("banner", "incidents"):
            assert lines.index(f"<!--muster:{mark}-->") < lines.index(f"<!--/muster:{mark}-->"), path
    assert "<!--muster:entries-->" in files["history.atom"].body.decode().splitlines()
    assert "<!--muster:items-->" in files["history.rss"].body.decode().splitlines()
    mark = f'<meta name="generated-at" content="{NOW.isoformat()}">'
    assert [path for path, body in html_of(files).items() if mark not in body] == []


def html_of(files: dict[str, File]) -> dict[str, str]:
    """Return the pages among files, by path."""
    return {path: file.body.decode() for path, file in files.items() if path.endswith(".html")}


def test_nothing_inside_the_tree_is_linked_absolutely() -> None:
    """The tree works under a folder, at a domain's root and in a bucket alike."""
    for path, body in html_of(files_of(rich_page())).items():
        for address in re.findall(r'(?:href|src)="([^"]*)"', body):
            assert not address.startswith(("/", BASE)), f"{path}: {address}"


def test_programs_get_absolute_addresses() -> None:
    files = files_of(rich_page())
    feed = json.loads(files["history.json"].body)
    assert feed["feed_url"] == f"{BASE}history.json"
    assert all(item["url"].startswith(f"{BASE}incidents/") for item in feed["items"])
    assert f'href="{BASE}history.atom"' in files["history.atom"].body.decode()


def test_each_component_tells_its_own_recovery() -> None:
    page = rich_page()
    incident = PublicIncident.objects.get(name="Websites do not answer")
    said = words_of(files_of(page)[f"incidents/{incident.pk}.html"].body)
    assert "FTP and SSH Operational 22 Nov 2026, 03:10 CET 22 Nov 2026, 03:30 CET (20 min)" in said
    assert re.search(r"Web hosting Major outage 22 Nov 2026, 03:10 CET \S (Updates|FTP)", said), "not yet"


def test_history_that_was_written_afterwards_says_so() -> None:
    page = make_page()
    incident = make_public_incident(page, now=NOW - timedelta(hours=5))
    StatusUpdate.objects.filter(public_incident=incident).update(display_at=NOW - timedelta(hours=7))
    said = words_of(files_of(page)[f"incidents/{incident.pk}.html"].body)
    assert "Recorded later, 21 Nov 2026, 23:00 CET." in said
    StatusUpdate.objects.update(updated_at=NOW)
    assert "Edited 22 Nov 2026, 04:00 CET." in words_of(files_of(page)[f"incidents/{incident.pk}.html"].body)


def test_a_correction_is_told_beside_what_it_corrects() -> None:
    page = make_page()
    web = make_component(page, "Web")
    incident = make_public_incident(page, components={web: "major_outage"}, now=NOW - timedelta(hours=5))
    say(incident, "resolved", now=NOW - timedelta(hours=2))
    with transaction.atomic():
        correct_impact(
            change=ImpactChange.objects.get(source=incident, status="operational"),
            status="operational",
            at=NOW - timedelta(hours=3),
            reason="It was back an hour before we saw it.",
            by=Actor.system(),
            now=NOW - timedelta(hours=1),
        )
    said = words_of(files_of(page)[f"incidents/{incident.pk}.html"].body)
    assert "Web: Operational since 22 Nov 2026, 01:00 CET, recorded 22 Nov 2026, 03:00 CET." in said


def test_a_maintenance_that_was_called_off_is_cancelled_everywhere() -> None:
    page = make_page()
    maintenance = make_maintenance(page, now=NOW - timedelta(hours=2), starts_in=timedelta(hours=5))
    say(maintenance, "completed", "We do it another day.", now=NOW)
    files = files_of(page)
    assert "Cancelled" in words_of(files[f"incidents/{maintenance.pk}.html"].body)
    assert b"STATUS:CANCELLED" in files["maintenance.ics"].body
    assert b"SEQUENCE:1" in files["maintenance.ics"].body


def test_a_maintenance_to_come_says_what_it_will_touch_and_claims_nothing_yet() -> None:
    page = make_page()
    web = make_component(page, "Web")
    maintenance = make_maintenance(page, components={web: "under_maintenance"}, starts_in=timedelta(days=3))
    said = words_of(files_of(page)[f"incidents/{maintenance.pk}.html"].body)
    assert "Affected services Web Updates" in said
    assert "Under maintenance" not in said


def test_days_with_maintenance_alone_are_not_called_trouble() -> None:
    page = make_page()
    web = make_component(page, "Web")
    maintenance = make_maintenance(
        page, components={web: "under_maintenance"}, now=NOW - timedelta(hours=9), starts_in=timedelta(hours=1)
    )
    say(maintenance, "in_progress", now=NOW - timedelta(hours=8))
    say(maintenance, "completed", now=NOW - timedelta(hours=7))
    assert "1 day with maintenance" in words_of(files_of(page)["index.html"].body)
    make_public_incident(page, components={web: "major_outage"}, now=NOW - timedelta(days=2))
    said = words_of(files_of(page)["index.html"].body)
    assert "days with trouble" in said
    assert "day with maintenance" not in said


def test_a_component_that_is_well_may_be_left_out() -> None:
    page = make_page()
    backup = make_component(page, "Backup link", only_show_if_degraded=True)
    assert "Backup link" not in words_of(files_of(page)["index.html"].body)
    make_public_incident(page, components={backup: "partial_outage"})
    files = files_of(page)
    assert "Backup link" in words_of(files["index.html"].body)
    assert "Backup link" in files["api/v2/components.json"].body.decode()


def test_what_is_not_showcased_has_no_strip() -> None:
    page = make_page()
    make_component(page, "Quiet", showcase=False)
    body = files_of(page)["index.html"].body
    assert "Quiet" in words_of(body)
    assert b'class="strip"' not in body


def test_both_figures_are_shown_the_pages_choice_first() -> None:
    page = make_page(headline_uptime="included")
    web = make_component(page, "Web")
    past = make_maintenance(page, components={web: "under_maintenance"}, now=NOW - timedelta(days=3))
    say(past, "in_progress", components={web: "under_maintenance"}, now=NOW - timedelta(days=2, hours=22))
    say(past, "completed", components={web: "operational"}, now=NOW - timedelta(days=2))
    said = words_of(files_of(page)["index.html"].body)
    assert "98.97 % uptime · 100.00 % without maintenance" in said
    assert "The first figure counts maintenance as downtime" in said


def test_two_hundred_components_are_light_on_the_wire() -> None:
    files = files_of(large_page(components=200, incidents=60))
    visit = [body for path, body in files.items() if path == "index.html" or path.startswith("assets/")]
    assert len(visit) == 4
    assert sum(len(zlib.compress(file.body, 6)) for file in visit) < 60_000


def test_pages_of_other_audiences_lie_where_they_belong() -> None:
    secret = make_page(slug="partners", audience="secret", secret="q7" * 16)
    files = files_of(secret)
    assert all(path.startswith(f"pages/{'q7' * 16}/") for path in files)
    index = files[f"pages/{'q7' * 16}/index.html"].body.decode()
    assert '<meta name="robots" content="noindex, nofollow">' in index
    second = make_page(slug="cloud", url="https://cloud.example/status")
    assert json.loads(files_of(second)["pages/cloud/api/v2/status.json"].body)["page"]["url"] == (
        "https://cloud.example/status/"
    )
