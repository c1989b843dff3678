"""The page of a reset: what waits for whom, how far it is, what failed; and what people do there."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse
from lxml import etree  # type: ignore[import-untyped]

from engine import clock
from ledger.queries import entries
from people.models import Person, Role
from resets.models import Exceptional, Phase, Reset, Wave
from resets.proof.conclude import conclude
from resets.proof.report import report
from resets.views import resets
from tests.builders import make_person
from tests.resets.engine import memory
from tests.resets.engine.builders import BY, ask, make_reset, work
from tests.resets.screens.night import BROKEN, draft, make_night, spare

pytestmark = pytest.mark.django_db


def browser_of(person: Person) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def read(browser: Client, name: str, *parts: object) -> str:
    answer = browser.get(reverse(name, args=parts))
    assert answer.status_code == 200, answer.content[:500]
    return " ".join(answer.content.decode().split())


@pytest.fixture
def reset(vera: Person) -> Reset:
    return make_night(vera)


@pytest.fixture
def otto(db: None) -> Person:
    return make_person("Otto", role=Role.RESPONDER)


def test_it_tells_how_far_each_phase_is_and_what_failed(reset: Reset, otto: Person) -> None:
    said = read(browser_of(otto), "reset", reset.pk)
    assert "100 of 100" in said
    assert "Its home directory is gone." in said
    assert "no_such_home" in said
    assert "web2 refuses connections." in said
    assert "?cause=no_such_home" in said
    assert BROKEN in read(browser_of(otto), "reset_exceptions", reset.pk, "disable")


def test_the_gate_is_for_somebody_else_than_who_asked(reset: Reset, vera: Person, otto: Person) -> None:
    title = "Lock the passwords: open wave 1, “First hundred”?"
    mine = read(browser_of(vera), "reset", reset.pk)
    assert title in mine
    assert "Vera asked for this reset; another person opens its waves" in mine
    assert f"/waves/{Wave.objects.get(phase__name='lock', number=1).pk}/open" not in mine
    assert "/open" in read(browser_of(otto), "reset", reset.pk)


def test_a_gate_wants_a_second_factor(reset: Reset, otto: Person) -> None:
    wave = Wave.objects.get(phase__name="lock", number=1)
    answer = browser_of(otto).post(reverse("reset_open_wave", args=[reset.pk, wave.pk]), follow=True)
    assert "Set one up under your account" in answer.content.decode()
    wave.refresh_from_db()
    assert wave.opened_at is None


def test_pausing_wants_a_reason_and_resuming_goes_on(reset: Reset, otto: Person) -> None:
    browser = browser_of(otto)
    browser.post(reverse("reset_pause", args=[reset.pk]), {"reason": " "})
    reset.refresh_from_db()
    assert reset.state == "running"
    browser.post(reverse("reset_pause", args=[reset.pk]), {"reason": "The helpdesk drowns."})
    reset.refresh_from_db()
    assert reset.state == "paused"
    assert "Resume" in read(browser, "reset", reset.pk)
    browser.post(reverse("reset_resume", args=[reset.pk]))
    reset.refresh_from_db()
    assert reset.state == "running"


def test_aborting_says_what_it_leaves(reset: Reset, otto: Person) -> None:
    browser_of(otto).post(reverse("reset_abort", args=[reset.pk]), {"reason": "Wrong cutoff."})
    reset.refresh_from_db()
    assert (reset.state, reset.trouble) == ("aborted", "Aborted: Wrong cutoff.")
    said = read(browser_of(otto), "reset", reset.pk)
    assert "Aborted: Wrong cutoff." in said
    assert "Go on with this reset?" in said


def test_what_failed_is_tried_again_by_its_cause(reset: Reset, otto: Person) -> None:
    del memory.HELD.misses[BROKEN]
    answer = browser_of(otto).post(
        reverse("reset_retry", args=[reset.pk, "disable"]), {"code": "no_such_home"}, follow=True
    )
    assert "1 account is tried again." in answer.content.decode()
    work(now=clock.now())
    assert Exceptional.objects.get().state == "mended"


def test_the_list_of_those_left_alone_is_approved_as_it_was_read(vera: Person, otto: Person) -> None:
    reset = make_reset(created_by=vera)
    Reset.objects.filter(pk=reset.pk).update(state="draft")
    browser, url = browser_of(vera), reverse("reset_exclusions", args=[reset.pk])
    refused = browser.post(url, {"lines": "breakglass, The way in\nnagios"})
    assert refused.status_code == 422
    assert "Line 2: three fields are needed" in refused.content.decode()
    live = etree.fromstring(refused.content, etree.HTMLParser()).find(".//*[@id='left-alone']")
    assert live is not None
    assert live.find(".//textarea") is None, "what refreshes itself would take the typed lines and the refusal away"
    assert reset.exclusions.count() == 0
    browser.post(url, {"lines": "login,reason\nbreakglass,The way in\nnagios,Monitoring"})
    assert set(reset.exclusions.values_list("login", "reason")) == {
        ("breakglass", "The way in"),
        ("nagios", "Monitoring"),
    }
    assert "another person approves it" in read(browser, "reset_exclusions", reset.pk)
    assert "Approve this list" not in read(browser, "reset_exclusions", reset.pk)
    other = browser_of(otto)
    assert "Approve this list" in read(other, "reset_exclusions", reset.pk)
    other.post(reverse("reset_exclusions_approve", args=[reset.pk]), {"digest": "0" * 64})
    assert not reset.exclusions.filter(approved_by=otto).exists()
    row = reset.exclusions.get(login="nagios")
    other.post(reverse("reset_exclusion_remove", args=[reset.pk, row.pk]))
    assert reset.exclusions.count() == 1


def test_a_notice_is_read_in_every_language_before_it_is_approved(reset: Reset, vera: Person, otto: Person) -> None:
    notice = draft(reset, by=vera)
    assert "waits for a second person" in read(browser_of(otto), "reset", reset.pk)
    said = read(browser_of(otto), "reset_notice", reset.pk, notice.pk)
    for language in ("de", "en", "es", "fr", "nl"):
        assert f'lang="{language}"' in said
    assert "Approve these texts" not in read(browser_of(vera), "reset_notice", reset.pk, notice.pk)
    assert "communications, executives, administrators" in said
    cam = browser_of(make_person("Cam", role=Role.COMMUNICATIONS))
    said = read(cam, "reset_notice", reset.pk, notice.pk)
    digest = said.partition('name="digest" value="')[2].partition('"')[0]
    cam.post(reverse("reset_notice_approve", args=[reset.pk, notice.pk]), {"digest": digest})
    notice.refresh_from_db()
    assert notice.state == "approved"


@pytest.mark.django_db(transaction=True)
def test_the_report_says_whether_it_was_kept(reset: Reset, otto: Person) -> None:
    spare(reset)
    browser = browser_of(otto)
    said = read(browser, "reset_report", reset.pk)
    assert "breakglass" in said
    assert "Its home directory is gone." in said
    assert "not kept yet" in said
    kept = conclude(reset=reset, by=BY, now=clock.now())
    assert kept.fingerprint in read(browser, "reset_report", reset.pk)
    assert entries(reset.subject)[-1].verb == "reset.reported"
    assert report(reset).stragglers == reset.count


def test_what_became_of_each_account_is_handed_out_and_its_digest_kept(reset: Reset, otto: Person) -> None:
    answer = browser_of(otto).get(reverse("reset_export", args=[reset.pk, "jsonl"]))
    rows = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]  # type: ignore[attr-defined]
    assert len(rows) == reset.count
    assert {row["phases"]["disable"]["outcome"] for row in rows} == {"done", "missed"}
    assert entries(reset.subject)[-1].verb == "reset.exported"
    assert browser_of(otto).get(reverse("reset_export", args=[reset.pk, "xml"])).status_code == 404


def test_another_resets_parts_are_not_reached_through_this_one(reset: Reset, vera: Person, otto: Person) -> None:
    other = make_reset(created_by=vera)
    theirs = Wave.objects.get(phase__reset=reset, phase__name="lock", number=1)
    assert browser_of(otto).post(reverse("reset_open_wave", args=[other.pk, theirs.pk])).status_code in (404, 409, 302)
    theirs.refresh_from_db()
    assert theirs.opened_at is None
    notice = draft(reset, by=vera)
    assert browser_of(otto).get(reverse("reset_notice", args=[other.pk, notice.pk])).status_code == 404


def test_signs_that_only_look_like_numbers_are_no_pages(reset: Reset, otto: Person) -> None:
    browser = browser_of(otto)
    for wanted in ("²", "٣", "-1", "9" * 30):
        assert browser.get(reverse("resets"), {"page": wanted}).status_code == 200
        address = reverse("reset_exceptions", args=[reset.pk, "disable"])
        assert browser.get(address, {"after": wanted}).status_code == 200


def test_a_long_list_of_exceptions_goes_on_where_it_stopped(
    reset: Reset, otto: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resets, "EXCEPTIONS_SHOWN", 1)
    first = Exceptional.objects.get()
    other = reset.accounts.get(login="w4u00004")
    Exceptional.objects.create(
        phase=first.phase, chunk=first.chunk, account=other, state="failed", code="a&b=c", at=clock.now()
    )
    said = read(browser_of(otto), "reset_exceptions", reset.pk, "disable")
    assert f"?cause=&amp;after={first.pk}" in said
    address = reverse("reset_exceptions", args=[reset.pk, "disable"])
    said = browser_of(otto).get(address, {"cause": "", "after": str(first.pk)}).content.decode()
    assert "w4u00004" in said
    assert BROKEN not in said


def test_a_draft_and_one_that_has_not_begun_have_pages_too(vera: Person, otto: Person) -> None:
    reset = make_reset(created_by=vera)
    said = read(browser_of(otto), "reset", reset.pk)
    assert "Nothing has begun" in said
    assert reset.title in read(browser_of(otto), "resets")
    ask(reset, "disable")
    assert Phase.objects.get(reset=reset).get_name_display() in read(browser_of(otto), "reset", reset.pk)


def test_another_reset_of_the_same_hosts_is_told_of(reset: Reset, otto: Person) -> None:
    newer = make_reset(systems=list(reset.systems.all()), shards=["web2"])
    said = read(browser_of(otto), "reset", newer.pk)
    assert f"“{reset.title}” covers accounts of" in said
    assert f'href="{reverse("reset", args=[reset.pk])}"' in said
    Reset.objects.filter(pk=newer.pk).update(state="aborted")
    assert "covers accounts of" not in read(browser_of(otto), "reset", newer.pk)
