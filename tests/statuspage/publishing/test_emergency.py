"""The emergency script: publishes from the published folder alone, and Muster takes its words over afterwards."""

from __future__ import annotations

import ast
import gzip
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine import duties
from ledger.models import Entry
from statuspage.models import Component, Mailing, PublicIncident, StatusPage, StatusUpdate
from statuspage.publishing import publish as publishing
from statuspage.publishing.build import build
from statuspage.publishing.duties import refused_words
from statuspage.publishing.emergency import SCRIPT
from statuspage.publishing.tree import Superseded
from statuspage.rules.rollup import rollup
from tests.builders import NOW
from tests.statuspage.builders import make_component, make_group, make_page, make_public_incident

pytestmark = pytest.mark.django_db

TEXT = "Our data centre has no power.\n\nSee https://example.com/power <script>alert(1)</script>"


def at(seconds: float) -> datetime:
    """Return a time some seconds after the tests' now."""
    return NOW + timedelta(seconds=seconds)


def root() -> Path:
    """Return the published folder."""
    return publishing.folder().root


def script(*arguments: str, fails: bool = False) -> str:
    """Run the script as an operator would: isolated from everything but Python's own library."""
    ended = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), str(root()), *arguments], capture_output=True, text=True, check=False
    )
    assert (ended.returncode != 0) is fails, ended.stderr
    return ended.stderr if fails else ended.stdout


def api(path: str, folder: str = "") -> Any:
    """Return what the published API says."""
    return json.loads((root() / f"{folder}api/v2/{path}.json").read_text())


def read(path: str) -> str:
    """Return a published file."""
    return (root() / path).read_text()


@pytest.fixture
def page() -> StatusPage:
    """Publish a page in two languages with two services."""
    page = make_page(languages=["de"])
    group = make_group(page, "Hosting")
    make_component(page, "Web hosting", group=group)
    make_component(page, "Mail")
    duties.run_once("status_publisher", now=at(0))
    return page


def declared(page: StatusPage) -> str:
    """Publish a first word by the script; return the incident's id."""
    said = script(
        *("--stage", "investigating", "--name", "No power", "--text", TEXT, "--text-de", "Kein Strom."),
        *("--component", "web hosting=major_outage", "--by", "Otto"),
    )
    found = re.search(r"id is ([a-z0-9]{12})", said)
    assert found, said
    return found[1]


def test_the_page_says_it_at_once(page: StatusPage) -> None:
    generation = json.loads(read("generation.json"))["generation"]
    incident = declared(page)
    front = read("index.html")
    assert "No power" in front
    assert "Partial system outage" in front
    assert "&lt;script&gt;" in front
    assert "<script>alert" not in front
    assert '<a href="https://example.com/power" rel="nofollow noopener">' in front
    row = front[front.index(f'id="c-{Component.objects.get(name="Web hosting").pk}"') :]
    assert row.index("Major outage") < row.index("</li>")
    heading = front[front.index('<details class="group"') : front.index("</summary>")]
    assert "Major outage" in heading
    assert "Kein Strom." in read("de/index.html")
    assert "Teilweiser Systemausfall" in read("de/index.html")
    assert "Our data centre has no power." in read(f"incidents/{incident}.html")
    assert "Kein Strom." in read(f"de/incidents/{incident}.html")
    assert json.loads(read("generation.json"))["generation"] == generation + 1
    assert 'content="' + str(generation + 1) in front


def test_its_links_lead_somewhere(page: StatusPage) -> None:
    incident = declared(page)
    for path in (f"incidents/{incident}.html", f"de/incidents/{incident}.html", "index.html", "de/index.html"):
        for link in re.findall(r'(?:href|src)="([^"#]+)', read(path)):
            if not link.startswith(("http", "mailto:", "/")):
                assert ((root() / path).parent / link).resolve().exists(), f"{path} links to {link}"


def test_the_api_says_it_in_the_shape_it_always_has(page: StatusPage) -> None:
    hit = make_public_incident(page, components={Component.objects.get(name="Mail"): "partial_outage"}, now=at(1))
    duties.run_once("status_publisher", now=at(2))
    like = api("incidents")["incidents"][0]
    incident = declared(page)
    told = api("incidents/unresolved")["incidents"]
    assert [each["id"] for each in told] == [incident, hit.pk]
    assert set(told[0]) == set(like)
    assert set(told[0]["incident_updates"][0]) == set(like["incident_updates"][0])
    assert told[0]["impact"] == "major"
    assert api("summary")["incidents"] == told
    assert api("incidents")["incidents"][0] == told[0]
    statuses = {each["name"]: each["status"] for each in api("components")["components"]}
    assert statuses == {"Hosting": "major_outage", "Web hosting": "major_outage", "Mail": "partial_outage"}
    overall = rollup(["major_outage", "partial_outage"])
    assert api("status")["status"] == {"indicator": overall.indicator, "description": overall.description}
    assert told[0]["components"][0]["status"] == "major_outage"


