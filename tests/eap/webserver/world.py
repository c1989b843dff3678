"""A web server of a test's own: a site served by a real nginx, with a database on a real PostgreSQL."""

from __future__ import annotations

import contextlib
import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg
from django.conf import settings
from psycopg import sql

from eap.actions.base import Result, Surroundings
from eap.actions.webserver.backup import Backup
from eap.actions.webserver.bundle import WORDS, standard_input
from eap.actions.webserver.calling import NOTHING
from eap.actions.webserver.host.journal import STEPS
from eap.actions.webserver.host.main import main
from eap.actions.webserver.inputs import BackupInputs, Limits, RestoreInputs, Site, Web
from eap.actions.webserver.restore import Restore
from supervisor.binaries import postgres_binaries
from supervisor.ports import free_port
from supervisor.tree import Tree
from tests.eap.actions.around import Log, around
from tests.engine.machinery import eventually
from tests.programs import program

ROOT: Final = Path(__file__).resolve().parents[3]
PASSPHRASE: Final = "correct-horse-battery-staple-4711"
CUSTOMERS: Final = 500
DAMAGED: Final = 7


@dataclass
class World:
    """Where everything of one web server is. `run` names the restore."""

    folder: Path
    web_port: int
    database: Mapping[str, Any]
    run: str
    log: Log = field(default_factory=Log)

    @property
    def root(self) -> Path:
        return self.folder / "www" / "site"

    @property
    def archives(self) -> Path:
        return self.folder / "backups"

    @property
    def state(self) -> Path:
        return self.folder / "www" / ".muster-site" / self.run

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.web_port}/index.html"

    def site(self, **more: Any) -> Site:
        """Return the site as a plan's call says it."""
        given = {
            "name": "example.org",
            "root": str(self.root),
            "archives": str(self.archives),
            "where": "local",
            "passphrase": "{secrets.passphrase}",
            "database": {**self.database, "password": "{secrets.database}"},
        }
        return Site.model_validate({**given, **more})

    def web(self, **more: Any) -> Web:
        """Return the web server as a plan's call says it."""
        given = {
            "conf": str(self.folder / "nginx.conf"),
            "pid_file": str(self.folder / "nginx" / "pid"),
            "port": self.web_port,
            "unit": "",
            "patience": 20,
        }
        return Web.model_validate({**given, **more})

    def around(self, **more: Any) -> Surroundings:
        """Return what an action is given."""
        held = {"passphrase": PASSPHRASE, "database": self.database["password"], **more.pop("secrets", {})}
        found = around(self.log, secrets=held, timeout_s=more.pop("timeout_s", 120.0), **more)
        return Surroundings(**{**found.__dict__, "run_id": self.run})

    def back_up(self, **more: Any) -> Result:
        """Make a backup."""
        return Backup().apply(BackupInputs(site=self.site(), **more), self.around(key=os.urandom(8).hex()))

    def inputs(self, step: str, *, site: Site | None = None, **more: Any) -> RestoreInputs:
        """Return the call of one step of a restore."""
        given = {"web": self.web(), "address": self.address, "page": "index.html", **more}
        return RestoreInputs.model_validate({"step": step, "site": site or self.site(), **given})

    def step(self, step: str, *, site: Site | None = None, **more: Any) -> Result:
        """Carry out one step of a restore."""
        return Restore().apply(self.inputs(step, site=site, **more), self.around(key=os.urandom(8).hex()))

    def steps(self, first: str, last: str) -> None:
        """Carry out these steps."""
        for step in STEPS[STEPS.index(first) : STEPS.index(last) + 1]:
            self.step(step)

    def prepare(self, last: str) -> None:
        """Carry out the steps up to this one."""
        for step in STEPS[: STEPS.index(last) + 1]:
            self.answers("restore", step)

    def request(self, verb: str, step: str = "", **more: Any) -> dict[str, Any]:
        """Return a request as the program on the host gets it."""
        site = self.site()
        database = {**site.database.model_dump(), "password": self.database["password"]}
        return {
            **NOTHING,
            "verb": verb,
            "step": step,
            "run": self.run,
            "seconds": 60.0,
            "name": site.name,
            "site": site.root,
            "archives": site.archives,
            "database": database,
            "crypt": {"passphrase": PASSPHRASE, "recipient_file": "", "home": ""},
            "web": self.web().model_dump(),
            "limits": {"files": Limits().files, "bytes": 10**9, "ratio": Limits().ratio},
            "address": self.address,
            "page": "index.html",
            **more,
        }

    def answers(self, verb: str, step: str = "", **more: Any) -> str:
        """Have the program answer a request that it has to be able to; return the sentence."""
        status, said = self.answer(self.request(verb, step, **more))
        assert status == 0, said
        return said[-1]

    def refuses(self, verb: str, step: str = "", **more: Any) -> str:
        """Have the program answer a request that it has to refuse; return its reason."""
        status, said = self.answer(self.request(verb, step, **more))
        assert status == 1, said
        return said[-1]

    @staticmethod
    def answer(request: Mapping[str, Any]) -> tuple[int, list[str]]:
        """Have the program answer a request in this very process; return its exit status and what it said."""
        before, said = os.umask(0o022), io.StringIO()
        try:
            with contextlib.redirect_stdout(said):
                status = main(request)
        finally:
            os.umask(before)
        return status, said.getvalue().splitlines()

    def ask(self, request: Mapping[str, Any], *, words: tuple[str, ...] = WORDS) -> subprocess.CompletedProcess[str]:
        """Have the program answer a request, without Muster around it."""
        return subprocess.run(
            words,
            input=standard_input(request),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder)},
        )

    def query(self, statement: str, *, name: str = "") -> list[tuple[Any, ...]]:
        """Ask the site's database."""
        with connected(name or str(self.database["name"])) as connection:
            cursor = connection.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

    def damage(self) -> None:
        """Do to the site what it is restored from: rows gone, pages changed, a web shell planted."""
        self.query("DELETE FROM customers WHERE id > 7")
        (self.root / "index.html").write_text("hacked")
        (self.root / "shell.php").write_text("<?php system($_GET[0]);")
        (self.root / "images" / "logo.bin").unlink()

    def is_damaged(self) -> bool:
        """Tell whether the site is as the damage left it, and served."""
        return (
            self.query("SELECT count(*) FROM customers") == [(DAMAGED,)]
            and (self.root / "index.html").read_text() == "hacked"
            and (self.root / "shell.php").exists()
            and self.serves()
        )

    def is_restored(self) -> bool:
        """Tell whether the site is as the backup has it, and served, and nothing temporary is left."""
        kept = (self.root / "images" / "logo.bin").stat()
        return (
            self.query("SELECT count(*), min(name), max(name) FROM customers")
            == [(CUSTOMERS, "customer 1", "customer 99")]
            and (self.root / "index.html").read_text() == "<h1>Welcome</h1>"
            and not (self.root / "shell.php").exists()
            and (self.root / "images" / "again.bin").stat().st_ino == kept.st_ino
            and kept.st_mode & 0o7777 == 0o640
            and kept.st_mtime_ns == 1_700_000_000_123_456_789
            and (self.root / "images" / "home").readlink() == Path("../index.html")
            and (self.root / "odd\nname").exists()
            and (self.state / "site-before" / "shell.php").exists()
            and not (self.state / "temp").exists()
            and self.query("SELECT run, archive FROM muster_restores") == [(self.run, self.newest.name)]
            and self.serves()
        )

    @property
    def newest(self) -> Path:
        """Return the newest archive."""
        return max(self.archives.glob("example.org-*.tar.gpg"))

    def serves(self) -> bool:
        """Tell whether the web server listens."""
        with socket.socket() as probe:
            probe.settimeout(5)
            return probe.connect_ex(("127.0.0.1", self.web_port)) == 0


