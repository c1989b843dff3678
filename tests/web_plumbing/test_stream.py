"""The live stream as a real process: tickets, news, reconnection, who may read it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import psutil
import psycopg
import pytest
from django.conf import settings
from django.core.signing import TimestampSigner

from web.live import Announcer
from web.wire import TICKET_SALT, for_these

ORIGIN = "http://testserver"


@contextmanager
def running_stream(*, origin: str = ORIGIN) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run `web.stream` under granian, as `bin/run` does, for screens of `origin`; yield its address and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(port), "--log-level", "warning"]
    argv += ["--workers-kill-timeout", "1"]  # granian waits for open screens otherwise
    environment = {**os.environ, "SECRET_KEY": settings.SECRET_KEY, "PUBLIC_URL": origin}
    child = subprocess.Popen([*argv, "web.stream:application"], env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 15
        while True:
            try:
                httpx.get(f"{address}/healthz")
                break
            except httpx.TransportError:
                assert child.poll() is None, "the stream ended"
                assert time.monotonic() < deadline, "the stream does not answer"
                time.sleep(0.05)
        yield address, child
    finally:
        child.terminate()
        child.wait(timeout=10)


@pytest.fixture(scope="module")
def stream() -> Iterator[str]:
    with running_stream() as (address, _child):
        yield address


def ticket(*subjects: str) -> str:
    return TimestampSigner(salt=TICKET_SALT).sign(f"ada {for_these(subjects)}")


class Screen:
    """An open stream, read by a thread: its news as (subject, version) and its comments."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.news: list[dict[str, Any]] = []
        self.comments = 0
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        try:
            for line in self.response.iter_lines():
                with self._changed:
                    if line.startswith("data: "):
                        self.news.append(json.loads(line.removeprefix("data: ")))
                    elif line.startswith(":"):
                        self.comments += 1
                    self._changed.notify_all()
        except (httpx.HTTPError, httpx.StreamError):
            return

    def hears(self, subject: str, *, within_s: float = 3.0, times: int = 1) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.count(subject) >= times, timeout=within_s)

    def count(self, subject: str) -> int:
        return sum(note["subject"] == subject for note in self.news)


@contextmanager
def screen(address: str, *subjects: str) -> Iterator[Screen]:
    query = {"ticket": ticket(*subjects), "subject": list(subjects)}
    with httpx.stream("GET", address, params=query, timeout=20) as response:
        assert response.status_code == 200
        try:
            yield Screen(response)
        finally:
            # The reader sits in `recv`, so closing alone would leave the connection open.
            response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def wait_until_listening(address: str) -> None:
    deadline = time.monotonic() + 5
    while not httpx.get(f"{address}/healthz").json()["listening"]:
        assert time.monotonic() < deadline, "the stream never began to listen"
        time.sleep(0.02)


def test_a_change_reaches_the_screens_that_show_it_and_no_other(stream: str) -> None:
    with screen(stream, "incident:1", "incidents") as one, screen(stream, "incident:2") as other:
        wait_until_listening(stream)
        announcer = Announcer(dsn=settings.LISTEN_DATABASE_URL)
        begin = time.monotonic()
        before = one.count("incident:1")
        announcer.announce(["incident:1"])
        assert one.hears("incident:1", times=before + 1, within_s=2)
        assert time.monotonic() - begin < 1.0
        assert [note for note in other.news if note["subject"] == "incident:1"] == []
        versions = [note["version"] for note in one.news if note["subject"] == "incident:1"]
        assert versions == sorted(set(versions))


def test_after_the_database_dropped_the_connection_every_screen_is_told_to_fetch(stream: str) -> None:
    with screen(stream, "page:9") as shown:
        wait_until_listening(stream)
        before = shown.count("page:9")
        with psycopg.connect(settings.LISTEN_DATABASE_URL, autocommit=True) as database:
            ended = database.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'muster-stream'"
            ).fetchone()
        assert ended is not None
        assert ended[0] >= 1
        assert shown.hears("page:9", times=before + 1, within_s=5)
        wait_until_listening(stream)
        Announcer(dsn=settings.LISTEN_DATABASE_URL).announce(["page:9"])
        assert shown.hears("page:9", times=before + 2, within_s=5)


@pytest.mark.parametrize("wrong", ["", "ada", "ada:1abcde:" + "x" * 43])
def test_without_a_genuine_ticket_nothing_is_heard(stream: str, wrong: str) -> None:
    answer = httpx.get(stream, params={"ticket": wrong, "subject": "incidents"})
    assert answer.status_code == 403


def test_a_ticket_is_good_for_its_own_subjects_and_no_others(stream: str) -> None:
    for asked in (["incident:2"], ["incident:1", "incident:2"], ["incident:2", "incident:1"], []):
        answer = httpx.get(stream, params={"ticket": ticket("incident:1"), "subject": asked})
        assert answer.status_code == 403, asked


def test_an_old_ticket_is_refused(stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    an_hour_ago = time.time() - 3700
    monkeypatch.setattr(TimestampSigner, "timestamp", lambda _self: _base62(int(an_hour_ago)))
    assert httpx.get(stream, params={"ticket": ticket()}).status_code == 403


def _base62(number: int) -> str:
    from django.core.signing import b62_encode

    return b62_encode(number)


def test_only_our_own_pages_may_read_it_across_origins(stream: str) -> None:
    ours = httpx.get(f"{stream}/healthz", headers={"Origin": ORIGIN})
    theirs = httpx.get(f"{stream}/healthz", headers={"Origin": "https://evil.example"})
    assert ours.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-origin" not in theirs.headers


def test_a_screen_that_went_away_is_forgotten(stream: str) -> None:
    with screen(stream, "incident:3"):
        assert httpx.get(f"{stream}/healthz").json()["screens"] >= 1
    deadline = time.monotonic() + 5
    while (left := httpx.get(f"{stream}/healthz").json()["screens"]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == 0


def test_proxies_are_asked_not_to_hold_it_back(stream: str) -> None:
    with httpx.stream(
        "GET", stream, params={"ticket": ticket("incidents"), "subject": "incidents"}, timeout=5
    ) as response:
        assert response.headers["x-accel-buffering"] == "no"
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"


def test_the_process_loads_no_django_app() -> None:
    script = (
        "import sys, web.stream\n"
        "heavy = [m for m in ('django.db', 'django.apps.registry', 'ninja', 'celery') if m in sys.modules]\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, env=dict(os.environ))


def test_the_process_stays_small_with_many_screens() -> None:
    with running_stream() as (address, child), ExitStack() as screens:
        for number in range(40):
            screens.enter_context(screen(address, *(f"incident:{number}-{each}" for each in range(20))))
        (worker,) = psutil.Process(child.pid).children()
        assert httpx.get(f"{address}/healthz").json()["screens"] == 40
        assert worker.memory_info().rss < 64 * 2**20
