"""Nothing that people write becomes markup, a script, a style, another line or another event, wherever it is shown."""

from __future__ import annotations

import json
import re
import time
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection, models
from icalendar import Calendar
from lxml import etree  # type: ignore[import-untyped]

from statuspage.models import (
    Comment,
    Component,
    ComponentGroup,
    HitServer,
    Metric,
    PublicIncident,
    Server,
    StatusPage,
    StatusUpdate,
)
from statuspage.site.body import paragraphs
from statuspage.site.file import File
from tests.builders import NOW
from tests.statuspage.site.rich import files_of, rich_page

pytestmark = pytest.mark.django_db

EVIL = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ x }}{% x %}]]>\\\r\nBEGIN:VEVENT\r\nX-EVIL:1 --><b>\b"
)
OURS = re.compile(r"(\.\./)*assets/site\.[0-9a-f]{12}\.js")


def poison(model: type[models.Model], fields: tuple[str, ...], **where: Any) -> None:
    """Write it straight into rows, past every check that the operations make."""
    for number, row in enumerate(model._default_manager.filter(**where).order_by("pk")):
        values: dict[str, Any] = {}
        for name in fields:
            field = model._meta.get_field(name)
            if isinstance(field, models.JSONField):
                values[name] = dict.fromkeys(("en", "de", "fr", "es", "nl", "<script>"), f"{EVIL}{number}")
            else:
                # What a row can be told by must differ from row to row.
                values[name] = f"{number}{EVIL}"[: getattr(field, "max_length", None) or 1000]
        model._default_manager.filter(pk=row.pk).update(**values)


