"""What a job gets back for its report, and what is kept of it, over the real URL routes."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from engine.duties import run_once
from intake.models import Alert, Heartbeat, Ping, Quarantined
from intake.operations.prune_events import EVENTS_KEPT, PINGS_KEPT
from intake.operations.replay import replay
from intake.receivers import ping as receiver
from ledger.actor import Actor
from tests.builders import NOW
from tests.intake.heartbeats.builders import make_heartbeat, report
from web.errors import BadInput

pytestmark = pytest.mark.django_db


@pytest.fixture
def backup() -> tuple[Heartbeat, str]:
    return make_heartbeat()


def send(path: str, method: str = "GET", body: bytes = b"") -> Any:
    return Client(enforce_csrf_checks=True).generic(method, path, body, "application/x-www-form-urlencoded")


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
@pytest.mark.parametrize(
    ("ending", "signal", "exit_status", "state"),
    [
        ("", "success", None, "up"),
        ("/start", "start", None, "started"),
        ("/fail", "fail", None, "failed"),
        ("/0", "success", 0, "up"),
        ("/000", "success", 0, "up"),
        ("/1", "fail", 1, "failed"),
        ("/255", "fail", 255, "failed"),
    ],
)
def test_every_signal_is_answered_ok_and_kept(
    backup: tuple[Heartbeat, str], method: str, ending: str, signal: str, exit_status: int | None, state: str
) -> None:
    heartbeat, key = backup
    answer = send(f"/ping/{key}{ending}", method)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert answer.content == (b"" if method == "HEAD" else b"OK")
    assert "no-store" in answer["Cache-Control"]
    ping = heartbeat.pings.get()
    assert (ping.signal, ping.exit_status, ping.number) == (signal, exit_status, 1)
    assert ping.came_from == "127.0.0.1"
    heartbeat.refresh_from_db()
    assert heartbeat.state == state


@pytest.mark.parametrize("ending", ["/256", "/-1", "/strat", "/1000", "/ 1", "/٣"])
def test_an_unknown_signal_is_explained_and_kept(backup: tuple[Heartbeat, str], ending: str) -> None:
    heartbeat, key = backup
    answer = send(f"/ping/{key}{ending}", "POST", b"disk full")
    assert answer.status_code == 400
    assert "exit status of 0 to 255" in answer.content.decode()
    kept = Quarantined.objects.get()
    assert (bytes(kept.body), kept.integration) == (b"disk full", heartbeat.integration)
    assert key not in kept.path
    assert not Ping.objects.exists()
    with pytest.raises(BadInput, match="Let the job report again"):
        replay(quarantined_id=kept.pk, by=Actor.system(), now=NOW)


def test_an_unknown_key_and_another_tools_key_are_refused_in_plain_text(backup: tuple[Heartbeat, str]) -> None:
    heartbeat, key = backup
    answer = send("/ping/0123456789abcdef0123456789abcdef")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/plain; charset=utf-8")
    heartbeat.integration.kind = "events_v2"
    heartbeat.integration.save()
    assert send(f"/ping/{key}").status_code == 404
    assert Quarantined.objects.count() == 2
    assert send(f"/ping/{key}", "PUT").status_code == 405


def test_a_long_body_is_cut_and_a_strange_one_is_kept(backup: tuple[Heartbeat, str]) -> None:
    heartbeat, key = backup
    assert send(f"/ping/{key}", "POST", b"x" * 700_000).status_code == 200
    assert send(f"/ping/{key}", "POST", b"y" * receiver.KEPT_BYTES).status_code == 200
    assert send(f"/ping/{key}", "POST", b"a\x00b\xff\xfe \xc3\xa5").status_code == 200
    assert send(f"/ping/{key}", "GET", b"of a GET").status_code == 200
    long, whole, strange, got = heartbeat.pings.order_by("number")
    assert (len(long.body), long.body_cut) == (receiver.KEPT_BYTES, True)
    assert (len(whole.body), whole.body_cut) == (receiver.KEPT_BYTES, False)
    assert strange.body == "a�b�� å"
    assert got.body == ""


def test_a_run_is_told_by_its_id_however_strange(backup: tuple[Heartbeat, str]) -> None:
    heartbeat, key = backup
    assert send(f"/ping/{key}/start?rid=%00%ff{'9' * 200}").status_code == 200
    run_id = heartbeat.pings.get().run_id
    assert (len(run_id), "\x00" in run_id) == (64, False)


def test_without_the_database_a_job_is_told_to_report_again(
    backup: tuple[Heartbeat, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(**_given: Any) -> bool:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(receiver, "take_ping", lost)
    answer = send(f"/ping/{backup[1]}")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"


def test_a_report_of_a_job_that_is_well_takes_few_round_trips(
    backup: tuple[Heartbeat, str], django_assert_max_num_queries: Any
) -> None:
    _heartbeat, key = backup
    with django_assert_max_num_queries(6):  # the time, the row, the report, the row again, around them a savepoint
        send(f"/ping/{key}")


def test_durations_are_those_of_each_run(backup: tuple[Heartbeat, str]) -> None:
    heartbeat, key = backup
    minute = timedelta(minutes=1)
    report(key, "start", at=NOW, run_id="a")
    report(key, "start", at=NOW + minute, run_id="b")
    report(key, "success", at=NOW + 3 * minute, run_id="a")
    heartbeat.refresh_from_db()
    assert (heartbeat.state, heartbeat.run_id) == ("started", "b")
    report(key, "fail", at=NOW + 5 * minute, run_id="b")
    report(key, "start", at=NOW + 6 * minute)
    report(key, "success", at=NOW + 6 * minute + timedelta(milliseconds=250))
    report(key, "success", at=NOW + 7 * minute, run_id="never begun")
    took = list(heartbeat.pings.exclude(signal="start").order_by("number").values_list("duration_ms", flat=True))
    assert took == [180_000, 240_000, 250, None]


def test_old_reports_and_more_than_enough_of_them_are_pruned(backup: tuple[Heartbeat, str]) -> None:
    heartbeat, key = backup
    more = 3
    Ping.objects.bulk_create(
        Ping(heartbeat=heartbeat, number=number, signal="success", at=NOW) for number in range(1, PINGS_KEPT + more)
    )
    Heartbeat.objects.update(ping_count=PINGS_KEPT + more - 1)
    report(key, at=NOW)
    run_once("prune-events", now=NOW)
    assert heartbeat.pings.count() == PINGS_KEPT
    assert heartbeat.pings.last().number == more + 1  # type: ignore[union-attr]
    run_once("prune-events", now=NOW + EVENTS_KEPT + timedelta(seconds=1))
    assert not heartbeat.pings.exists()


def test_nothing_of_a_report_is_stored_when_its_alert_can_t_be(
    backup: tuple[Heartbeat, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from intake.operations import tell_of_heartbeat

    def lost(**_given: Any) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(tell_of_heartbeat, "store_events", lost)
    assert send(f"/ping/{backup[1]}/fail").status_code == 503
    assert not Ping.objects.exists()
    assert not Alert.objects.exists()
    assert connection.is_usable()


@pytest.mark.django_db(transaction=True)
def test_reports_that_come_at_once_are_all_kept_and_open_one_alert() -> None:
    heartbeat, key = make_heartbeat()
    together, answers = threading.Barrier(8), []

    def job(number: int) -> None:
        together.wait()
        try:
            answers.append(send(f"/ping/{key}/{number % 3}?rid={number}").status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=job, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 8
    assert sorted(heartbeat.pings.values_list("number", flat=True)) == list(range(1, 9))
    heartbeat.refresh_from_db()
    last = heartbeat.pings.latest("number").signal
    assert heartbeat.state == ("failed" if last == "fail" else "up")
    still_open = Alert.objects.filter(dedup_key=heartbeat.dedup_key, state="open").count()
    assert still_open == (1 if last == "fail" else 0)
