"""From the database to the folder: what is wanted is published, fresh within a minute, and never over newer words."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DataError, connection, transaction
from pytest_django import Settings

from engine import duties
from ledger.actor import Actor
from statuspage.models import Component, Publisher, StatusPage
from statuspage.operations.request_publication import request_publication
from statuspage.publishing import sources
from statuspage.publishing.build import build
from statuspage.publishing.duties import age_s, pages_unwell
from statuspage.publishing.manifest import Manifest
from statuspage.publishing.publish import folder, is_due, outgrow, publish, put_back
from statuspage.publishing.tree import Tree
from statuspage.site.file import File, Phase, Reuse
from statuspage.site.render import render_page
from statuspage.site.snapshot import PageSnapshot
from tests.builders import NOW
from tests.statuspage.builders import make_component, make_page, make_public_incident, say
from web.errors import IllegalMove

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def at(seconds: float) -> datetime:
    """Return a time some seconds after the tests' now."""
    return NOW + timedelta(seconds=seconds)


def look(now: datetime) -> int:
    """Let the publisher look once, as the engine does."""
    return duties.run_once("status_publisher", now=now)


def summary() -> dict[str, object]:
    """Return what the published API says."""
    found: dict[str, object] = json.loads((folder().root / "api/v2/summary.json").read_text())
    return found


def test_what_is_wanted_is_published_and_nothing_more() -> None:
    page = make_page()
    component = make_component(page)
    assert look(at(1)) == 1
    assert look(at(2)) == 0
    make_public_incident(page, components={component: "major_outage"}, now=at(3))
    assert look(at(4)) == 1
    status = summary()["status"]
    assert isinstance(status, dict)
    assert status["indicator"] in ("major", "critical")
    row = Publisher.objects.get()
    assert row.published == row.wanted > 0
    assert row.published_at == at(4)
    assert look(at(5)) == 0


def test_everything_is_fresh_within_a_minute() -> None:
    make_page()
    look(at(0))
    assert look(at(54)) == 0
    assert look(at(56)) == 1
    held = folder().manifest()
    assert held.generated_at == at(56)
    assert json.loads((folder().root / "generation.json").read_text())["generated_at"] == at(56).isoformat()
    assert at(56).isoformat()[:16] in (folder().root / "index.html").read_text()


def test_pages_lie_where_their_audience_finds_them(settings: Settings) -> None:
    make_page()
    make_page("Acme", slug="acme")
    make_page("Partners", slug="partners", audience="secret", secret="s3cr3tfolder")
    make_page("Board", slug="board", audience="password", password="!")
    make_page("Old", slug="old", archived_at=NOW)
    look(at(0))
    tree = folder().root
    assert (tree / "index.html").exists()
    assert (tree / "pages/acme/api/v2/summary.json").exists()
    assert (tree / "pages/s3cr3tfolder/index.html").exists()
    assert not (tree / "pages/partners").exists()
    published = [path for path in tree.rglob("*") if path.is_file()]
    assert not [path for path in published if "board" in path.name or b"Board" in path.read_bytes()]
    assert not (tree / "pages/old").exists()
    public = [path for path in published if not str(path.relative_to(tree)).startswith((".", "pages/s3cr3tfolder"))]
    assert not [path for path in public if b"s3cr3tfolder" in path.read_bytes()], "a secret is told"


def test_a_page_that_is_archived_disappears() -> None:
    page = make_page("Acme", slug="acme")
    look(at(0))
    page.archived_at = NOW
    page.save()
    with transaction.atomic():
        request_publication()
    look(at(1))
    assert not (folder().root / "pages").exists()


