"""Muster watches itself: late duties, gauges over their limit, a lost database, and the switch outside."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import connection

from engine import database_watch, duties, watch
from engine.database_watch import DatabaseWatch
from engine.duties import Duty, Tick
from engine.models import Alarm, DutyBeat
from engine.watchdog import Watchdog
from tests.engine.machinery import eventually


class Steady(watch.Looking):
    """A watch that has been looking for an hour."""

    def begin(self) -> float:
        """Look."""
        return super().begin() + 3600


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """A watch that knows one duty and no gauges; the alarms it raised."""
    alarms: list[tuple[str, str]] = []
    monkeypatch.setattr(duties, "_registered", {"pages": Duty(name="pages", run=lambda _tick: 0)})
    monkeypatch.setattr(watch, "_alarms", [])
    monkeypatch.setattr(watch, "_gauges", {})
    monkeypatch.setattr(watch, "_looking", Steady())
    watch.register_alarm(lambda cause, sentence: alarms.append((cause, sentence)))
    return alarms


def beat(age_s: float, error: str = "") -> None:
    DutyBeat.objects.update_or_create(
        name="pages", defaults={"beat": datetime.now(UTC) - timedelta(seconds=age_s), "last_error": error}
    )


def look() -> None:
    watch.look(Tick(now=datetime.now(UTC), deadline=time.monotonic() + 10))


@pytest.mark.django_db
def test_a_late_duty_alarms_and_one_in_time_does_not(rung: list[tuple[str, str]]) -> None:
    beat(25)
    look()
    assert rung == []
    assert watch.all_is_well()
    beat(40, error="ValueError: no such page")
    look()
    ((cause, sentence),) = rung
    assert cause == "duty:pages"
    assert "pages is 39 s late" in sentence
    assert "no such page" in sentence
    assert not watch.all_is_well()
    beat(0)
    look()
    assert watch.all_is_well()


@pytest.mark.django_db
def test_many_late_duties_are_one_alarm(rung: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("pages", "deliveries", "receipts")
    monkeypatch.setattr(duties, "_registered", {name: Duty(name=name, run=lambda _tick: 0) for name in names})
    for name in names[:2]:
        DutyBeat.objects.create(name=name, beat=datetime.now(UTC) - timedelta(seconds=41))
    DutyBeat.objects.create(name="receipts", beat=datetime.now(UTC))
    look()
    assert rung == [("duties", "2 duties of the engine are late: pages (40 s), deliveries (40 s).")]


@pytest.mark.django_db
def test_after_a_gap_in_the_looks_old_beats_get_their_time(
    rung: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [0.0]
    monkeypatch.setattr(watch, "_looking", watch.Looking(seconds=lambda: seconds[0]))
    for gap_s in (0, 5, 5, 5, 5, 5, 4, 60, 15, 14):
        seconds[0] += gap_s
        beat(400)
        look()
    assert rung == []
    seconds[0] += 1
    look()
    assert [cause for cause, _ in rung] == ["duty:pages"]


@pytest.mark.django_db
def test_all_is_well_only_while_somebody_looks(rung: list[tuple[str, str]]) -> None:
    beat(0)
    look()
    assert watch.all_is_well()
    time.sleep(0.05)
    assert not watch.all_is_well(within_s=0.01)


@pytest.mark.django_db
def test_a_cause_alarms_once_in_five_minutes_by_all_engines_together(rung: list[tuple[str, str]]) -> None:
    beat(40)
    look()
    look()
    assert len(rung) == 1
    Alarm.objects.update(at=datetime.now(UTC) - timedelta(minutes=4, seconds=58))
    look()
    assert len(rung) == 1
    Alarm.objects.update(at=datetime.now(UTC) - timedelta(minutes=5, seconds=1))
    look()
    assert len(rung) == 2


@pytest.mark.django_db
def test_gauges_alarm_above_their_limit_and_a_broken_one_blinds_nobody(rung: list[tuple[str, str]]) -> None:
    age = {"oldest": 29.0}

    def broken(_now: datetime) -> float:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        return 0.0

    beat(0)
    watch.register_gauge("broken", broken, limit=1, sentence="never read")
    watch.register_gauge("overdue", lambda _now: age["oldest"], limit=30, sentence="A delivery is overdue.")
    with pytest.raises(ValueError, match="'overdue'"):
        watch.register_gauge("overdue", lambda _now: 0.0, limit=1, sentence="another")
    look()
    assert rung == [("gauge:broken", "Muster cannot read its own figure broken.")]
    age["oldest"] = 31.0
    look()
    assert rung[1:] == [("gauge:overdue", "A delivery is overdue. (31)")]
    assert not watch.all_is_well()


@pytest.mark.django_db
def test_one_way_that_fails_leaves_the_others_and_none_at_all_is_tried_again(
    rung: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_cause: str, _sentence: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    beat(40)
    monkeypatch.setattr(watch, "_alarms", [fail])
    with pytest.raises(RuntimeError, match="duty:pages"):
        look()
    assert not Alarm.objects.exists()
    watch.register_alarm(lambda cause, sentence: rung.append((cause, sentence)))
    look()
    assert len(rung) == 1
    assert Alarm.objects.get().cause == "duty:pages"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was told without the database; the first way to tell always fails."""
    sentences: list[str] = []

    def fail(_sentence: str) -> None:
        raise ConnectionError("carrier down")

    monkeypatch.setattr(database_watch, "_alarms", [])
    database_watch.register_alarm(fail)
    database_watch.register_alarm(sentences.append)
    return sentences


