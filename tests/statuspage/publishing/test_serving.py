"""`/status/…` is exactly the published folder, with nothing of Muster needed to answer it."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from statuspage.publishing.manifest import Manifest
from statuspage.publishing.serving import KEPT_BYTES, Environ, PublishedFiles, StartResponse, accepts_gzip
from statuspage.publishing.tree import Tree

LONG = b"<p>All is well.</p>" * 200
ASSET = "assets/site.0123456789ab.css"


class Answer:
    """What came back."""

    def __init__(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status = int(status[:3])
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body


def django(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Stand in for what is behind."""
    start_response("418 Behind", [("Content-Type", "text/plain")])
    return [b"behind"]


def publish(root: Path, number: int, files: dict[str, bytes]) -> Tree:
    tree = Tree(root)
    kept = {path: tree.keep(body, kind="text/html", phase=0) for path, body in files.items()}
    tree.swap(Manifest(generation=number, generated_at=datetime.now(UTC), shows=number, files=kept))
    return tree


@pytest.fixture
def site(tmp_path: Path) -> PublishedFiles:
    """Serve a small tree."""
    files = {
        "index.html": LONG,
        "404.html": b"Nothing here.",
        "api/v2/summary.json": b"{}",
        "history.atom": b"<feed/>",
        "widget.html": b"w",
        "pages/acme/index.html": b"acme",
        "servers/größe.html": b"umlaut",
        ASSET: b"body{}",
    }
    publish(tmp_path / "status", 1, files)
    (tmp_path / "secret.txt").write_text("outside")
    return PublishedFiles(django, root=tmp_path / "status")


def ask(site: PublishedFiles, path: str, method: str = "GET", **headers: str) -> Answer:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path.encode().decode("latin-1"),
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
    }
    environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    setup_testing_defaults(environ)
    environ["wsgi.input"] = io.BytesIO()
    said: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> Any:
        said.extend([status, headers])

    answer = validator(site)(environ, start_response)
    try:
        body = b"".join(answer)
    finally:
        answer.close()  # type: ignore[attr-defined]
    return Answer(said[0], said[1], body)


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/status/", LONG, "text/html; charset=utf-8"),
        ("/status/index.html", LONG, "text/html; charset=utf-8"),
        ("/status/api/v2/summary.json", b"{}", "application/json; charset=utf-8"),
        ("/status/history.atom", b"<feed/>", "application/atom+xml; charset=utf-8"),
        ("/status/pages/acme/", b"acme", "text/html; charset=utf-8"),
        ("/status/servers/größe.html", b"umlaut", "text/html; charset=utf-8"),
        (f"/status/{ASSET}", b"body{}", "text/css; charset=utf-8"),
    ],
)
def test_files_are_served_as_what_they_are(site: PublishedFiles, path: str, body: bytes, kind: str) -> None:
    answer = ask(site, path)
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, body, kind)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers
    head = ask(site, path, "HEAD")
    assert (head.status, head.body, head.headers) == (200, b"", answer.headers)


def test_hashed_assets_are_kept_for_ever_and_nothing_else(site: PublishedFiles) -> None:
    assert "immutable" in ask(site, f"/status/{ASSET}").headers["cache-control"]
    for path in ("", "api/v2/summary.json", "history.atom", "widget.html"):
        assert ask(site, f"/status/{path}").headers["cache-control"].startswith("public, max-age=15")


def test_scripts_elsewhere_may_read_the_api_and_frames_hold_the_widget_only(site: PublishedFiles) -> None:
    for path in ("api/v2/summary.json", "history.atom"):
        assert ask(site, f"/status/{path}").headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in ask(site, "/status/").headers
    assert ask(site, "/status/").headers["content-security-policy"] == "frame-ancestors 'none'"
    assert "content-security-policy" not in ask(site, "/status/widget.html").headers


@pytest.mark.parametrize(
    "path",
    [
        "/status/../secret.txt",
        "/status/%2e%2e/secret.txt",
        "/status//etc/passwd",
        "/status/.manifest.json",
        "/status/.generations/1.json",
        "/status/pages/",
        "/status/pages/.acme/index.html",
        "/status/pages/acme/index.html/",
        "/status/" + "a/" * 5000,
        "/status/" + "x" * 5000,
        "/status/a\x00b",
        "/status/..\\secret.txt",
        "/status/nothing.html",
    ],
)
def test_nothing_else_can_be_had(site: PublishedFiles, path: str) -> None:
    answer = ask(site, path)
    assert (answer.status, answer.body) == (404, b"Nothing here.")


