"""What a backup keeps besides the bytes, for whom it is encrypted, and what the heartbeat hears of it."""

from __future__ import annotations

import os
import struct
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from eap.actions.base import Trouble
from tests.eap.webserver.world import World
from tests.programs import program

NOT_ROOT = "only root gives files away"


def acl(*entries: tuple[int, int, int]) -> bytes:
    """Return a POSIX access list as the kernel keeps it: tag, rights, id of each entry."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def test_owners_rights_times_attributes_and_access_lists_come_back(world: World) -> None:
    shared = world.root / "shared"
    shared.mkdir()
    note = shared / "note.txt"
    note.write_text("x")
    empty = 0xFFFFFFFF
    wanted = acl((1, 6, empty), (2, 4, 33), (4, 4, empty), (16, 6, empty), (32, 0, empty))
    try:
        os.setxattr(note, "user.origin", b"\xff\x00binary")
        os.setxattr(note, "system.posix_acl_access", wanted)
    except OSError:
        pytest.skip("this file system keeps no extended attributes")
    if os.geteuid() == 0:
        os.chown(note, 33, 12345)
        os.chown(shared, 33, 33)
    shared.chmod(0o2750)
    os.utime(shared, ns=(1_600_000_000_987_654_321, 1_600_000_000_987_654_321))
    before = (note.stat(), shared.stat())
    world.answers("backup")
    world.damage()
    note.unlink()
    world.prepare("check")
    after = (note.stat(), shared.stat())
    for old, new in zip(before, after, strict=True):
        assert (old.st_mode, old.st_uid, old.st_gid, old.st_mtime_ns) == (
            new.st_mode, new.st_uid, new.st_gid, new.st_mtime_ns,
        )  # fmt: skip
    assert os.getxattr(note, "user.origin") == b"\xff\x00binary"
    assert os.getxattr(note, "system.posix_acl_access") == wanted


def test_an_archive_for_a_public_key_opens_with_the_private_one_and_not_without(world: World) -> None:
    gpg, home = program("gpg", package="gpg"), world.folder / "keys"
    program("gpg-agent", package="gpg-agent")
    home.mkdir(mode=0o700)
    words = [gpg, "--homedir", str(home), "--batch", "--pinentry-mode", "loopback", "--passphrase", ""]
    try:
        subprocess.run(
            [*words, "--quick-gen-key", "backup@harbor.example", "default", "default", "never"],
            check=True,
            capture_output=True,
        )
        public = world.folder / "backup.asc"
        exported = subprocess.run([*words, "--armor", "--export"], check=True, capture_output=True)
        public.write_bytes(exported.stdout)
        for_key = {"passphrase": "", "recipient_file": str(public), "home": ""}
        world.answers("backup", crypt=for_key)
        world.damage()
        for step in ("choose", "space", "checksum", "safety", "copy"):
            world.answers("restore", step)
        reason = world.refuses("restore", "unpack", crypt=for_key)
        assert reason == "The archive is encrypted for a key that this host has not."
        with_key = {"passphrase": "", "recipient_file": "", "home": str(home)}
        world.answers("restore", "unpack", crypt=with_key)
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "gpg-agent"], check=False)  # noqa: S607 - on PATH


def test_without_a_key_nothing_is_backed_up(world: World) -> None:
    nothing = {"passphrase": "", "recipient_file": "", "home": ""}
    assert "needs a passphrase or a public key" in world.refuses("backup", crypt=nothing)
    assert not list(world.archives.glob("*.tar.gpg*"))


def test_a_site_without_database(world: World) -> None:
    world.answers("backup", database=None)
    (world.root / "index.html").write_text("hacked")
    for step in ("choose", "space", "checksum", "safety", "copy"):
        world.answers("restore", step, database=None)
    assert "holds no database" in world.refuses("restore", "unpack")
    for step in ("unpack", "delete_archive", "stop", "database", "mark", "delete_dump", "extract", "delete_inner"):
        world.answers("restore", step, database=None)
    for step in ("replace", "delete_temp", "start", "check"):
        world.answers("restore", step, database=None)
    assert (world.root / "index.html").read_text() == "<h1>Welcome</h1>"


class Heartbeat(BaseHTTPRequestHandler):
    """Keeps what a job reports."""

    heard: ClassVar[list[tuple[str, str]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.heard.append((self.path, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def heartbeat() -> Iterator[str]:
    Heartbeat.heard = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Heartbeat) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/ping/key"
        server.shutdown()
        thread.join()


def test_the_heartbeat_hears_of_the_start_the_end_and_the_failure(world: World, heartbeat: str) -> None:
    result = world.back_up(heartbeat=heartbeat)
    assert [path for path, _body in Heartbeat.heard] == ["/ping/key/start", "/ping/key"]
    assert result.sentence in Heartbeat.heard[-1][1]
    Heartbeat.heard.clear()
    world.query("DROP SCHEMA public CASCADE; DROP ROLE IF EXISTS nobody_at_all")
    broken = world.site(database={**world.database, "user": "nobody_at_all", "password": "wrong-password"})
    from eap.actions.webserver.backup import Backup
    from eap.actions.webserver.inputs import BackupInputs

    with pytest.raises(Trouble, match="The database refused"):
        Backup().apply(BackupInputs(site=broken, heartbeat=heartbeat), world.around(key="broken"))
    assert [path for path, _body in Heartbeat.heard] == ["/ping/key/start", "/ping/key/fail"]
    assert "The database refused" in Heartbeat.heard[-1][1]
    assert "wrong-password" not in Heartbeat.heard[-1][1]


def test_a_heartbeat_that_can_t_be_told_changes_nothing(world: World) -> None:
    result = world.back_up(heartbeat="http://127.0.0.1:9/ping/key")
    assert "holds" in result.sentence
    assert any("could not be told" in line for line in world.log.lines)
    assert Path(world.newest).exists()