@pytest.fixture
def watching() -> Iterator[threading.Event]:
    """A database watch with little patience."""
    stopping = threading.Event()
    threads = DatabaseWatch(stopping=stopping, probe_every_s=0.05, lost_after_s=0.5, repeat_after_s=0.5).start()
    yield stopping
    stopping.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_takes_writes_alarms_nobody(told: list[str], watching: threading.Event) -> None:
    eventually(lambda: DutyBeat.objects.filter(name="database_watch", runs__gte=3).exists())
    assert not watching.wait(1.0)
    assert told == []


@pytest.mark.django_db(transaction=True)
def test_a_database_that_takes_no_writes_is_told_without_it_again_and_again(
    told: list[str], watching: threading.Event
) -> None:
    eventually(lambda: DutyBeat.objects.filter(name="database_watch").exists())
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE engine_duty RENAME TO engine_duty_away")
    try:
        took_s = eventually(lambda: told)
        assert took_s > 0.4
        eventually(lambda: len(told) == 2)
        assert "cannot write to its database" in told[0]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE engine_duty_away RENAME TO engine_duty")
    runs = DutyBeat.objects.get(name="database_watch").runs
    eventually(lambda: DutyBeat.objects.get(name="database_watch").runs > runs + 2)
    before = len(told)
    assert not watching.wait(0.8)
    assert len(told) == before


@pytest.mark.django_db(transaction=True)
def test_a_write_that_hangs_counts_as_lost(told: list[str], watching: threading.Event) -> None:
    eventually(lambda: DutyBeat.objects.filter(name="database_watch").exists())
    from django.db import transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE engine_duty IN ACCESS EXCLUSIVE MODE")
        eventually(lambda: told)
    assert not watching.is_set()


class Outside(BaseHTTPRequestHandler):
    """The switch outside; counts its pings."""

    pings: list[str]
    status = 200

    def do_GET(self) -> None:
        self.pings.append(self.path)
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_the_watchdog_is_pinged_only_while_all_is_well() -> None:
    Outside.pings = []
    server = HTTPServer(("127.0.0.1", 0), Outside)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    well, stopping = threading.Event(), threading.Event()
    dog = Watchdog(
        url=f"http://127.0.0.1:{server.server_port}/ping",
        all_is_well=well.is_set,
        stopping=stopping,
        every_s=0.05,
    )
    try:
        dog.start()
        assert not stopping.wait(0.3)
        assert Outside.pings == []
        well.set()
        eventually(lambda: len(Outside.pings) >= 3)
        Outside.status = 500
        before = len(Outside.pings)
        eventually(lambda: len(Outside.pings) >= before + 2)
        well.clear()
        time.sleep(0.2)
        quiet = len(Outside.pings)
        time.sleep(0.3)
        assert len(Outside.pings) == quiet
    finally:
        stopping.set()
        dog.join(5)
        server.shutdown()
        serving.join(5)
        server.server_close()
    assert not dog.is_alive()