def test_a_path_that_is_no_text_is_not_found(site: PublishedFiles) -> None:
    said: list[str] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/status/\xff\xfe"}
    site(environ, lambda status, _headers: said.append(status))
    assert said == ["404 Not Found"]


def test_a_folder_leads_to_its_page(site: PublishedFiles) -> None:
    for path, there in (("/status", "/status/"), ("/status/pages/acme", "/status/pages/acme/")):
        answer = ask(site, path)
        assert (answer.status, answer.headers["location"]) == (301, there)


def test_other_addresses_are_not_ours(site: PublishedFiles) -> None:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": ""}
    for path in ("/", "/statuspage", "/status-pages/", "/api/v1/status/components"):
        said: list[str] = []
        assert list(site({**environ, "PATH_INFO": path}, lambda status, _headers, s=said: s.append(status))) == [
            b"behind"
        ]
        assert said == ["418 Behind"]


def test_only_the_subscribers_address_takes_more_than_reading(site: PublishedFiles) -> None:
    for verb in ("POST", "PUT", "DELETE", "PATCH"):
        assert ask_unchecked(site, "/status/", verb) == 405
        assert ask_unchecked(site, "/status/api/v2/subscribers.json", verb) == 418
        assert ask_unchecked(site, "/status/pages/acme/api/v2/subscribers.json", verb) == 418
    assert ask_unchecked(site, "/status/api/v2/summary.json", "OPTIONS") == 204


def ask_unchecked(site: PublishedFiles, path: str, method: str) -> int:
    """Ask where the standard's checker is stricter than the standard."""
    said: list[str] = []
    list(site({"REQUEST_METHOD": method, "PATH_INFO": path}, lambda status, _headers: said.append(status)))
    return int(said[0][:3])


def test_a_reader_who_has_it_gets_304(site: PublishedFiles) -> None:
    first = ask(site, "/status/")
    again = ask(site, "/status/", if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert "content-length" not in again.headers
    assert ask(site, "/status/", if_none_match=f'"other", W/{first.headers["etag"]}').status == 304
    assert ask(site, "/status/", if_none_match='"other"').status == 200
    assert ask(site, "/status/", if_modified_since=first.headers["last-modified"]).status == 304
    assert (
        ask(site, "/status/", if_none_match='"other"', if_modified_since=first.headers["last-modified"]).status == 200
    ), "a tag outweighs the time"


def test_compressed_for_those_who_take_it(site: PublishedFiles) -> None:
    answer = ask(site, "/status/", accept_encoding="gzip, deflate, br")
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(answer.body) == LONG
    assert int(answer.headers["content-length"]) == len(answer.body) < len(LONG) / 10
    plain = ask(site, "/status/")
    assert plain.headers["vary"] == answer.headers["vary"] == "Accept-Encoding"
    assert plain.headers["etag"] != answer.headers["etag"]
    assert ask(site, "/status/", accept_encoding="gzip", if_none_match=answer.headers["etag"]).status == 304


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [("", False), ("gzip", True), ("br;q=1.0, gzip;q=0.8", True), ("gzip;q=0, *", False), ("gzip;q=0", False),
     ("identity", False), ("*", True), ("gzip; q=0.000", False), ("GZIP", True)],
)  # fmt: skip
def test_what_accept_encoding_takes(accepted: str, *, takes: bool) -> None:
    assert accepts_gzip(accepted) is takes


def test_a_new_generation_shows_at_once_and_old_copies_go(site: PublishedFiles, tmp_path: Path) -> None:
    before = ask(site, "/status/", accept_encoding="gzip")
    publish(tmp_path / "status", 2, {"index.html": LONG[::-1], "404.html": b"Nothing here."})
    after = ask(site, "/status/", accept_encoding="gzip")
    assert gzip.decompress(after.body) == LONG[::-1]
    assert after.headers["etag"] != before.headers["etag"]
    assert ask(site, "/status/pages/acme/").status == 404


def test_memory_is_bounded(site: PublishedFiles, tmp_path: Path) -> None:
    files = {f"incidents/{number}.html": os.urandom(900_000) for number in range(30)}
    publish(tmp_path / "status", 2, files)
    for path in files:
        assert len(ask(site, f"/status/{path}").body) == 900_000
    assert sum(len(copy.plain) + len(copy.compressed) for copy in site._copies.values()) <= KEPT_BYTES


def test_a_folder_that_is_not_there_yet_is_an_empty_one(tmp_path: Path) -> None:
    answer = ask(PublishedFiles(django, root=tmp_path / "none"), "/status/")
    assert answer.status == 404