def test_feeds_and_badges_say_it(page: StatusPage) -> None:
    incident = declared(page)
    script("--stage", "identified", "--incident", incident, "--text", "A transformer burnt out.")
    atom = ET.fromstring(read("history.atom"))  # noqa: S314 - our own file
    entries = atom.findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == 1, "an entry for each incident"
    assert "transformer" in ET.tostring(entries[0], encoding="unicode")
    items = ET.fromstring(read("history.rss")).findall("channel/item")  # noqa: S314
    assert [item.findtext("title") for item in items] == ["No power"]
    feed = json.loads(read("history.json"))
    assert [item["title"] for item in feed["items"]] == ["No power"]
    assert ">Partial system outage</text>" in read("badges/overall.svg")
    ET.fromstring(read("badges/overall.svg"))  # noqa: S314


def test_further_words_and_the_end(page: StatusPage) -> None:
    incident = declared(page)
    script("--stage", "monitoring", "--incident", incident, "--text", "Power is back; servers start.")
    assert api("incidents")["incidents"][0]["monitoring_at"]
    written = read(f"incidents/{incident}.html")
    assert written.index("Power is back") < written.index("Our data centre")
    script("--stage", "resolved", "--incident", incident, "--text", "All is well.")
    assert api("summary")["incidents"] == []
    assert api("status")["status"]["indicator"] == "none"
    assert {each["status"] for each in api("components")["components"]} == {"operational"}
    assert api("incidents")["incidents"][0]["resolved_at"]
    assert "No power" not in read("index.html").split("<!--/muster:incidents-->")[0]


def test_muster_takes_the_words_over_before_it_publishes(page: StatusPage) -> None:
    incident = declared(page)
    script("--stage", "resolved", "--incident", incident, "--text", "All is well.", "--no-mail")
    ahead = json.loads(read("generation.json"))["generation"]
    assert publishing.is_due(publishing.folder(), now=at(1))
    now = datetime.now(UTC)
    duties.run_once("status_publisher", now=now)
    public = PublicIncident.objects.get(pk=incident)
    assert (public.name, public.status, public.impact) == ("No power", "resolved", "major")
    first, last = public.updates.order_by("display_at")
    assert (first.texts["en"], first.texts["de"]) == (TEXT, "Kein Strom.")
    assert first.drafted_by_name == "Otto"
    assert first.automatic
    assert first.display_at
    assert last.display_at
    assert first.display_at < last.display_at < now
    assert Mailing.objects.filter(update=first).exists()
    assert not Mailing.objects.filter(update=last).exists(), "subscribers were not to hear of it"
    hit = public.affected.get()
    assert hit.component.name == "Web hosting"
    assert hit.recovered_at == last.display_at
    entries = Entry.objects.filter(subject=public.subject, actor_via="script")
    assert entries.count() >= 2
    assert json.loads(read("generation.json"))["generation"] > ahead
    written = read(f"incidents/{incident}.html")
    assert "Our data centre" in written
    assert "All is well." in written
    assert not list((root() / ".journal").glob("*.json"))
    assert len(list((root() / ".journal/imported").glob("*.json"))) == 2


def test_taking_over_twice_changes_nothing(page: StatusPage) -> None:
    declared(page)
    duties.run_once("status_publisher", now=datetime.now(UTC))
    before = list(StatusUpdate.objects.values())
    for path in (root() / ".journal/imported").glob("*.json"):
        path.rename(root() / ".journal" / path.name)  # a crash between the commit and the renaming
    assert duties.run_once("status_publisher", now=datetime.now(UTC)) >= 1
    assert list(StatusUpdate.objects.values()) == before
    assert not list((root() / ".journal").glob("*.json"))


