"""A publication makes what changed, what goes on, and what programs read; the rest stays as it was published."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from statuspage.models import Component, PublicIncident, StatusPage
from statuspage.site.file import Phase
from statuspage.site.render import render_page
from statuspage.site.snapshot import load
from tests.builders import NOW
from tests.statuspage.builders import make_component, make_page, make_public_incident, say
from tests.statuspage.site.large import large_page
from tests.statuspage.site.rich import BASE, rich_page

pytestmark = pytest.mark.django_db


def publish(page: StatusPage, held: dict[str, str], *, now_s: int = 0) -> set[str]:
    """Render what is not held any more; keep the keys in `held` and return the paths that were made."""
    now = NOW + timedelta(seconds=now_s)
    files = render_page(
        load(page.id, now=now),
        generated_at=now,
        generation=now_s,
        base_url=BASE,
        reuse=lambda path, key: held.get(path) == key,
    )
    made = {file.path: file for file in files}
    held.update({path: file.key for path, file in made.items() if file.key})
    return set(made)


def pages_in(paths: set[str]) -> set[str]:
    """Leave out what is made each time: indexes, JSON, feeds, badges, assets, the widget."""
    details = {path for path in paths if path.endswith(".html") and not path.endswith(("index.html", "widget.html"))}
    return details | {path for path in paths if path.endswith("servers/index.html")}


def test_a_minute_later_only_what_goes_on_is_made_again() -> None:
    page = rich_page()
    held: dict[str, str] = {}
    everything = publish(page, held)
    goes_on = PublicIncident.objects.filter(page=page).exclude(status__in=["resolved", "completed"])
    again = publish(page, held, now_s=60)
    folders = ("", "de/", "fr/", "es/", "nl/")
    hit = {each.pk for each in Component.objects.filter(page=page).exclude(status="operational")}
    assert pages_in(again) == {
        *(f"{folder}incidents/{each.pk}.html" for folder in folders for each in goes_on),
        *(f"{folder}components/{pk}.html" for folder in folders for pk in hit),
    }
    assert "index.html" in again
    assert again < everything


def test_a_new_word_makes_its_pages_and_no_other() -> None:
    page = make_page()
    web, mail = make_component(page, "Web"), make_component(page, "Mail")
    old = make_public_incident(page, components={mail: "partial_outage"}, now=NOW - timedelta(days=40))
    say(old, "resolved", now=NOW - timedelta(days=40) + timedelta(hours=1))
    held: dict[str, str] = {}
    publish(page, held)
    fresh = make_public_incident(page, components={web: "major_outage"})
    made = pages_in(publish(page, held, now_s=1))
    assert made == {
        f"incidents/{fresh.pk}.html",
        f"components/{web.pk}.html",
        "history.html",
        "history/2026-11.html",
    }


@pytest.mark.parametrize("change", [{"name": "Harbour"}, {"languages": ["de"]}, {"time_zone": "Asia/Tokyo"}])
def test_what_frames_every_page_makes_every_page(change: dict[str, object]) -> None:
    page = make_page()
    resolved = make_public_incident(page)
    say(resolved, "resolved")
    held: dict[str, str] = {}
    publish(page, held)
    assert pages_in(publish(page, held)) == set()
    StatusPage.objects.filter(pk=page.pk).update(**change)
    assert f"incidents/{resolved.pk}.html" in publish(page, held)


def test_a_new_name_of_a_component_reaches_its_past() -> None:
    page = make_page()
    web = make_component(page, "Web")
    incident = make_public_incident(page, components={web: "partial_outage"})
    say(incident, "resolved", now=NOW)
    held: dict[str, str] = {}
    publish(page, held)
    Component.objects.filter(pk=web.pk).update(name="Websites")
    assert f"incidents/{incident.pk}.html" in publish(page, held)


def test_files_come_in_the_order_in_which_they_are_written() -> None:
    files = list(render_page(load(rich_page().id, now=NOW), generated_at=NOW, generation=1, base_url=BASE))
    phases = [file.phase for file in files]
    assert phases == sorted(phases)
    assert set(phases) == set(Phase)


def test_the_number_of_queries_does_not_grow() -> None:
    small, large = large_page(components=3, incidents=2, slug="small"), large_page(components=30, incidents=40)
    counts = []
    for page in (small, large):
        with CaptureQueriesContext(connection) as queries:
            load(page.id, now=NOW)
        counts.append(len(queries))
    assert counts[1] == counts[0] <= 25


def test_rendering_asks_the_database_nothing() -> None:
    snapshot = load(rich_page().id, now=NOW)
    with CaptureQueriesContext(connection) as queries:
        list(render_page(snapshot, generated_at=NOW, generation=1, base_url=BASE))
    assert len(queries) == 0
