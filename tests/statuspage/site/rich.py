"""A page with everything on it, made by the operations."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path

from statuspage.models import Comment, Metric, MetricPoint, Server, StatusPage
from statuspage.site.file import File
from statuspage.site.render import render_page
from statuspage.site.snapshot import load
from tests.builders import NOW
from tests.statuspage.builders import make_component, make_group, make_maintenance, make_page, make_public_incident, say

BASE: str = "https://status.harbor.example/"


def rich_page() -> StatusPage:
    """Return Harbor Hosting's page: groups, trouble now and before, maintenance planned, under way and done."""
    page = make_page(
        languages=["de", "fr", "es", "nl"],
        headline="We run your websites, day and night.",
        support_url="https://harbor.example/support",
        accent="#0b5fff",
        accent_dark="#8fb8ff",
    )
    hosting, access = make_group(page, "Hosting"), make_group(page, "Access")
    web = make_component(page, "Web hosting", group=hosting, description="Shared web servers")
    make_component(page, "Databases", group=hosting, names={"de": "Datenbanken"})
    ftp = make_component(page, "FTP and SSH", group=access)
    panel = make_component(page, "Control panel")
    mail = make_component(page, "Mail", age_days=40)
    before = NOW - timedelta(days=19, hours=4)
    past = make_public_incident(
        page, "Mail is late.", name="Mail is delivered late", components={mail: "degraded_performance"}, now=before
    )
    say(past, "identified", "A relay is full.", components={mail: "partial_outage"}, now=before + timedelta(minutes=40))
    say(past, "resolved", "All mail is delivered.", now=before + timedelta(hours=3))
    recent = NOW - timedelta(days=3, hours=2)
    short = make_public_incident(page, name="Control panel is slow", components={panel: "major_outage"}, now=recent)
    say(short, "resolved", "It is fast again.", now=recent + timedelta(minutes=25))
    now = NOW - timedelta(minutes=50)
    open_one = make_public_incident(
        page,
        "Some websites do not answer.\n\nWe are looking into it: https://harbor.example/help.",
        texts={"de": "Einige Websites antworten nicht.\n\nWir suchen die Ursache: https://harbor.example/help."},
        names={"de": "Websites antworten nicht"},
        components={web: "major_outage", ftp: "partial_outage"},
        now=now,
    )
    said = now + timedelta(minutes=20)
    say(open_one, components={ftp: "operational"}, now=said, next_update_at=NOW + timedelta(minutes=10))
    make_maintenance(
        page, components={panel: "under_maintenance"}, now=NOW - timedelta(days=1), starts_in=timedelta(days=3)
    )
    response = Metric.objects.create(page=page, name="Response time", unit="ms", created_at=NOW)
    MetricPoint.objects.bulk_create(
        MetricPoint(
            metric=response, at=NOW - timedelta(minutes=5 * back), value=120 + 40 * math.sin(back / 9) + back % 7
        )
        for back in range(280)
        if not 100 < back < 110
    )
    for number in range(1, 31):
        server = Server.objects.create(page=page, name=f"web{number:02}.harbor.example")
        server.components.add(web if number < 12 else mail)
    Comment.objects.create(
        public_incident=open_one,
        name="Paula",
        text="My shop is down since 3. When is it back?",
        state=Comment.State.SHOWN,
        reply="We expect to know more within the hour; the next word is promised above.",
        replied_at=NOW - timedelta(minutes=5),
        created_at=NOW - timedelta(minutes=15),
    )
    return page


def files_of(page: StatusPage, *, generation: int = 1) -> dict[str, File]:
    """Return the files of a page by path."""
    files = render_page(load(page.id, now=NOW), generated_at=NOW, generation=generation, base_url=BASE)
    found: dict[str, File] = {}
    for file in files:
        assert file.path not in found, file.path
        found[file.path] = file
    return found


def write(files: dict[str, File], folder: Path) -> None:
    """Lay files into a folder as they are published."""
    for path, file in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.body)