@contextmanager
def connected(name: str) -> Iterator[psycopg.Connection[Any]]:
    """Connect to a database of the test's server."""
    kept = settings.DATABASES["default"]
    with psycopg.connect(
        dbname=name, host=kept["HOST"], port=kept["PORT"] or None, user=kept["USER"], password=kept["PASSWORD"],
        autocommit=True,
    ) as connection:  # fmt: skip
        yield connection


@contextmanager
def making_world(folder: Path, name: str) -> Iterator[World]:
    """Make a site with its files, its database and its web server, all served; end and remove them afterwards."""
    kept = settings.DATABASES["default"]
    maintenance = "postgres"
    with connected(maintenance) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    world = World(
        folder=folder,
        web_port=free_port(),
        run=f"{os.getpid():x}-run",
        database={
            "name": name,
            "host": kept["HOST"],
            "port": int(kept["PORT"] or 0),
            "user": kept["USER"],
            "password": kept["PASSWORD"],
            "programs": str(postgres_binaries(Tree.at(ROOT, var=ROOT / "var"))),
        },
    )
    try:
        _fill(world)
        with _nginx(world):
            yield world
    finally:
        with connected(maintenance) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _fill(world: World) -> None:
    world.query(
        "CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);"
        "INSERT INTO customers SELECT g, 'customer ' || g FROM generate_series(1, 500) g;"
        """CREATE SCHEMA "odd ' schema"; CREATE TABLE "odd ' schema"."a\\b" (n int);"""
        """INSERT INTO "odd ' schema"."a\\b" VALUES (1), (2)"""
    )
    (world.root / "images").mkdir(parents=True)
    for path in (world.folder, world.root.parent, world.root):
        path.chmod(0o755)
    world.archives.mkdir()
    (world.folder / "nginx").mkdir()
    (world.root / "index.html").write_text("<h1>Welcome</h1>")
    (world.root / "odd\nname").write_text("x")
    logo = world.root / "images" / "logo.bin"
    logo.write_bytes(os.urandom(200_000))
    logo.chmod(0o640)
    os.utime(logo, ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789))
    (world.root / "images" / "again.bin").hardlink_to(logo)
    (world.root / "images" / "home").symlink_to("../index.html")