def test_what_did_not_change_is_not_written(settings: Settings) -> None:
    page = make_page()
    component = make_component(page)
    incident = make_public_incident(page, components={component: "partial_outage"}, now=at(0))
    say(incident, "resolved", "It is over.", now=at(1))
    look(at(2))
    place = folder().root / f"incidents/{incident.pk}.html"
    before = place.stat()
    look(at(60))
    assert (place.stat().st_ino, place.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    say(incident, "postmortem", "A disk array failed.", now=at(61))
    look(at(62))
    assert place.stat().st_ino != before.st_ino
    assert "disk array" in place.read_text()


def test_a_file_that_was_lost_comes_back() -> None:
    page = make_page()
    incident = make_public_incident(page, components={make_component(page): "partial_outage"}, now=at(0))
    look(at(0))
    place = folder().root / f"incidents/{incident.pk}.html"
    whole = place.read_bytes()
    place.unlink()
    look(at(60))
    assert place.read_bytes()[:50] == whole[:50]


def test_a_generation_is_higher_than_any_that_a_folder_or_copy_ever_held() -> None:
    make_page()
    tree = folder()
    tree.swap(Manifest(generation=500, generated_at=NOW - timedelta(days=1)))  # the database was restored since
    look(at(0))
    assert tree.manifest().generation == 501
    outgrow(900)
    look(at(60))
    assert tree.manifest().generation == 901


def test_an_older_generation_is_put_back_and_stays_until_something_new_is_wanted() -> None:
    page = make_page()
    component = make_component(page)
    look(at(0))
    calm = folder().manifest().generation
    make_public_incident(page, name="Wrong words", components={component: "major_outage"}, now=at(1))
    look(at(2))
    assert "Wrong words" in (folder().root / "index.html").read_text()
    put_back(calm, by=Actor.system(), now=at(3))
    assert "Wrong words" not in (folder().root / "index.html").read_text()
    assert folder().manifest().generation > calm + 1
    assert look(at(100)) == 0
    assert age_s(at(300)) > 180, "the watch says that it stands still"
    make_public_incident(page, name="Better words", now=at(101))
    assert look(at(102)) == 1
    assert "Better words" in (folder().root / "index.html").read_text()
    with pytest.raises(IllegalMove, match="is not kept"):
        put_back(4711, by=Actor.system(), now=at(103))


def test_whoever_comes_second_leaves_the_first_alone() -> None:
    make_page()
    with folder().rendering() as alone:
        assert alone
        assert publish(now=at(0)) is None
        assert look(at(0)) == 0
        with pytest.raises(IllegalMove, match="Another process"):
            put_back(1, by=Actor.system(), now=at(0))
    assert look(at(0)) == 1


def test_a_late_engine_does_not_publish_over_a_newer_generation(monkeypatch: pytest.MonkeyPatch) -> None:
    make_page()

    def overtaken(tree: Tree, **given: object) -> Manifest:
        late = build(tree, **given)  # type: ignore[arg-type]
        kept = tree.keep(b"newer", kind="text/html", phase=3)
        tree.swap(Manifest(generation=late.generation + 1, generated_at=at(5), files={"index.html": kept}))
        return late

    monkeypatch.setattr("statuspage.publishing.publish.build", overtaken)
    assert publish(now=at(0)) is None
    assert (folder().root / "index.html").read_bytes() == b"newer"


def test_other_parts_add_their_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_sources", {})
    asked: list[bool] = []

    def files(page: StatusPage, now: datetime, reuse: Reuse) -> list[File]:
        path = "customers/x/index.html"
        asked.append(reuse(path, "k1"))
        made = File(path=path, body=b"yours", content_type="text/html", phase=Phase.DETAILS, key="k1")
        return [] if asked[-1] else [made]

    sources.register("customers", files)
    make_page()
    look(at(0))
    look(at(60))
    assert asked == [False, True]
    assert (folder().root / "customers/x/index.html").read_bytes() == b"yours"
    with pytest.raises(ValueError, match="Two sources"):
        sources.register("customers", lambda *_: [])


def test_an_asset_outlives_the_page_that_named_it(monkeypatch: pytest.MonkeyPatch) -> None:
    page = make_page(accent="#0b5fff")
    look(at(0))
    brand = next((folder().root / "assets").glob("brand.*.css"))
    StatusPage.objects.filter(pk=page.pk).update(accent="#aa0000")
    look(at(60))
    assert brand.exists(), "who read the page a moment ago asks for it now"
    look(at(60 + 3500))
    assert brand.exists()
    look(at(60 + 3700))
    assert not brand.exists()
    assert list((folder().root / "assets").glob("brand.*.css"))


@pytest.mark.django_db(transaction=True)
def test_a_page_is_read_as_of_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody commits while a page is being read must not be in half of what it shows."""
    from statuspage.publishing import build

    page = make_page()
    make_component(page, "First")

    def add() -> None:
        make_component(StatusPage.objects.get(), "Second")
        connection.close()

    def counted(_page: str, *, now: datetime) -> tuple[int, int]:
        before = Component.objects.count()
        thread = threading.Thread(target=add)
        thread.start()
        thread.join(10)
        return before, Component.objects.count()

    monkeypatch.setattr(build, "load", counted)
    found: object = build.consistent(page.id, now=NOW)
    assert found == (1, 1)
    assert Component.objects.count() == 2


def test_a_folder_that_cant_be_written_is_an_error_and_not_silence(settings: Settings, tmp_path: Path) -> None:
    make_page()
    (tmp_path / "file").write_text("in the way")
    settings.STATUS_PUBLISH_DIR = tmp_path / "file"
    with pytest.raises(OSError, match="file"):
        look(at(0))


def test_the_emergency_script_lies_ready_beside_what_it_changes() -> None:
    make_page()
    look(at(0))
    script = folder().root / ".emergency/emergency_status.py"
    said = subprocess.run([sys.executable, str(script), "--help"], capture_output=True, text=True, check=True)
    assert "--stage" in said.stdout


def test_nothing_is_due_before_a_minute_is_over() -> None:
    make_page()
    assert is_due(folder(), now=datetime.now(UTC))
    look(at(0))
    assert not is_due(folder(), now=at(1))
    with transaction.atomic():
        request_publication()
    assert is_due(folder(), now=at(1))


def test_a_page_that_cant_be_rendered_keeps_its_files_and_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    make_page()
    acme = make_page("Acme", slug="acme")
    look(at(0))

    def ill(snapshot: PageSnapshot, **given: Any) -> Iterator[File]:
        files = render_page(snapshot, **given)
        yield next(files)
        if snapshot.id == acme.id:
            raise ZeroDivisionError
        yield from files

    StatusPage.objects.update(name="Renamed")
    with monkeypatch.context() as patch:
        patch.setattr("statuspage.publishing.build.render_page", ill)
        assert look(at(60)) == 1
    assert pages_unwell(NOW) == 1
    tree = folder().root
    assert "Renamed" in (tree / "index.html").read_text()
    assert "Renamed" not in (tree / "pages/acme/index.html").read_text()
    assert (tree / "pages/acme/api/v2/summary.json").exists()
    assert look(at(120)) == 1
    assert pages_unwell(NOW) == 0
    assert "Renamed" in (tree / "pages/acme/index.html").read_text()


def test_the_page_at_the_root_that_cant_be_rendered_holds_up_no_other_either(monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_page()
    make_page("Acme", slug="acme")
    look(at(0))

    def ill(snapshot: PageSnapshot, **given: Any) -> Iterator[File]:
        if snapshot.id == root.id:
            raise DataError("value out of range: overflow")
        yield from render_page(snapshot, **given)

    StatusPage.objects.update(name="Renamed")
    monkeypatch.setattr("statuspage.publishing.build.render_page", ill)
    assert look(at(60)) == 1
    tree = folder().root
    assert "Renamed" not in (tree / "index.html").read_text()
    assert "Renamed" in (tree / "pages/acme/index.html").read_text()
    assert (tree / "404.html").exists()


def test_a_clock_that_is_put_back_leaves_no_page_from_a_time_to_come() -> None:
    make_page()
    assert look(at(3600)) == 1
    assert look(at(3599)) == 0
    assert look(at(0)) == 1
    assert folder().manifest().generated_at == at(0)
