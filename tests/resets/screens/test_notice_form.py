"""The words of a notice, changed on a screen while nobody has approved them."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from ledger.queries import entries
from people.actors import actor_for
from people.models import Person, Role
from resets.models import Notice, Reset
from resets.notices.operations.draft_notice import edit_notice
from resets.notices.texts import digest_of, own_texts
from statuspage.rules.languages import LANGUAGES
from tests.builders import NOW, make_person
from tests.resets.engine.builders import make_reset
from tests.resets.screens.night import draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def reset(vera: Person) -> Reset:
    return make_reset(created_by=vera)


@pytest.fixture
def notice(reset: Reset, vera: Person) -> Notice:
    return draft(reset, by=vera)


@pytest.fixture
def otto(db: None) -> Person:
    return make_person("Otto", role=Role.RESPONDER)


@pytest.fixture
def browser(otto: Person) -> Client:
    found = Client()
    found.force_login(otto)
    return found


def address(notice: Notice, name: str = "reset_notice_edit") -> str:
    return reverse(name, args=[notice.reset_id, notice.pk])


def typed(notice: Notice, **more: str) -> dict[str, str]:
    fields = {f"{code}.{part}": text[part] for code, text in notice.texts.items() for part in ("subject", "body")}
    read = digest_of(notice.texts, language=notice.language)
    return {**fields, "language": notice.language, "read": read, **more}


def test_the_words_are_changed_and_another_person_approves_them(browser: Client, otto: Person, notice: Notice) -> None:
    shown = browser.get(address(notice)).content.decode()
    assert own_texts(reminder=False)["de"]["subject"] in shown
    assert 'lang="nl"' in shown
    changed = {"en.subject": "Choose a new password", "fr.subject": "", "fr.body": ""}
    assert browser.post(address(notice), typed(notice, **changed)).status_code == 302
    notice.refresh_from_db()
    assert notice.texts["en"]["subject"] == "Choose a new password"
    assert set(notice.texts) == set(LANGUAGES) - {"fr"}
    assert str(otto.pk) in notice.writers
    assert entries(notice.reset.subject)[-1].verb == "reset.notice_edited"
    page = browser.get(address(notice, "reset_notice")).content.decode()
    assert "Choose a new password" in page
    assert address(notice) in page


def test_saving_what_is_already_so_makes_nobody_a_writer(browser: Client, otto: Person, notice: Notice) -> None:
    assert browser.post(address(notice), typed(notice)).status_code == 302
    notice.refresh_from_db()
    assert str(otto.pk) not in notice.writers


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"de.body": "Hier: https://example.com {page}"}, "A notice holds no link"),
        ({"de.body": "Irgendwo."}, "Say where to choose a new password"),
        ({"nl.subject": ""}, "A subject has 1 to 150 characters"),
        ({"en.subject": "", "en.body": ""}, "Write the text in the language"),
        ({"language": "xx"}, "xx is not one of the available choices"),
    ],
)
def test_what_may_not_be_said_stands_beside_its_field(
    browser: Client, notice: Notice, more: dict[str, str], sentence: str
) -> None:
    answer = browser.post(address(notice), typed(notice, **more))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    before = notice.texts
    notice.refresh_from_db()
    assert notice.texts == before


def test_nobody_writes_over_words_that_they_have_not_read(browser: Client, notice: Notice, vera: Person) -> None:
    read = typed(notice, **{"en.subject": "Mine"})
    texts = {"en": {"subject": "Vera's", "body": "Type {page}."}}
    with transaction.atomic():
        edit_notice(notice=notice, texts=texts, by=actor_for(vera, via="web"), now=NOW)
    answer = browser.post(address(notice), read)
    assert answer.status_code == 422
    assert "Somebody changed these texts" in answer.content.decode()
    assert 'value="Mine"' in answer.content.decode()
    notice.refresh_from_db()
    assert notice.texts == texts


@pytest.mark.parametrize("state", ["approved", "sending", "done", "cancelled"])
def test_after_the_approval_it_stays_as_it_is(browser: Client, notice: Notice, state: str) -> None:
    Notice.objects.filter(pk=notice.pk).update(state=state, approved_digest="x")
    browser.post(address(notice), typed(notice, **{"en.subject": "Mine"}))
    notice.refresh_from_db()
    assert (notice.texts["en"]["subject"], notice.state) == (own_texts(reminder=False)["en"]["subject"], state)
    assert address(notice) not in browser.get(address(notice, "reset_notice")).content.decode()


def test_those_who_only_read_are_not_offered_it(notice: Notice) -> None:
    auditor = Client()
    auditor.force_login(make_person("Audrey", role=Role.AUDITOR))
    assert address(notice) not in auditor.get(address(notice, "reset_notice")).content.decode()
    assert auditor.get(address(notice)).status_code in (302, 403)