def test_words_that_came_while_a_generation_was_rendered_are_not_lost(
    page: StatusPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def with_words_in_between(*given: Any, **more: Any) -> Any:
        made = build(*given, **more)
        if not said:
            said.append(declared(page))
        return made

    monkeypatch.setattr("statuspage.publishing.publish.build", with_words_in_between)
    assert publishing.publish(now=at(60)) is None
    assert "No power" in read("index.html")
    assert publishing.publish(now=datetime.now(UTC)) is not None
    assert "No power" in read("index.html")
    assert PublicIncident.objects.filter(pk=said[0]).exists()


def test_what_cant_be_understood_waits_for_a_person_and_holds_nothing_up(page: StatusPage) -> None:
    journal = root() / ".journal"
    journal.mkdir()
    (journal / "1.json").write_text("{half")
    (journal / "2.json").write_text(json.dumps({"format": 99}))
    declared(page)
    duties.run_once("status_publisher", now=datetime.now(UTC))
    assert PublicIncident.objects.get().name == "No power"
    assert refused_words(NOW) == 2


@pytest.mark.parametrize(
    "poison",
    [
        {"incident": "x" * 500},
        {"incident": "abc\x00"},
        {"names": {"de": "a\x00b"}},
        {"texts": {"en": "\ud800"}},
        {"by": "\udcff"},
        {"at": "0001-01-01T00:00:00+00:00"},
    ],
)
def test_an_entry_that_no_database_can_store_does_not_hold_up_the_page(
    page: StatusPage, poison: dict[str, Any]
) -> None:
    declared(page)
    (entry,) = (root() / ".journal").glob("*.json")
    (root() / ".journal/0.json").write_text(json.dumps({**json.loads(entry.read_text()), "id": "0", **poison}))
    duties.run_once("status_publisher", now=datetime.now(UTC))
    assert PublicIncident.objects.get().name == "No power"
    assert refused_words(NOW) == 1
    assert not list((root() / ".journal").glob("*.json"))


def test_words_about_a_component_that_is_gone_still_come_through(page: StatusPage) -> None:
    declared(page)
    Component.objects.filter(name="Web hosting").update(archived_at=NOW)
    duties.run_once("status_publisher", now=datetime.now(UTC))
    assert PublicIncident.objects.get().name == "No power"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--stage", "investigating", "--text", "x"], "--name"),
        (["--stage", "investigating", "--name", "x", "--text", "St\udcf6rung"], "UTF-8"),
        (["--stage", "investigating", "--name", "x", "--text", " "], "--text is empty"),
        (["--stage", "over", "--name", "x", "--text", "x"], "invalid choice"),
        (
            ["--stage", "investigating", "--name", "x", "--text", "x", "--component", "Nothing=major_outage"],
            "Web hosting",
        ),
        (["--stage", "investigating", "--name", "x", "--text", "x", "--component", "Mail=gone"], "major_outage"),
        (["--stage", "investigating", "--name", "x" * 300, "--text", "x"], "longer than 200"),
        (["--stage", "resolved", "--incident", "nothinglike0", "--text", "x"], "knows no incident"),
        (["--stage", "resolved", "--name", "x", "--text", "x", "--page", "../.."], "no page of that name"),
    ],
)
def test_bad_input_says_what_to_do_and_changes_nothing(page: StatusPage, arguments: list[str], sentence: str) -> None:
    before = {path: path.read_bytes() for path in root().rglob("*") if path.is_file() and path.name != ".lock"}
    assert sentence in script(*arguments, fails=True)
    assert {path: path.read_bytes() for path in root().rglob("*") if path.is_file() and path.name != ".lock"} == before


def test_a_folder_without_a_page_is_refused(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path), "--stage", "investigating", "--name", "x", "--text", "x"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "no published status page" in ended.stderr
    assert not list(tmp_path.iterdir())


def test_two_at_once_both_count(page: StatusPage) -> None:
    command = [sys.executable, str(SCRIPT), str(root()), "--stage", "investigating", "--text", "x", "--name"]
    running = [subprocess.Popen([*command, name], stdout=subprocess.PIPE) for name in ("First", "Second", "Third")]
    for each in running:
        each.communicate()
        assert each.returncode == 0
    assert {each["name"] for each in api("summary")["incidents"]} == {"First", "Second", "Third"}
    assert len(list((root() / ".journal").glob("*.json"))) == 3


def test_another_page_of_the_folder(page: StatusPage) -> None:
    make_component(make_page("Acme", slug="acme"), "Acme cloud")
    duties.run_once("status_publisher", now=at(60))
    script("--page", "pages/acme", "--stage", "investigating", "--name", "Acme is down", "--text", "x",
           "--component", "Acme cloud=major_outage")  # fmt: skip
    assert api("status", "pages/acme/")["status"]["indicator"] == "critical"
    assert api("status")["status"]["indicator"] == "none"
    duties.run_once("status_publisher", now=datetime.now(UTC))
    assert PublicIncident.objects.get().page.slug == "acme"


def test_no_old_compressed_copy_is_left(page: StatusPage) -> None:
    assert (root() / "index.html.gz").exists()
    declared(page)
    for path in root().rglob("*.html"):
        packed = path.with_name(f"{path.name}.gz")
        if packed.exists():
            assert gzip.decompress(packed.read_bytes()) == path.read_bytes()


def test_it_needs_no_newer_python_than_it_says() -> None:
    ast.parse(SCRIPT.read_text(), feature_version=(3, 8))
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(SCRIPT.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    }
    assert imported <= sys.stdlib_module_names


def test_an_older_generation_cannot_win_over_it(page: StatusPage) -> None:
    late = publishing.folder().manifest()
    declared(page)
    with pytest.raises(Superseded):
        publishing.folder().swap(late)