@contextmanager
def _nginx(world: World) -> Iterator[None]:
    folder, nginx = world.folder / "nginx", program("nginx", package="nginx-light")
    user = "user root;" if os.geteuid() == 0 else ""  # a test's folders are closed to others
    (world.folder / "nginx.conf").write_text(
        f"{user} worker_processes 1; pid {folder}/pid; error_log {folder}/errors; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b;"
        f" fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;\n"
        f"server {{ listen 127.0.0.1:{world.web_port}; root {world.root};"
        f" location /slow/ {{ alias {world.root}/images/; limit_rate 100; }} }} }}\n"
    )
    start = [nginx, "-c", str(world.folder / "nginx.conf")]
    subprocess.run(start, check=True, stderr=subprocess.DEVNULL)
    # It writes its pid file only after whoever started it was let go.
    eventually(lambda: (folder / "pid").exists() and (folder / "pid").read_text().strip(), within_s=30)
    try:
        yield
    finally:
        eventually(lambda: _is_gone(folder / "pid", [*start, "-s", "stop"]), within_s=30)


def _is_gone(pid: Path, stop: Sequence[str]) -> bool:
    """Tell whether a web server has ended, and tell it to end otherwise."""
    if pid.exists():
        subprocess.run(stop, check=False, stderr=subprocess.DEVNULL)
    return not pid.exists()


KILLED_AT: Final = """
import os, signal, sys
left = int(sys.argv.pop())
CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.chmod", "os.chown",
           "os.utime", "os.setxattr", "shutil.rmtree", "subprocess.Popen"}
def hook(event, arguments):
    global left
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
    if event in CHANGES or writes:
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
"""
"""Kills the program at the change number so-and-so that it is about to make on the host; it hears nothing before."""


def killed_at(number: int) -> tuple[str, ...]:
    """Return the words that run the program and kill it (SIGKILL) before its change of this number, from 0."""
    boot = WORDS[-1].replace("run(text)", "sys.addaudithook(hook)\nrun(text)")
    assert "addaudithook" in boot
    return (sys.executable, "-I", "-B", "-c", KILLED_AT + boot, str(number))


def facts(said: Sequence[str]) -> dict[str, str]:
    """Return the facts among what the program said."""
    lines = [line.removeprefix("fact:") for line in said if line.startswith("fact:")]
    return dict(line.split("=", 1) for line in lines)


def journal(world: World) -> dict[str, Any]:
    """Return a restore's journal."""
    kept: dict[str, Any] = json.loads((world.state / "journal.json").read_text("utf-8"))
    return kept
