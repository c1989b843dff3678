"""My pages and one page, as a browser sees them."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from engine.duties import run_once
from notifications.models import Page, Responder
from people.models import Person, Role
from tests.builders import NOW, make_page, make_person, make_policy

pytestmark = pytest.mark.django_db


def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def calling(*people: Person, subject: str = "") -> Page:
    """Return a page that calls these people, one level each, the first of them now."""
    page = make_page(make_policy(*((300, [person]) for person in people)), title="Database down", subject=subject)
    run_once("pages", now=NOW)
    page.refresh_from_db()
    return page


def press(person: Person, page: Page, verb: str, /, **given: object) -> str:
    """Press a button on the page's screen and read what it leads to."""
    here = f"http://testserver{reverse('page', args=[page.pk])}"
    answer = as_(person).post(reverse(f"page_{verb}", args=[page.pk]), given, headers={"referer": here}, follow=True)
    page.refresh_from_db()
    return answer.content.decode()


def test_what_waits_for_me_is_one_big_button() -> None:
    ada, vic = make_person("Ada"), make_person("Vic")
    page = calling(ada, vic)
    mine = as_(ada).get(reverse("my_pages")).content.decode()
    assert f'action="{reverse("page_acknowledge", args=[page.pk])}"' in mine
    assert "Nothing waits for you" in as_(vic).get(reverse("my_pages")).content.decode()


def test_acknowledging_is_told_in_words_and_stops_the_page() -> None:
    ada = make_person("Ada")
    page = calling(ada)
    text = press(ada, page, "acknowledge")
    assert "Ada, you have acknowledged it." in text
    assert page.state == Page.State.ACKNOWLEDGED
    assert "Nothing waits for you" in as_(ada).get(reverse("my_pages")).content.decode()


def test_the_page_shows_its_ladder() -> None:
    ada, vic = make_person("Ada"), make_person("Vic")
    text = as_(ada).get(reverse("page", args=[calling(ada, vic).pk])).content.decode()
    ladder = text[text.index('class="ladder"') :]
    assert ladder.index("Level 1") < ladder.index("Ada") < ladder.index("Level 2") < ladder.index("Vic")
    assert 'aria-current="step"' in ladder


def test_declining_calls_the_next() -> None:
    ada, vic = make_person("Ada"), make_person("Vic")
    page = calling(ada, vic)
    press(ada, page, "decline")
    run_once("pages", now=NOW)
    assert Responder.objects.get(page=page, person=vic).state == Responder.State.CALLED


def test_snoozing_and_reassigning() -> None:
    ada, vic = make_person("Ada", role=Role.RESPONDER), make_person("Vic")
    page = calling(ada)
    press(ada, page, "snooze", minutes="30")
    assert page.snoozed_until is not None
    press(ada, page, "reassign", person=vic.pk)
    assert (page.state, page.policy_name) == (Page.State.PAGING, "Vic")


@pytest.mark.parametrize(("verb", "given"), [("snooze", {"minutes": "7"}), ("reassign", {"person": "nobody"})])
def test_nonsense_changes_nothing_and_is_told(verb: str, given: dict[str, str]) -> None:
    ada = make_person("Ada", role=Role.RESPONDER)
    page = calling(ada)
    assert "Choose" in press(ada, page, verb, **given)
    assert page.state == Page.State.PAGING


def test_who_was_not_called_answers_only_with_the_capability() -> None:
    page = calling(make_person("Ada"))
    sam = make_person("Sam")  # an observer
    assert as_(sam).post(reverse("page_acknowledge", args=[page.pk])).status_code == 403
    page.refresh_from_db()
    assert page.state == Page.State.PAGING


def test_an_observer_who_is_called_answers_all_the_same() -> None:
    sam = make_person("Sam")
    page = calling(sam)
    press(sam, page, "acknowledge")
    assert page.acknowledged_by == sam


def test_who_may_not_page_others_is_not_offered_it() -> None:
    sam = make_person("Sam")
    page = calling(sam)
    assert (
        reverse("page_reassign", args=[page.pk]) not in as_(sam).get(reverse("page", args=[page.pk])).content.decode()
    )
    assert as_(sam).post(reverse("page_reassign", args=[page.pk]), {"person": sam.pk}).status_code == 403


@pytest.mark.parametrize(("verb", "state"), [("acknowledge", "acknowledged"), ("decline", "declined")])
def test_one_answer_is_for_every_page_about_the_same_thing(verb: str, state: str) -> None:
    ada, vic = make_person("Ada"), make_person("Vic")
    subject, other = f"incident:{uuid4()}", f"incident:{uuid4()}"
    first, second, alone = calling(ada, vic, subject=subject), calling(ada, vic, subject=subject), calling(ada, vic)
    elsewhere = calling(ada, vic, subject=other)
    mine = as_(ada).get(reverse("my_pages")).content.decode()
    assert mine.count("button main huge") == 3
    assert '<span class="count bad">3</span>' in mine
    press(ada, first, verb)
    states = dict(Responder.objects.filter(person=ada).values_list("page", "state"))
    assert states == {first.pk: state, second.pk: state, alone.pk: "called", elsewhere.pk: "called"}


def test_a_page_that_does_not_exist_is_not_found() -> None:
    assert as_(make_person("Ada")).get("/pages/00000000-0000-0000-0000-000000000000/").status_code == 404


def test_many_pages_cost_no_more_queries_than_few() -> None:
    ada = make_person("Ada")
    client = as_(ada)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("my_pages")).status_code == 200
        return len(seen)

    for _ in range(2):
        press(ada, calling(ada), "acknowledge")
        calling(ada)
    queries()
    few = queries()
    for _ in range(4):
        press(ada, calling(ada), "acknowledge")
        calling(ada)
    assert queries() == few
