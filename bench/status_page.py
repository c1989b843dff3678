"""The status page with 200 components and 5 years of history: how many readers it bears, how soon it says something."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import psutil

from bench import company
from bench.figures import median, milliseconds, say, verdict
from bench.product import Product, free_port, running
from bench.readers import rate

COMPONENTS: Final = 200
INCIDENTS: Final = 1500
UPDATES: Final = 4
"""Of each incident: 6,000 in 5 years."""
DAYS: Final = 5 * 365
ROUNDS: Final = 3
SECONDS: Final = 3.0
SAID: Final = 10
PATIENCE_S: Final = 600
PATHS: Final = ("index.html", "api/v2/summary.json", "api/v2/status.json", "history.atom")
NGINX: Final = """
{user} worker_processes 2; daemon off; pid {folder}/pid; error_log {folder}/errors; events {{}}
http {{
  access_log off; include /etc/nginx/mime.types; gzip_static on; keepalive_requests 10000000;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};
  scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


def measure() -> None:
    """Measure readers, then news, on a product of its own."""
    with running() as product:
        company.connect(product)
        say("  storing history:")
        page = _fill()
        _ask()
        _wait(product, since=_generation(product))
        say(f"  {len(list(_root(product).rglob('*.html')))} pages, {_generation(product)} generations")
        _readers(product)
        _news(product, page)
        _at_rest(product)


def _readers(product: Product) -> None:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        say("  nginx is not installed, so nothing to compare with (apt-get install nginx-light)")
        return
    own = urlsplit(product.url).port or 80
    shares = []
    with _nginx(nginx, product) as beside:
        for path in PATHS:
            ours, theirs = [], []
            for _ in range(ROUNDS):
                ours.append(rate(own, f"/status/{path}", seconds=SECONDS))
                theirs.append(rate(beside, f"/{path}", seconds=SECONDS))
            shares.append(median(ours) / median(theirs))
            size = (_root(product) / path).stat().st_size
            say(f"  {path} ({size:,} bytes): {median(ours):,.0f}/s, nginx {median(theirs):,.0f}/s, {shares[-1]:.2f}")
    verdict("readers", reached=min(shares) >= 0.10, figure=f"{min(shares):.2f} of nginx at worst", goal=">= 0.10")


@contextlib.contextmanager
def _nginx(program: str, product: Product) -> Iterator[int]:
    """Run nginx on the published folder; yields its port."""
    folder, port = product.folder / "nginx", free_port()
    folder.mkdir()
    user = "user root;" if os.geteuid() == 0 else ""
    text = NGINX.format(user=user, folder=folder, port=port, root=_root(product))
    (folder / "nginx.conf").write_text(text)
    with subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf")]) as process:
        time.sleep(1)
        try:
            yield port
        finally:
            process.terminate()


def _news(product: Product, page: Any) -> None:
    """Measure from a person's approval to the files that readers get."""
    took = [_say(product, page, number) for number in range(SAID)]
    say(f"  approval to files live {milliseconds(took)}, at most {max(took):.2f} s")
    verdict("approval to files", reached=max(took) <= 2.0, figure=f"{max(took):.2f} s", goal="<= 2 s")


def _say(product: Product, page: Any, number: int) -> float:
    from django.db import transaction

    from ledger.actor import Actor
    from people.models import Person
    from statuspage.models import Component, StatusUpdate
    from statuspage.operations.approve_update import approve_update
    from statuspage.operations.contents import digest_of
    from statuspage.operations.draft_update import draft_incident
    from statuspage.operations.publish_update import publish_update

    now, somebody = datetime.now(UTC), Person.objects.filter(role="administrator")[0]
    component = Component.objects.filter(page=page, archived_at=None)[number]
    by = Actor(kind="person", id=str(somebody.pk), name=somebody.name, via="web")
    with transaction.atomic():
        update = draft_incident(
            page=page,
            name=f"News {number}",
            texts={page.language: "Something is wrong."},
            components={component.pk: "partial_outage"},
            deliver=False,
            by=Actor.system(),
            now=now,
        )
    began = time.monotonic()
    with transaction.atomic():
        update = StatusUpdate.objects.select_related("public_incident").get(pk=update.pk)
        approve_update(update=update, digest=digest_of(update), person=somebody, by=by, now=now)
    with transaction.atomic():
        publish_update(update=update, person=somebody, by=by, now=now)
    places = [_root(product) / f"incidents/{update.public_incident_id}.html", _root(product) / "index.html"]
    while not all(path.exists() and f"News {number}" in path.read_text() for path in places):
        if time.monotonic() - began > PATIENCE_S:
            raise SystemExit("The update never appeared.")
        time.sleep(0.005)
    took = time.monotonic() - began
    time.sleep(0.5)
    return took


def _at_rest(product: Product) -> None:
    """Say what keeping the page fresh costs the engine while nothing changes."""
    (pid,) = product.pids()["engine"]
    engine = psutil.Process(pid)
    before, began, generation = sum(engine.cpu_times()[:2]), time.monotonic(), _generation(product)
    time.sleep(120)
    spent, made = sum(engine.cpu_times()[:2]) - before, _generation(product) - generation
    share = spent / (time.monotonic() - began)
    say(f"  at rest the engine takes {share * 100:.1f} % of a core, {made} publications in 2 minutes among it")


def _fill() -> Any:
    """Give the demonstration's page 200 components and 5 years of incidents; return the page."""
    from statuspage.models import (
        AffectedComponent,
        Component,
        ComponentGroup,
        ImpactChange,
        PublicIncident,
        StatusPage,
        StatusUpdate,
    )

    chance, now = random.Random(5), datetime.now(UTC)  # noqa: S311 - the same history each time, no secrets
    page = StatusPage.objects.get(slug="")
    born = {"created_at": now - timedelta(days=DAYS), "updated_at": now}
    groups = ComponentGroup.objects.bulk_create(
        ComponentGroup(page=page, name=f"Region {n}", position=50 + n, **born) for n in range(10)
    )
    there = Component.objects.filter(page=page, archived_at=None).count()
    components = Component.objects.bulk_create(
        Component(page=page, group=groups[n % 10], name=f"Service {n}", position=n, **born)
        for n in range(COMPONENTS - there)
    )
    incidents, updates, affected, steps = [], [], [], []
    for number in range(INCIDENTS):
        began = now - timedelta(minutes=chance.randint(1500, DAYS * 1440))
        over = began + timedelta(minutes=chance.randint(10, 300))
        incident = PublicIncident(
            page=page, name=f"Trouble {number}", status="resolved", impact="major", started_at=began, resolved_at=over,
            published_at=began, created_at=began, updated_at=over, version=UPDATES,
        )  # fmt: skip
        incidents.append(incident)
        hit = chance.choice(components)
        affected.append(
            AffectedComponent(
                public_incident=incident, component=hit, status="operational", since=began, recovered_at=over
            )
        )
        for status, at in (("partial_outage", began), ("operational", over)):
            steps.append(ImpactChange(component=hit, source=incident, status=status, at=at, recorded_at=at))
        for place in range(UPDATES):
            at = began + (over - began) * place / (UPDATES - 1)
            stage = ("investigating", "identified", "monitoring", "resolved")[place]
            updates.append(
                StatusUpdate(
                    public_incident=incident,
                    state="published",
                    stage=stage,
                    deliver=False,
                    display_at=at,
                    texts={page.language: f"What we know so far, part {place}. " * 8},
                    published_at=at,
                    created_at=at,
                    updated_at=at,
                    version=1,
                )
            )
    PublicIncident.objects.bulk_create(incidents, batch_size=500)
    AffectedComponent.objects.bulk_create(affected, batch_size=500)
    ImpactChange.objects.bulk_create(steps, batch_size=500)
    StatusUpdate.objects.bulk_create(updates, batch_size=500)
    return page


def _ask() -> None:
    from django.db import transaction

    from statuspage.operations.request_publication import request_publication

    with transaction.atomic():
        request_publication()


def _root(product: Product) -> Path:
    return product.folder / "status"


def _generation(product: Product) -> int:
    try:
        return int(json.loads((_root(product) / "generation.json").read_text())["generation"])
    except FileNotFoundError:
        return 0


def _wait(product: Product, *, since: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while _generation(product) <= since or not list((_root(product) / "incidents").glob("*.html"))[1000:]:
        if time.monotonic() > until:
            raise SystemExit("The page with its history was not published.")
        time.sleep(0.1)