@pytest.fixture
def poisoned() -> dict[str, File]:
    """Return the files of a page in which every text that is shown is an attack."""
    page = rich_page()
    for incident in PublicIncident.objects.filter(page=page, kind="incident", resolved_at=None):
        HitServer.objects.create(public_incident=incident, server=Server.objects.all()[0], since=NOW)
    Server.objects.filter(pk__gt=Server.objects.all()[3].pk).delete()
    poison(StatusPage, ("name", "headline"))
    StatusPage.objects.update(
        url="",
        support_url="javascript:alert(1)",
        accent="red;}</",
        accent_dark="#12345</"[:7],
        logo=b"<svg>",
        logo_type="image/svg+xml",
    )
    poison(ComponentGroup, ("name", "names", "description"))
    poison(Component, ("name", "names", "description"))
    poison(PublicIncident, ("name", "names"))
    poison(StatusUpdate, ("texts",))
    poison(Metric, ("name", "unit"))
    poison(Server, ("name",))
    poison(Comment, ("name", "text", "reply"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM statuspage_component WHERE name LIKE '%%<script>%%'")
        assert cursor.fetchone()[0] == 5
    return files_of(StatusPage.objects.get(pk=page.pk))


class Strict(HTMLParser):
    """Collects what could run, and what looks like an attack that became markup."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.comments: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and not OURS.fullmatch(given.get("src") or ""):
            self.wrong.append(f"script {given}")
        if tag in ("style", "b", "iframe", "object", "base") or (tag == "img" and given.get("src") == "x"):
            self.wrong.append(tag)
        self.wrong += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        for name in ("href", "src", "action"):
            address = (given.get(name) or "").strip()
            if ":" in address.split("/")[0] and not address.startswith(("http://", "https://")):
                self.wrong.append(f"{tag} {address}")
        self.ids += [identity for identity in [given.get("id")] if identity]

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def test_html_carries_no_script_but_ours(poisoned: dict[str, File]) -> None:
    pages = {path: file.body.decode() for path, file in poisoned.items() if path.endswith(".html")}
    assert len(pages) > 60
    for path, body in pages.items():
        strict = Strict(body)
        assert strict.wrong == [], path
        assert all(re.fullmatch(r"/?muster:[a-z]+", comment) for comment in strict.comments), path
        assert sorted(strict.ids) == sorted(set(strict.ids)), path
        assert "alert(1)" in body or "404" in path, path


def test_pictures_and_feeds_stay_well_formed(poisoned: dict[str, File]) -> None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    checked = 0
    for path, file in poisoned.items():
        if path.endswith((".svg", ".atom", ".rss")):
            root = etree.fromstring(file.body, parser)
            names = {etree.QName(node).localname for node in root.iter() if isinstance(node.tag, str)}
            assert not names & {"script", "img", "b", "foreignObject"}, path
            assert "alert(1)" in "".join(root.itertext()) or path == "badges/icon.svg", path
            checked += 1
    assert checked == 9


def test_html_inside_feeds_is_as_harmless(poisoned: dict[str, File]) -> None:
    atom = etree.fromstring(poisoned["history.atom"].body)
    texts = [node.text or "" for node in atom.iter("{http://www.w3.org/2005/Atom}summary")]
    items = json.loads(poisoned["history.json"].body)["items"]
    assert len(texts) == len(items) == 4
    for text in texts + [item["content_html"] for item in items]:
        assert Strict(text).wrong == []
        assert "alert(1)" in text


def test_a_calendar_gets_no_further_event(poisoned: dict[str, File]) -> None:
    body = poisoned["maintenance.ics"].body.decode()
    calendar = Calendar.from_ical(body)
    (event,) = calendar.walk("VEVENT")
    assert "X-EVIL" not in event
    assert "alert(1)" in str(event["SUMMARY"])
    lines = body.split("\r\n")
    assert lines.count("BEGIN:VEVENT") == 1
    assert not any(line.startswith("X-EVIL") for line in lines)


def test_json_and_styles_hold(poisoned: dict[str, File]) -> None:
    for path, file in poisoned.items():
        if path.endswith(".json"):
            json.loads(file.body)
        if "/brand." in f"/{path}":
            assert file.body == b""
        assert "svg" not in path or path.startswith("badges/"), "a logo that is no picture is not published"


def test_paths_come_from_ids_and_safe_names_only(poisoned: dict[str, File]) -> None:
    for path in poisoned:
        assert re.fullmatch(r"[A-Za-z0-9/._-]+", path), path
        assert ".." not in path


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One\n\nTwo", "<p>One</p><p>Two</p>"),
        ("One\r\n \r\n\r\nTwo\nthree", "<p>One</p><p>Two<br>three</p>"),
        ("", ""),
        ("a < b & c", "<p>a &lt; b &amp; c</p>"),
        (
            "See https://a.b/?b=1&c=2.",
            '<p>See <a href="https://a.b/?b=1&amp;c=2" rel="nofollow noopener">https://a.b/?b=1&amp;c=2</a>.</p>',
        ),
        (
            "(https://example.com/x)",
            '<p>(<a href="https://example.com/x" rel="nofollow noopener">https://example.com/x</a>)</p>',
        ),
        (
            "https://en.example/Foo_(bar)",
            '<p><a href="https://en.example/Foo_(bar)" rel="nofollow noopener">https://en.example/Foo_(bar)</a></p>',
        ),
        (
            "javascript:alert(1) data:text/html,x //example.com",
            "<p>javascript:alert(1) data:text/html,x //example.com</p>",
        ),
        (
            'https://a.b/"onclick="x',
            '<p><a href="https://a.b/" rel="nofollow noopener">https://a.b/</a>&quot;onclick=&quot;x</p>',
        ),
        ("**bold** [x](y) <b>", "<p>**bold** [x](y) &lt;b&gt;</p>"),
    ],
)
def test_plain_text_becomes_paragraphs_and_links_and_nothing_else(text: str, html: str) -> None:
    assert paragraphs(text) == html


def test_a_lot_of_text_takes_no_long_time() -> None:
    """No pattern goes wild: half a million signs of each kind."""
    started = time.perf_counter()
    for text in ("https://" + "." * 500_000, "\n \n" * 200_000, "(" * 500_000, "https://a" * 60_000):
        paragraphs(text)
    assert time.perf_counter() - started < 1
