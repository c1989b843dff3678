"""The shipped web server's configuration delivers the folder as Muster's own address does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from statuspage.publishing.delivery import headers_of
from statuspage.publishing.manifest import Manifest
from statuspage.publishing.tree import Tree
from tests.statuspage.publishing.nginx import running_nginx

FILES = {
    "index.html": b"<p>All is well.</p>" * 200,
    "404.html": b"Nothing here.",
    "widget.html": b"w",
    "widget.js": b"1",
    "api/v2/summary.json": b"{}" + b" " * 2000,
    "history.atom": b"<feed/>",
    "history.rss": b"<rss/>",
    "maintenance.ics": b"BEGIN:VCALENDAR",
    "badges/overall.svg": b"<svg/>",
    "assets/site.0123456789ab.css": b"body{}",
    "pages/acme/index.html": b"acme",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Publish a small tree behind nginx."""
    folder = tmp_path_factory.mktemp("nginx")
    tree = Tree(folder / "status")
    kept = {path: tree.keep(body, kind="text/html", phase=0) for path, body in FILES.items()}
    tree.swap(Manifest(generation=1, generated_at=datetime.now(UTC), files=kept))
    with (
        running_nginx(root=tree.root, folder=folder / "nginx") as address,
        httpx.Client(base_url=address, trust_env=False) as client,
    ):
        yield client


@pytest.mark.parametrize("path", FILES)
def test_every_file_has_the_headers_that_muster_gives_it(site: httpx.Client, path: str) -> None:
    answer = site.get(f"/{path}")
    assert (answer.status_code, answer.content) == (200, FILES[path])
    for name, value in headers_of(path):
        told = answer.headers[name].replace("application/javascript", "text/javascript")
        assert told.split(";")[0] == value.split(";")[0], name
    expected = {name.lower() for name, _ in headers_of(path)}
    for name in ("access-control-allow-origin", "content-security-policy"):
        assert (name in answer.headers) == (name in expected), name
    assert site.get(f"/{path}", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_compressed_copies_are_handed_out(site: httpx.Client) -> None:
    answer = site.get("/", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < 400
    assert answer.content == FILES["index.html"]


@pytest.mark.parametrize(
    "path", ["/.manifest.json", "/.generations/1.json", "/.lock", "/pages/.x", "/nothing.html", "/pages/"]
)
def test_what_is_private_or_not_there_is_not_found(site: httpx.Client, path: str) -> None:
    answer = site.get(path)
    assert answer.status_code in (403, 404)
    assert b"generation" not in answer.content


def test_the_one_address_that_is_no_file_is_out_of_order_without_muster(site: httpx.Client) -> None:
    assert site.post("/api/v2/subscribers.json", data={"subscriber[email]": "a@example.com"}).status_code == 502
    assert site.get("/").status_code == 200
