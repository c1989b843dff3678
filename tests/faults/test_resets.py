"""A reset of credentials survives the death of whoever works at it: nothing twice, nothing forgotten, nothing told."""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
import redis

from engine.envelope import envelope
from resets.news import QUEUE, TASK
from tests.faults.customers import SITES, Customers, Relay
from tests.faults.product import COMES_BACK_S, Product
from tests.supervisor.start import ROOT, eventually

PHASE_S: Final = 120.0
"""A lease of 15 s that has to end, the rest of the phase once more, and a busy host."""


class Company(Product):
    """The product, its customers' database, and the resets of these tests."""

    customers: Customers
    relay: Relay

    def load_systems(self) -> None:
        """Make the customers and add a system for each of their sites; that of `far` goes through the relay."""
        self.customers = Customers(self)
        self.relay = Relay(self.customers.socket)
        settings = {
            site: self.customers.settings(site, port=self.relay.port if site == "far" else None) for site in SITES
        }
        given = {
            "password": self.customers.password,
            "systems": settings,
            "self_set": [["all"], ["near", "far"], ["aborted"], ["other"]],
            "scramble": [["hashed"]],
        }
        self.shell("load", json.dumps(given))

    def shell(self, verb: str, *words: str) -> None:
        """Have something done inside the product."""
        done = self.command("manage", "shell", "-c", _call(verb, words))
        assert done.returncode == 0, done.stdout + done.stderr

    def begin(self, verb: str, *words: str) -> subprocess.Popen[bytes]:
        """Have something done inside the product while the test goes on."""
        return subprocess.Popen([str(ROOT / "bin" / "manage"), "shell", "-c", _call(verb, words)], env=self.env)

    def phase(self, title: str, name: str) -> str:
        """Return the state of a phase, "" before it begins."""
        rows = self.rows(
            "SELECT p.state FROM resets_phase p JOIN resets_reset r ON r.id = p.reset_id"
            " WHERE r.title = %s AND p.name = %s",
            title,
            name,
        )
        return str(rows[0][0]) if rows else ""

    def has_ended(self, title: str, name: str) -> bool:
        """Tell whether a phase is done."""
        return self.phase(title, name) == "done"

    def counts(self, title: str, name: str) -> dict[str, int]:
        """Return the sums over the chunks of a phase."""
        names = ("applied", "unchanged", "skipped", "missed", "accounts")
        (row,) = self.rows(
            "SELECT sum(c.applied)::int, sum(c.unchanged)::int, sum(c.skipped)::int, sum(c.missed)::int,"
            " sum(c.last - c.first + 1)::int FROM resets_chunk c JOIN resets_phase p ON p.id = c.phase_id"
            " JOIN resets_reset r ON r.id = p.reset_id WHERE r.title = %s AND p.name = %s",
            title,
            name,
        )
        return dict(zip(names, row, strict=True))

    def leased(self) -> int:
        """Return how many chunks are under way."""
        return int(self.rows("SELECT count(*) FROM resets_chunk WHERE state = 'leased'")[0][0])

    def kill_workers(self) -> None:
        """Kill the engine and the workers as hard as can be, while chunks are under way."""
        for kind in ("engine", "worker"):
            eventually(partial(self.runs, kind), within_s=COMES_BACK_S, what=f"{kind} running")
        eventually(self.is_stuck, within_s=PHASE_S, what="Work under way")
        pids = self.facts()["pids"]
        for pid in [*pids["engine"], *pids["worker"]]:
            os.kill(pid, signal.SIGKILL)

    def is_stuck(self) -> bool:
        """Tell whether chunks are under way that the customers' database keeps waiting."""
        return self.leased() > 0 and self.customers.waiting() > 0

    def remove(self) -> None:
        """End it and remove all it made; it may never have come so far as to have a relay."""
        if hasattr(self, "relay"):
            self.relay.shut()
        super().remove()


def _call(verb: str, words: tuple[str, ...]) -> str:
    return f"from tests.faults.resets import {verb}; {verb}({', '.join(map(repr, words))})"


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    """The company. After all that was done to it its ledger must be whole."""
    company = Company()
    try:
        company.up()
        company.load_systems()
        yield company
        company.get_well()
        verified = company.command("manage", "verify_ledger")
        assert verified.returncode == 0, verified.stdout + verified.stderr
    finally:
        company.remove()


def redeliver(company: Company) -> None:
    """Put messages into the queue that came before, more often than there are workers."""
    with redis.Redis.from_url(company.broker.url) as broker:
        message = envelope(TASK, "0", queue=QUEUE)
        for _ in range(20):
            broker.lpush(QUEUE, message)


def all_reached(accounts: int, counts: dict[str, int]) -> bool:
    """Tell whether the counts say that every account is as it should be, each counted once."""
    reached = counts["applied"] + counts["unchanged"]
    return reached == counts["accounts"] == accounts and counts["skipped"] == counts["missed"] == 0


def test_killed_workers_cost_no_account_and_do_none_twice(company: Company) -> None:
    company.get_well()
    for phase in ("disable", "lock"):
        company.customers.let_through(20)
        driver = company.begin("drive", "all", phase)
        try:
            company.kill_workers()
            redeliver(company)
            company.customers.let_through(20)
            company.kill_workers()
            company.customers.let_all_through()
            eventually(partial(company.has_ended, "all", phase), within_s=PHASE_S, what=phase)
            assert driver.wait(timeout=60) == 0
        finally:
            company.customers.let_all_through()
            driver.kill()
    company.shell("drive", "all", "revoke", "enable")
    accounts = SITES["all"][1]
    for phase in ("disable", "lock", "revoke", "enable"):
        counts = company.counts("all", phase)
        assert all_reached(accounts, counts), (phase, counts)
    for what in ("disable", "password", "enable"):
        assert company.customers.times("all", what) == {1: accounts}, what


