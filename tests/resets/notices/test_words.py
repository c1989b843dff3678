"""What a notice may say, and who may let it out."""

from __future__ import annotations

import re

import pytest
from django.db import transaction
from pytest_django import Settings

from ledger.models import Entry
from people.actors import actor_for
from resets.models import Notice, Reset
from resets.notices.operations.draft_notice import edit_notice
from resets.notices.preview import preview
from resets.notices.texts import clean_texts, digest_of, own_texts
from statuspage.rules.languages import LANGUAGES
from tests.builders import NOW, make_person
from tests.resets.notices.telling import approve, approved, draft, make_reset, send
from web.errors import BadInput, IllegalMove

pytestmark = pytest.mark.django_db
ONE = [{"login": "web1", "email": "ann@example.com"}]
LINKISH = re.compile(r"(?i)https?:|href|www\.|<a\b")


@pytest.mark.parametrize("reminder", [False, True])
def test_our_own_words_keep_our_own_rules_in_every_language(reminder: bool) -> None:
    texts = own_texts(reminder=reminder)
    assert sorted(texts) == sorted(LANGUAGES)
    assert clean_texts(texts, language="en") == texts
    assert len({text["subject"] for text in texts.values()}) == len(LANGUAGES)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("body", "Go to https://example.com and {page}"),
        ("body", "Go to www.example.com and {page}"),
        ("body", 'Press <a href="/x">here</a> or type {page}'),
        ("body", "Your new password is {password}, see {page}"),
        ("body", "Nobody learns where to go."),
        ("body", ""),
        ("subject", "See http://example.com"),
        ("subject", ""),
        ("subject", "x" * 151),
    ],
)
def test_words_that_train_phishing_or_lead_nowhere_are_refused(field: str, text: str) -> None:
    texts = {"en": {"subject": "Reset", "body": "Type {page}.", field: text}}
    with pytest.raises(BadInput) as refused:
        clean_texts(texts, language="en")
    assert set(refused.value.errors) == {f"en.{field}"}


def test_the_language_of_last_resort_is_written_and_known() -> None:
    fine = {"subject": "Reset", "body": "Type {page}."}
    with pytest.raises(BadInput, match="nobody knows"):
        clean_texts({"de": fine}, language="en")
    with pytest.raises(BadInput, match="Languages are"):
        clean_texts({"en": fine, "xx": fine}, language="en")


def test_a_subject_cannot_grow_a_header() -> None:
    texts = {"en": {"subject": "Reset\r\nBcc: all@example.com", "body": "Type {page}."}}
    assert clean_texts(texts, language="en")["en"]["subject"] == "Reset Bcc: all@example.com"


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_mail_names_an_address_to_type_and_links_nowhere(language: str, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://muster.example.com"
    subject, text, html = preview(draft(make_reset(ONE)), language)
    assert subject == own_texts(reminder=False)[language]["subject"]
    for part in (text, html):
        assert "muster.example.com/reset" in part
        assert "web1001" in part
        assert not LINKISH.search(part), LINKISH.search(part)


def test_an_exercise_says_so(settings: Settings) -> None:
    notice = draft(make_reset(ONE, drill=True))
    subject, text, html = preview(notice, "de")
    assert subject.startswith("ÜBUNG: ")
    assert text.startswith("ÜBUNG.")
    assert "ÜBUNG." in html
    assert "EXERCISE: " in preview(notice, "en")[0]


def test_nobody_who_wrote_in_it_approves_it() -> None:
    cam, vera = make_person("Cam"), make_person("Vera")
    notice = draft(make_reset(ONE), writer=cam)
    with pytest.raises(IllegalMove, match="yourself"):
        approve(notice, person=cam)
    texts = {"en": {"subject": "Other words", "body": "Type {page}."}}
    with transaction.atomic():
        notice = edit_notice(notice=notice, texts=texts, by=actor_for(vera, via="web"), now=NOW)
    for writer in (cam, vera):
        with pytest.raises(IllegalMove, match="yourself"):
            approve(notice, person=writer)
    assert approve(notice, person=make_person("Ada")).state == Notice.State.APPROVED


def test_what_is_approved_is_what_was_read() -> None:
    notice = approved(make_reset(ONE))
    with transaction.atomic():
        texts = {"en": {"subject": "Changed", "body": "Type {page}."}}
        notice = edit_notice(notice=notice, texts=texts, by=actor_for(make_person("Cam"), via="web"), now=NOW)
    assert (notice.state, notice.approved_by, notice.approved_digest) == ("draft", None, "")
    with pytest.raises(IllegalMove, match="draft"):
        send(notice)
    # Somebody changed it behind everybody's back.
    notice = approve(notice)
    Notice.objects.filter(pk=notice.pk).update(texts={"en": {"subject": "Evil", "body": "Type {page}."}})
    with pytest.raises(IllegalMove, match="not what was approved"):
        send(notice)


@pytest.mark.parametrize("state", [Reset.State.DRAFT, Reset.State.ABORTED])
def test_nobody_is_told_of_a_reset_that_is_not_there(state: str) -> None:
    with pytest.raises(IllegalMove, match="nobody to tell"):
        draft(make_reset(ONE, state=state))


def test_one_round_at_a_time() -> None:
    reset = make_reset(ONE)
    draft(reset)
    with pytest.raises(IllegalMove, match="Round 0"):
        draft(reset)


def test_the_ledger_has_every_move_and_no_text() -> None:
    notice = send(approved(make_reset(ONE)))
    entries = Entry.objects.filter(subject=notice.reset.subject).order_by("seq")
    assert [entry.verb for entry in entries] == ["reset.notice_drafted", "reset.notice_approved", "reset.notice_sent"]
    assert digest_of(notice.texts, language="en") in str(entries[1].payload)
    assert "ann@example.com" not in str([entry.payload for entry in entries])
