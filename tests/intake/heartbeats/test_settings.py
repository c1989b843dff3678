"""Heartbeats as administrators see, change, pause, rotate and delete them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from incidents import readiness
from intake.models import Alert, Heartbeat, IntegrationKey, RoutingRule
from intake.operations.change_heartbeat import (
    SUBJECT,
    HeartbeatDraft,
    change_heartbeat,
    pause_heartbeat,
    remove_heartbeat,
    resume_heartbeat,
)
from intake.operations.issue_key import revoke_key
from ledger.queries import entries
from people.models import Person
from tests.builders import NOW, by, make_person
from tests.incidents.builders import make_service
from tests.intake.heartbeats.builders import look, make_heartbeat, report
from web import metrics
from web.errors import BadInput, IllegalMove, NotFound

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def alma() -> Person:
    return make_person("Alma")


@pytest.fixture
def browser(alma: Person) -> Client:
    client = Client()
    client.force_login(alma)
    return client


def draft(**more: Any) -> HeartbeatDraft:
    return HeartbeatDraft(**{"name": "Nightly backup", "period_s": 3600, "grace_s": 300, **more})


def typed(**more: str) -> dict[str, str]:
    return {
        "name": "Nightly backup",
        "by": "cron",
        "period_s": "1 h",
        "cron": "0 6 * * *",
        "time_zone": "Europe/Stockholm",
        "grace_s": "30 min",
        "max_run_s": "2 h",
        "service": "",
        "severity": "critical",
        **more,
    }


def test_each_change_says_what_it_was_and_nothing_changed_says_nothing(alma: Person) -> None:
    given: dict[str, Any] = {"by": by(alma), "now": NOW}
    heartbeat, _key = make_heartbeat()
    change_heartbeat(heartbeat_id=heartbeat.pk, draft=draft(), **given)
    service = make_service("backups")
    change_heartbeat(heartbeat_id=heartbeat.pk, draft=draft(name="Backup", service=service, grace_s=60), **given)
    pause_heartbeat(heartbeat_id=heartbeat.pk, **given)
    pause_heartbeat(heartbeat_id=heartbeat.pk, **given)
    resume_heartbeat(heartbeat_id=heartbeat.pk, **given)
    resume_heartbeat(heartbeat_id=heartbeat.pk, **given)
    remove_heartbeat(heartbeat_id=heartbeat.pk, **given)
    recorded = entries(SUBJECT)
    assert [entry.verb for entry in recorded] == [
        "heartbeat.added",
        "heartbeat.changed",
        "heartbeat.paused",
        "heartbeat.resumed",
        "heartbeat.removed",
    ]
    assert recorded[1].payload["from"] == {"name": "Nightly backup", "service": "", "grace_s": 300}
    with pytest.raises(NotFound):
        change_heartbeat(heartbeat_id=heartbeat.pk, draft=draft(), **given)


def test_another_schedule_counts_from_now_on_and_ends_what_was_late_by_the_old_one(alma: Person) -> None:
    heartbeat, _key = make_heartbeat()
    late = NOW + HOUR + 5 * MINUTE
    look(late)
    change_heartbeat(heartbeat_id=heartbeat.pk, draft=draft(severity="info"), by=by(alma), now=late)
    heartbeat.refresh_from_db()
    assert (heartbeat.state, heartbeat.expected_at) == ("late", NOW + HOUR)
    change_heartbeat(heartbeat_id=heartbeat.pk, draft=draft(period_s=7200), by=by(alma), now=late)
    heartbeat.refresh_from_db()
    assert (heartbeat.state, heartbeat.expected_at) == ("new", late + 2 * HOUR)
    assert Alert.objects.get().state == "resolved"


def test_a_longer_grace_ends_what_is_not_late_by_it(alma: Person) -> None:
    heartbeat, key = make_heartbeat()
    report(key, at=NOW)
    late = NOW + HOUR + 5 * MINUTE
    look(late)
    change_heartbeat(heartbeat_id=heartbeat.pk, draft=draft(grace_s=600), by=by(alma), now=late)
    heartbeat.refresh_from_db()
    assert (heartbeat.state, heartbeat.next_look_at) == ("up", NOW + HOUR + 10 * MINUTE)
    assert Alert.objects.get().state == "resolved"


def test_a_paused_job_is_not_waited_for_and_its_reports_are_kept(alma: Person) -> None:
    heartbeat, key = make_heartbeat()
    report(key, "fail", at=NOW)
    pause_heartbeat(heartbeat_id=heartbeat.pk, by=by(alma), now=NOW + MINUTE)
    assert Alert.objects.get().state == "resolved"
    look(NOW + 24 * HOUR)
    report(key, "fail", at=NOW + 24 * HOUR)
    heartbeat.refresh_from_db()
    assert (heartbeat.state, heartbeat.pings.count()) == ("paused", 2)
    assert not Alert.objects.filter(state="open").exists()
    resume_heartbeat(heartbeat_id=heartbeat.pk, by=by(alma), now=NOW + 25 * HOUR)
    heartbeat.refresh_from_db()
    assert (heartbeat.state, heartbeat.next_look_at) == ("new", NOW + 26 * HOUR + 5 * MINUTE)


def test_a_deleted_heartbeat_leaves_its_alert_and_refuses_reports(alma: Person) -> None:
    heartbeat, key = make_heartbeat()
    report(key, "fail", at=NOW)
    remove_heartbeat(heartbeat_id=heartbeat.pk, by=by(alma), now=NOW + MINUTE)
    assert not report(key, at=NOW + 2 * MINUTE)
    alert = Alert.objects.get()
    assert (alert.state, alert.integration.name) == ("resolved", "Nightly backup")
    look(NOW + 24 * HOUR)
    make_heartbeat()  # the name is free again


def test_the_key_of_a_heartbeat_is_not_revoked_under_it(alma: Person, browser: Client) -> None:
    heartbeat, _key = make_heartbeat()
    with pytest.raises(IllegalMove):
        revoke_key(key_id=heartbeat.integration_id, by=by(alma), now=NOW)
    assert "Nightly backup" not in browser.get(reverse("keys")).content.decode()
    answer = browser.get(reverse("key", args=[heartbeat.integration_id]))
    assert answer["Location"] == reverse("heartbeat", args=[heartbeat.pk])


def test_two_of_one_name_are_refused() -> None:
    make_heartbeat()
    with pytest.raises(BadInput) as refused:
        make_heartbeat()
    assert set(refused.value.errors) == {"name"}


def test_a_heartbeat_is_made_shown_with_its_address_and_given_another(browser: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://muster.harbor.example"
    service = make_service("backups")
    shown = browser.post(reverse("heartbeat_add"), typed(service=str(service.pk)), follow=True).content.decode()
    heartbeat = Heartbeat.objects.get()
    assert (heartbeat.cron, heartbeat.period_s, heartbeat.grace_s) == ("0 6 * * *", None, 1800)
    assert (heartbeat.max_run_s, heartbeat.severity, heartbeat.service) == (7200, "critical", service)
    address = f"https://muster.harbor.example/ping/{heartbeat.integration.key}"
    assert shown.count(address) == 4
    assert 'value="30 min"' in browser.get(reverse("heartbeat_edit", args=[heartbeat.pk])).content.decode()
    again = browser.post(reverse("heartbeat_rotate", args=[heartbeat.pk]), follow=True).content.decode()
    assert address not in again
    assert f"/ping/{IntegrationKey.objects.get().key}" in again
    browser.post(reverse("heartbeat_remove", args=[heartbeat.pk]))
    assert not Heartbeat.objects.exists()


def test_a_zone_that_the_form_does_not_offer_is_kept(browser: Client) -> None:
    heartbeat, _key = make_heartbeat(time_zone="Etc/GMT-3")
    page = browser.get(reverse("heartbeat_edit", args=[heartbeat.pk]))
    given = {name: value or "" for name, value in page.context["form"].initial.items()}
    browser.post(reverse("heartbeat_edit", args=[heartbeat.pk]), given)
    heartbeat.refresh_from_db()
    assert heartbeat.time_zone == "Etc/GMT-3"
    assert [entry.verb for entry in entries(SUBJECT)] == ["heartbeat.added"]


def test_next_times_are_shown_before_anything_is_saved(browser: Client) -> None:
    answer = browser.post(reverse("heartbeat_add"), typed(**{"try": "1"}))
    assert "0 6 * * * (Europe/Stockholm)" in answer.content.decode()
    assert len(answer.context["times"]["upcoming"]) == 3
    wrong = browser.post(reverse("heartbeat_add"), typed(cron="0 25 * * *", **{"try": "1"}))
    assert "The hour of this cron expression can&#x27;t be followed" in wrong.content.decode()
    assert not Heartbeat.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"by": "period", "period_s": ""}, "Write how often"),
        ({"by": "period", "period_s": "soon"}, "Write a length of time"),
        ({"by": "cron", "cron": ""}, "Write when it reports"),
        ({"grace_s": "400 d"}, "The grace is 0 seconds to a year"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_what_can_t_be_waited_for_is_explained_and_stays_typed(
    browser: Client, wrong: dict[str, str], sentence: str
) -> None:
    answer = browser.post(reverse("heartbeat_add"), typed(**wrong))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert 'value="2 h"' in answer.content.decode()


def test_those_who_read_see_how_it_stands_and_no_address(browser: Client) -> None:
    RoutingRule.objects.create(name="All", action="record")
    heartbeat, key = make_heartbeat()
    report(key, "start", at=NOW)
    report(key, "fail", at=NOW + MINUTE, exit_status=3, body="<b>disk full</b>")
    reader = Client()
    reader.force_login(make_person("Sue"))
    page = reader.get(reverse("heartbeat", args=[heartbeat.pk])).content.decode()
    assert key not in page
    assert "exit status 3" in page
    assert "after 1 min" in page
    assert "&lt;b&gt;disk full" in page
    assert reverse("alert", args=[Alert.objects.get().pk]) in page
    assert key in browser.get(reverse("heartbeat", args=[heartbeat.pk])).content.decode()


def test_the_list_shows_trouble_first_with_few_queries(browser: Client, django_assert_max_num_queries: Any) -> None:
    keys = [make_heartbeat(f"Job {number}")[1] for number in range(12)]
    for key in keys:
        for second in range(3):
            report(key, at=NOW + timedelta(seconds=second))
    report(keys[7], "fail", at=NOW + MINUTE)
    with django_assert_max_num_queries(8):
        answer = browser.get(reverse("heartbeats"))
    rows = answer.context["rows"]
    assert [row.heartbeat.name for row in rows][:2] == ["Job 7", "Job 0"]
    assert [len(row.strip.bars) for row in rows] == [4, *[3] * 11]
    assert rows[0].strip.words == "4 reports, 1 failed"


def test_prometheus_is_told_how_many_stand_how() -> None:
    _heartbeat, key = make_heartbeat()
    make_heartbeat("Another")
    report(key, "fail", at=NOW)
    told = metrics.exposition().decode()
    assert 'muster_heartbeats{state="failed"} 1.0' in told
    assert 'muster_heartbeats{state="new"} 1.0' in told
    assert 'muster_heartbeats{state="late"} 0.0' in told


def test_the_readiness_report_names_who_was_never_heard_and_who_is_in_trouble(browser: Client, alma: Person) -> None:
    new, _key = make_heartbeat("Never heard")
    failed, key = make_heartbeat("Failing")
    _well, well = make_heartbeat("Well")
    paused, _key = make_heartbeat("Paused")
    report(well, at=NOW)
    report(key, at=NOW)
    report(key, "fail", at=NOW + MINUTE)
    pause_heartbeat(heartbeat_id=paused.pk, by=by(alma), now=NOW)
    found = {finding.subject: finding for finding in readiness.report(now=NOW + HOUR).findings}
    mine = {subject: finding for subject, finding in found.items() if subject.startswith("heartbeat:")}
    assert {subject: finding.check for subject, finding in mine.items()} == {
        f"heartbeat:{new.pk}": "never_heard",
        f"heartbeat:{failed.pk}": "job_in_trouble",
    }
    assert mine[f"heartbeat:{failed.pk}"].sentence == "Failing failed; its last success was 1 h ago."
    page = browser.get(reverse("readiness")).content.decode()
    assert reverse("heartbeat", args=[new.pk]) in page
