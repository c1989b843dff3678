"""A job stays away, fails, comes back: its alert, what follows from it, and its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from engine.duties import run_once
from incidents.models import Incident
from incidents.operations.resolve import resolve
from intake.models import Alert, Heartbeat, RoutingRule
from intake.operations import watch_heartbeat
from ledger.actor import Actor
from notifications.models import Alarm, Page
from tests.builders import NOW, make_person
from tests.incidents.builders import make_service
from tests.intake.heartbeats.builders import look, make_heartbeat, report

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _rule() -> None:
    RoutingRule.objects.create(name="Backups", action="incident", incident_severity=3)


def state(heartbeat: Heartbeat) -> str:
    heartbeat.refresh_from_db()
    return heartbeat.state


def test_a_job_that_stays_away_opens_an_incident_and_ends_it_when_it_is_back() -> None:
    service = make_service("backups", make_person("Otto"))
    heartbeat, key = make_heartbeat(service=service)
    report(key, at=NOW)
    look(NOW + HOUR + 5 * MINUTE - timedelta(seconds=1))
    assert state(heartbeat) == "up"
    assert not Alert.objects.exists()
    late = NOW + HOUR + 5 * MINUTE
    look(late)
    assert state(heartbeat) == "late"
    alert = Alert.objects.get()
    assert (alert.dedup_key, alert.service, alert.severity, alert.source) == (
        f"heartbeat:{heartbeat.pk}",
        service,
        "error",
        "heartbeat",
    )
    assert alert.summary == (
        "Nightly backup is late: it should have reported at 04:00 UTC on 22 Nov, and did not within 5 min."
    )
    assert alert.started_at == NOW + HOUR
    assert alert.links[0]["href"].endswith(f"/heartbeats/{heartbeat.pk}/")
    incident = Incident.objects.get()
    assert (incident.title, incident.is_open, alert.incident) == (alert.summary, True, incident)
    assert Page.objects.filter(subject=incident.subject).exists()
    report(key, "start", at=late + MINUTE)
    assert state(heartbeat) == "late"  # it has begun, and nothing is done yet
    report(key, at=late + 2 * MINUTE)
    assert state(heartbeat) == "up"
    incident.refresh_from_db()
    assert incident.status == "resolved"
    assert Alert.objects.get().state == "resolved"


def test_a_job_that_was_never_heard_is_new_and_then_late() -> None:
    heartbeat, _key = make_heartbeat(period_s=None, cron="0 6 * * *", grace_s=1800)
    look(NOW + 3 * HOUR + 29 * MINUTE)
    assert state(heartbeat) == "new"
    look(NOW + 3 * HOUR + 30 * MINUTE)
    assert state(heartbeat) == "late"
    assert "06:00 UTC on 22 Nov" in Alert.objects.get().summary


def test_a_failure_is_an_alert_at_once_with_its_output() -> None:
    heartbeat, key = make_heartbeat(severity="critical")
    report(key, "fail", at=NOW, exit_status=3, body="line\n" * 400 + "No space left on device\n")
    alert = Alert.objects.get()
    assert (alert.summary, alert.severity) == ("Nightly backup failed with exit status 3.", "critical")
    assert (alert.fields["reason"], alert.fields["exit_status"]) == ("failed", 3)
    assert alert.fields["output"].endswith("No space left on device")
    assert len(alert.fields["output"]) <= 501
    assert Incident.objects.count() == 1
    report(key, "fail", at=NOW + MINUTE)
    assert (state(heartbeat), Alert.objects.get().count) == ("failed", 2)
    report(key, at=NOW + 2 * MINUTE)
    assert (state(heartbeat), Alert.objects.get().state) == ("up", "resolved")


def test_a_job_that_failed_and_then_stays_away_is_late_too() -> None:
    heartbeat, key = make_heartbeat()
    report(key, "fail", at=NOW)
    look(NOW + HOUR + 5 * MINUTE)
    assert state(heartbeat) == "late"
    assert (Alert.objects.get().count, Incident.objects.count()) == (2, 1)


@pytest.mark.parametrize("signal", ["late", "fail"])
def test_what_was_thought_to_be_over_opens_a_new_incident(signal: str) -> None:
    _heartbeat, key = make_heartbeat()
    report(key, "fail", at=NOW)
    with transaction.atomic():
        resolve(incident_id=Incident.objects.get().pk, note="Done, I think.", by=Actor.system(), now=NOW + MINUTE)
    again = NOW + HOUR + 5 * MINUTE
    if signal == "fail":
        report(key, "fail", at=again)
    else:
        look(again)
    assert [incident.is_open for incident in Incident.objects.order_by("number")] == [False, True]
    assert sorted(Alert.objects.values_list("state", flat=True)) == ["open", "resolved"]
    report(key, at=again + MINUTE)
    assert not Incident.objects.filter(status__in=Incident.OPEN).exists()


def test_a_job_that_stays_late_counts_up_at_each_report_it_misses() -> None:
    heartbeat, _key = make_heartbeat(period_s=600, grace_s=60)
    look(NOW + 11 * MINUTE)
    look(NOW + 40 * MINUTE)
    assert Alert.objects.get().count == 1
    look(NOW + 11 * MINUTE + HOUR)
    alert = Alert.objects.get()
    assert (alert.count, state(heartbeat)) == (2, "late")
    assert "03:10 UTC" in alert.summary
    assert Incident.objects.count() == 1


def test_a_run_that_has_begun_is_in_time_and_must_end() -> None:
    heartbeat, key = make_heartbeat(max_run_s=7200)
    report(key, at=NOW)
    report(key, "start", at=NOW + HOUR)
    look(NOW + 2 * HOUR + 59 * MINUTE)
    assert state(heartbeat) == "started"
    look(NOW + 3 * HOUR)
    assert state(heartbeat) == "late"
    alert = Alert.objects.get()
    assert "its run should have ended by 06:00 UTC" in alert.summary
    assert alert.fields["reason"] == "overran"


def test_a_job_that_begins_again_and_again_and_never_ends_is_late() -> None:
    heartbeat, key = make_heartbeat(max_run_s=5400)
    for hour in range(1, 4):
        report(key, "start", at=NOW + hour * HOUR)
    assert state(heartbeat) == "late"
    assert Alert.objects.get().started_at == NOW + HOUR + 90 * MINUTE


def test_a_start_without_a_limit_only_measures() -> None:
    heartbeat, key = make_heartbeat()
    report(key, at=NOW)
    report(key, "start", at=NOW + HOUR)
    assert state(heartbeat) == "started"
    look(NOW + HOUR + 5 * MINUTE)
    assert state(heartbeat) == "late"


def test_the_doubled_hour_expects_one_report() -> None:
    made = datetime.fromisoformat("2026-10-24T12:00Z")
    heartbeat, key = make_heartbeat(
        period_s=None, cron="30 2 * * *", time_zone="Europe/Stockholm", grace_s=600, now=made
    )
    report(key, at=datetime.fromisoformat("2026-10-25T00:32Z"))
    look(datetime.fromisoformat("2026-10-26T01:39Z"))
    assert state(heartbeat) == "up"
    look(datetime.fromisoformat("2026-10-26T01:40Z"))
    assert state(heartbeat) == "late"


def test_many_late_jobs_are_found_in_batches() -> None:
    for number in range(7):
        make_heartbeat(f"Job {number}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watch_heartbeat, "BATCH", 3)
        look(NOW + 2 * HOUR)
    assert set(Heartbeat.objects.values_list("state", flat=True)) == {"late"}
    assert Alert.objects.count() == 7
    assert run_once("heartbeats", now=NOW + 2 * HOUR) == 0


def test_what_can_t_be_looked_at_holds_nothing_up_and_is_told() -> None:
    make_person("Alma")
    broken, _key = make_heartbeat("Broken")
    make_heartbeat("Fine")
    Heartbeat.objects.filter(pk=broken.pk).update(time_zone="Mars/Olympus")
    look(NOW + 2 * HOUR)
    assert Heartbeat.objects.get(integration__name="Fine").state == "late"
    assert "can't be watched" in Alarm.objects.get(cause=f"heartbeat:{broken.pk}").sentence
    broken.refresh_from_db()
    assert broken.next_look_at == NOW + 2 * HOUR + watch_heartbeat.LOOK_AGAIN


def test_a_lost_database_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    make_heartbeat()

    def lost(*_given: Any) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(watch_heartbeat, "_miss", lost)
    with pytest.raises(OperationalError):
        run_once("heartbeats", now=NOW + 2 * HOUR)


@pytest.mark.django_db(transaction=True)
def test_a_report_that_is_being_taken_goes_before_the_watch() -> None:
    heartbeat, _key = make_heartbeat()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM intake_heartbeat WHERE id = %s FOR NO KEY UPDATE", [heartbeat.pk])
            assert run_once("heartbeats", now=NOW + 2 * HOUR) == 0
            cursor.execute("ROLLBACK")
    finally:
        other.close()
    assert run_once("heartbeats", now=NOW + 2 * HOUR) == 1
    assert state(heartbeat) == "late"
