"""`/status/…`: the published folder, from Muster's own address.

It stands in front of Django and touches neither database nor broker nor session: customers read the page while all of
these are down. Files are kept in memory for as long as they are unchanged on disk.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from statuspage.publishing.delivery import headers_of
from statuspage.publishing.tree import UnfitPath, checked

PREFIX: Final = "/status"
INDEX: Final = "index.html"
NOT_FOUND: Final = "404.html"
SUBSCRIBERS: Final = "api/v2/subscribers.json"
"""The one address of the tree that is no file: other verbs than reading it are Django's."""
KEPT_BYTES: Final = 16 * 2**20
LARGEST_KEPT: Final = 2**20

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Copy:
    """A file in memory, plain and compressed (b"" where there is none), with the headers of each."""

    version: Version
    modified: str
    plain: bytes
    headers: list[tuple[str, str]]
    etag: str
    compressed: bytes
    compressed_headers: list[tuple[str, str]]
    compressed_etag: str


class PublishedFiles:
    """A WSGI application in front of another one, which gets every request that is not for the published folder."""

    def __init__(self, behind: Application, *, root: Path) -> None:
        self._behind = behind
        self._root = str(root)
        self._copies: dict[str, Copy] = {}
        self._size = 0
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer from the folder, or hand on."""
        path: str = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX) or path[7:8] not in ("", "/"):
            return self._behind(environ, start_response)
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            return self._other_verb(method, path, environ, start_response)
        if path == PREFIX:
            return _moved(f"{environ.get('SCRIPT_NAME', '')}{PREFIX}/", start_response)
        with contextlib.suppress(UnicodeError):
            # WSGI hands the bytes of a path over as Latin-1 (PEP 3333).
            name = path[8:].encode("latin-1").decode()
            copy = self.copy(name + INDEX if not name or name.endswith("/") else name)
            if copy is not None:
                return _answer(copy, method, environ, start_response)
            if name and not name.endswith("/") and self.copy(f"{name}/{INDEX}") is not None:
                return _moved(f"{environ.get('SCRIPT_NAME', '')}{PREFIX}/{quote(name)}/", start_response)
        return self._not_found(method, start_response)

    def copy(self, path: str) -> Copy | None:
        """Return the file as it is on disk now; None where there is none that may be handed out."""
        known = self._copies.get(path)
        if known is None:
            try:
                checked(path)
            except UnfitPath:
                return None
        place = f"{self._root}/{path}"
        try:
            version = _version(place)
            if known is not None and known.version == version:
                return known
            return self._keep(path, _read(place, path, version))
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError):
            with self._lock:
                self._drop(path)
            return None

    def _keep(self, path: str, copy: Copy) -> Copy:
        size = len(copy.plain) + len(copy.compressed)
        with self._lock:
            self._drop(path)
            if size <= LARGEST_KEPT:
                if self._size + size > KEPT_BYTES:
                    self._copies.clear()
                    self._size = 0
                self._copies[path] = copy
                self._size += size
        return copy

    def _drop(self, path: str) -> None:
        old = self._copies.pop(path, None)
        if old is not None:
            self._size -= len(old.plain) + len(old.compressed)

    def _other_verb(self, method: str, path: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if path.endswith(f"/{SUBSCRIBERS}"):
            return self._behind(environ, start_response)
        if method == "OPTIONS":
            allowed = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")]
            start_response("204 No Content", [*allowed, ("Access-Control-Max-Age", "86400")])
            return []
        start_response("405 Method Not Allowed", [("Allow", "GET, HEAD, OPTIONS"), ("Content-Length", "0")])
        return []

    def _not_found(self, method: str, start_response: StartResponse) -> Iterable[bytes]:
        page = self.copy(NOT_FOUND)
        body = page.plain if page else b"There is no such page."
        kind = "text/html; charset=utf-8" if page else "text/plain; charset=utf-8"
        headers = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "public, max-age=15")]
        start_response("404 Not Found", [*headers, ("X-Content-Type-Options", "nosniff")])
        return [body] if method == "GET" else []


def _version(place: str) -> Version:
    found = os.stat(place)  # noqa: PTH116 - on every request, and a Path costs as much as the call itself
    if not stat.S_ISREG(found.st_mode):
        raise IsADirectoryError(place)
    return found.st_ino, found.st_mtime_ns, found.st_size


def _read(place: str, path: str, version: Version) -> Copy:
    plain = Path(place).read_bytes()
    compressed = b""
    with contextlib.suppress(FileNotFoundError):
        compressed = Path(f"{place}.gz").read_bytes()
    digest = hashlib.sha256(plain).hexdigest()[:32]
    modified = formatdate(version[1] / 1e9, usegmt=True)
    common = [*headers_of(path), ("Last-Modified", modified)]
    if compressed:
        common.append(("Vary", "Accept-Encoding"))
    etag, compressed_etag = f'"{digest}"', f'"{digest}-gz"'
    return Copy(
        version=version,
        modified=modified,
        plain=plain,
        headers=[*common, ("ETag", etag), ("Content-Length", str(len(plain)))],
        etag=etag,
        compressed=compressed,
        compressed_headers=[
            *common,
            ("ETag", compressed_etag),
            ("Content-Encoding", "gzip"),
            ("Content-Length", str(len(compressed))),
        ],
        compressed_etag=compressed_etag,
    )


def _answer(copy: Copy, method: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    gzip = copy.compressed and accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
    headers = copy.compressed_headers if gzip else copy.headers
    if _has_it(copy, environ):
        start_response("304 Not Modified", [each for each in headers if not each[0].startswith("Content-")])
        return []
    start_response("200 OK", headers)
    if method == "HEAD":
        return []
    return [copy.compressed if gzip else copy.plain]


def _has_it(copy: Copy, environ: Environ) -> bool:
    """Tell whether the reader's own copy is this one, plain or compressed (RFC 9110, sections 13.1.2 and 13.1.3)."""
    tags: str | None = environ.get("HTTP_IF_NONE_MATCH")
    if tags is not None:
        given = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return not given.isdisjoint({copy.etag, copy.compressed_etag, "*"})
    since: bool = environ.get("HTTP_IF_MODIFIED_SINCE") == copy.modified
    return since


def accepts_gzip(accepted: str) -> bool:
    """Tell whether an Accept-Encoding takes gzip (RFC 9110, section 12.5.3: a weight of 0 refuses it)."""
    if accepted.startswith("gzip,") or accepted == "gzip":  # what browsers send
        return True
    for part in accepted.lower().split(","):
        coding, _, weight = part.strip().partition(";")
        if coding.strip() in ("gzip", "x-gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _moved(address: str, start_response: StartResponse) -> Iterable[bytes]:
    start_response(
        "301 Moved Permanently", [("Location", address), ("Content-Type", "text/plain"), ("Content-Length", "0")]
    )
    return []