def test_a_dead_host_holds_its_accounts_until_it_is_back(company: Company) -> None:
    company.get_well()
    company.relay.shut()
    driver = company.begin("drive", "near far", "disable")
    near, far = SITES["near"][1], SITES["far"][1]
    try:
        eventually(
            lambda: company.customers.times("near", "disable") == {1: near}, within_s=PHASE_S, what="The living host"
        )
        assert company.customers.times("far", "disable") == {0: far}
        assert company.phase("near far", "disable") == "running"
        company.relay.open()
        eventually(partial(company.has_ended, "near far", "disable"), within_s=PHASE_S, what="The dead host")
        assert driver.wait(timeout=60) == 0
    finally:
        company.relay.open()
        driver.kill()
    assert company.customers.times("far", "disable") == {1: far}
    assert all_reached(near + far, company.counts("near far", "disable"))


def test_an_abort_stops_it_closed_and_a_resume_goes_on(company: Company) -> None:
    company.get_well()
    accounts = SITES["aborted"][1]
    company.customers.let_through(10)
    driver = company.begin("drive", "aborted", "disable")
    try:
        eventually(company.is_stuck, within_s=PHASE_S, what="Work under way")
        company.shell("abort", "aborted")
        company.customers.let_all_through()
        eventually(lambda: company.leased() == 0, within_s=PHASE_S, what="What was under way ending")
        before = company.customers.times("aborted", "disable")
        assert 0 < before[1] < accounts, before
        company.shell("drive", "other", "disable")  # something else goes on meanwhile, and takes its time
        assert company.customers.times("aborted", "disable") == before
        assert company.customers.times("aborted", "enable") == {0: accounts}
        company.shell("resume", "aborted")
        eventually(partial(company.has_ended, "aborted", "disable"), within_s=PHASE_S, what="Going on")
        assert driver.wait(timeout=60) == 0
    finally:
        company.customers.let_all_through()
        driver.kill()
    assert company.customers.times("aborted", "disable") == {1: accounts}
    assert all_reached(accounts, company.counts("aborted", "disable"))


def test_no_secret_is_found_anywhere(company: Company) -> None:
    company.get_well()
    before = {row[0] for row in company.customers.rows("SELECT passwd FROM users WHERE site = 'hashed'")}
    with heard(company.broker.url) as said:
        company.shell("drive", "hashed", "disable", "rotate", "revoke")
    company.shell("export", "hashed", str(company.folder / "exported"))
    after = {row[0] for row in company.customers.rows("SELECT passwd FROM users WHERE site = 'hashed'")}
    assert len(after) == SITES["hashed"][1]
    assert not before & after
    assert all(each.startswith("$6$") for each in after)
    needles = [*before, *after, company.customers.password]
    stores = {
        "database": dumped(company),
        "log": company.log.read_bytes(),
        "broker": b"\n".join(said) + everything_in(company.broker.url),
        "exports": (company.folder / "exported").read_bytes(),
        "files": b"\n".join(each.read_bytes() for each in company.var.rglob("*") if is_readable(each)),
    }
    assert b"resets.work" in stores["broker"], "it was listened to"
    assert b"hashed1" in stores["exports"]
    for name, store in stores.items():
        for needle in needles:
            assert needle.encode() not in store, f"found in {name}"
        for word in set(re.findall(rb"(?<![A-Za-z0-9])[A-Za-z0-9]{20}(?![A-Za-z0-9])", store)):
            assert not fits(word, next(iter(after))), f"a new password stands in {name}"


class heard:  # noqa: N801 - it is used as a verb
    """What a broker was told while the block runs."""

    def __init__(self, url: str) -> None:
        self._client: Any = redis.Redis.from_url(url)
        self._said: list[bytes] = []
        self._monitor: Any = None

    def __enter__(self) -> list[bytes]:
        self._monitor = self._client.monitor()
        self._monitor.__enter__()
        threading.Thread(target=self._listen, daemon=True).start()
        return self._said

    def _listen(self) -> None:
        try:
            while True:
                self._said.append(str(self._monitor.next_command()["command"]).encode())
        except (redis.RedisError, OSError, ValueError, AttributeError):
            return

    def __exit__(self, *_error: object) -> None:
        self._monitor.__exit__(None, None, None)
        self._client.close()


def everything_in(url: str) -> bytes:
    """Return every key of the broker with its value."""
    with redis.Redis.from_url(url) as client:
        return b"\n".join(key + b" " + (client.dump(key) or b"") for key in client.scan_iter())


def dumped(company: Company) -> bytes:
    """Return every row of every table of the product."""
    found = []
    with psycopg.connect(company.facts()["database_url"]) as connection:
        tables = connection.execute("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 2200")
        for (table,) in tables.fetchall():
            with connection.cursor().copy(f'COPY (SELECT * FROM "{table}") TO STDOUT') as rows:  # noqa: S608
                found += [bytes(row) for row in rows]
    return b"\n".join(found)


def is_readable(path: Path) -> bool:
    """Tell whether this is an ordinary file of the product's own."""
    return path.is_file() and not path.is_symlink() and path.name != "demo.json"


def fits(word: bytes, hashed: str) -> bool:
    """Tell whether a word is the password of a hash."""
    crypt_r = ctypes.CDLL("libcrypt.so.1").crypt_r
    crypt_r.argtypes, crypt_r.restype = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p], ctypes.c_char_p
    return bool(crypt_r(word, hashed.encode(), ctypes.create_string_buffer(256 * 1024)) == hashed.encode())
