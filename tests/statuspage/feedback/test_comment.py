"""Comments: two steps to write one, staff let it through, hide it, answer; the static page shows only what they let."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from engine import clock
from ledger.queries import entries
from people.models import Person
from statuspage.feedback.operations import comment as comment_file
from statuspage.feedback.operations.comment import moderate, reply, write_comment
from statuspage.feedback.rules import UnfitComment, cleaned, fit_comment, fit_name
from statuspage.models import Comment, PublicIncident, StatusPage
from statuspage.public_forms import form_token
from statuspage.publishing.publish import publish
from tests.builders import NOW, by, make_person
from tests.statuspage.builders import make_component, make_page, make_public_incident, say
from web.errors import BadInput, IllegalMove, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> StatusPage:
    return make_page()


@pytest.fixture
def incident(page: StatusPage) -> PublicIncident:
    return make_public_incident(page, components={make_component(page, "Mail"): "major_outage"})


@pytest.fixture
def cam() -> Person:
    return make_person("Cam")


def send(incident: PublicIncident, text: str, *, token: str = "", address: str = "192.0.2.1", **more: str) -> Any:
    given = {"incident": incident.pk, "name": "Ida", "text": text, "token": token, **more}
    return Client(REMOTE_ADDR=address).post(f"/status-pages/{incident.page_id}/comment", given)


def fresh(page_id: str) -> str:
    return form_token(purpose="comment", page_id=page_id, now=clock.now() - timedelta(seconds=10))


def write(incident: PublicIncident, text: str = "Since when?", **more: Any) -> Comment:
    given: dict[str, Any] = {"name": "Ida", "reporter": "r" * 64, "now": NOW, **more}
    with transaction.atomic():
        comment = write_comment(page_id=incident.page_id, public_incident_id=incident.pk, text=text, **given)
    assert comment is not None
    return comment


def judge(comment: Comment, state: str, person: Person) -> Comment:
    with transaction.atomic():
        return moderate(comment_id=comment.pk, state=state, person=person, by=by(person), now=NOW)


def answer(comment: Comment, text: str, person: Person) -> Comment:
    with transaction.atomic():
        return reply(comment_id=comment.pk, text=text, person=person, by=by(person), now=NOW)


def test_a_comment_takes_two_steps_and_then_waits(incident: PublicIncident) -> None:
    first = send(incident, "  Since when?\r\n\r\n\r\n\r\nIt is urgent. ")
    shown = first.content.decode()
    assert (first.status_code, Comment.objects.count()) == (200, 0)
    assert "Since when?&#10;&#10;It is urgent.</textarea>" in shown
    (token,) = re.findall(r'name="token" value="([^"]+)"', shown)
    assert "That was quick" in send(incident, "Since when?", token=token).content.decode()
    assert Comment.objects.count() == 0
    sent = send(incident, "Since when?", token=fresh(incident.page_id))
    assert "may take a while" in sent.content.decode()
    comment = Comment.objects.get()
    assert (comment.state, comment.name, comment.text) == ("waiting", "Ida", "Since when?")
    assert "192.0.2.1" not in comment.reporter


def test_a_token_of_another_page_or_form_is_none(incident: PublicIncident) -> None:
    moment = clock.now() - timedelta(seconds=10)
    other = make_page("Other", slug="other")
    for token in (
        form_token(purpose="comment", page_id=other.pk, now=moment),
        form_token(purpose="subscribe", page_id=incident.page_id, now=moment),
        form_token(purpose="comment", page_id=incident.page_id, now=moment - timedelta(days=2)),
        "nonsense",
    ):
        send(incident, "Hello", token=token)
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "few words"),
        (" \n\t ", "few words"),
        ("\u200b\u202e", "few words"),
        ("x" * 1001, "at most 1000"),
        ("Buy https://a.example and http://b.example", "links"),
        ("buy at shop.com or www.cheap.example", "links"),
    ],
)
def test_words_that_are_no_comment_are_refused_and_not_lost(incident: PublicIncident, text: str, words: str) -> None:
    refused = send(incident, text, token=fresh(incident.page_id))
    assert refused.status_code == 422
    assert words in refused.content.decode()
    assert not Comment.objects.exists()


def test_control_and_direction_characters_go() -> None:
    assert cleaned("a\u202eb\x07c\u200bd\0 \r\n\r\n\n\n e") == "abcd\n\n e"
    assert fit_comment("One https://status.example link is fine") == "One https://status.example link is fine"
    assert fit_name("  Ida\nof  Ystad " + "x" * 99) == "Ida of Ystad " + "x" * 47
    with pytest.raises(UnfitComment):
        fit_comment("x" * 1001)


def test_the_same_words_are_kept_once_a_day(incident: PublicIncident) -> None:
    token = fresh(incident.page_id)
    for address in ("192.0.2.1", "192.0.2.2"):
        assert "may take a while" in send(incident, "Since when?", token=token, address=address).content.decode()
    assert Comment.objects.count() == 1


def test_a_flood_ends(incident: PublicIncident, monkeypatch: pytest.MonkeyPatch) -> None:
    token = fresh(incident.page_id)
    answers = [send(incident, f"Comment {n}", token=token).status_code for n in range(14)]
    assert answers == [200] * 12 + [429] * 2
    monkeypatch.setattr(comment_file, "MOST_WAITING", 12)
    full = send(incident, "Another", token=token, address="192.0.2.7")
    assert (full.status_code, "no more just now" in full.content.decode()) == (409, True)
    assert Comment.objects.count() == 12


def test_a_robot_is_thanked_and_forgotten(incident: PublicIncident) -> None:
    sent = send(incident, "Buy", token=fresh(incident.page_id), website="https://spam.example")
    assert "may take a while" in sent.content.decode()
    assert not Comment.objects.exists()


def test_only_an_open_incident_of_this_page_takes_comments(page: StatusPage, incident: PublicIncident) -> None:
    other = make_page("Other", slug="other")
    with pytest.raises(NotFound):
        write_comment(page_id=other.pk, public_incident_id=incident.pk, name="", text="Hello", reporter="r", now=NOW)
    say(incident, "resolved", components={page.components.get(): "operational"})
    assert send(incident, "Too late", token=fresh(page.pk)).status_code == 404
    assert not Comment.objects.exists()


def test_staff_show_hide_and_take_back_and_the_ledger_knows(incident: PublicIncident, cam: Person) -> None:
    comment = write(incident)
    for state in ("shown", "shown", "hidden", "waiting"):
        assert judge(comment, state, cam).state == state
    verbs = [entry.verb for entry in entries(incident.subject) if "comment" in entry.verb]
    assert verbs == ["status.comment_shown", "status.comment_hidden", "status.comment_waiting"]
    with pytest.raises(BadInput):
        judge(comment, "published", cam)
    with pytest.raises(NotFound):
        moderate(comment_id=0, state="shown", person=cam, by=by(cam), now=NOW)


def test_an_answer_shows_the_comment_and_can_be_taken_back(incident: PublicIncident, cam: Person) -> None:
    comment = answer(write(incident), "Since three. ", cam)
    assert (comment.state, comment.reply, comment.replied_at) == ("shown", "Since three.", NOW)
    assert entries(incident.subject)[-1].personal_text == "Since three."
    comment = answer(comment, "", cam)
    assert (comment.state, comment.reply, comment.replied_at) == ("shown", "", None)
    judge(comment, "hidden", cam)
    with pytest.raises(IllegalMove):
        answer(comment, "Hello", cam)
    with pytest.raises(BadInput):
        answer(comment, "x" * 2001, cam)


def test_the_static_page_shows_what_staff_let_through_as_text(
    incident: PublicIncident, cam: Person, settings: Settings, tmp_path: Path
) -> None:
    settings.STATUS_PUBLISH_DIR = tmp_path
    script = "<script>alert(1)</script>"
    shown = answer(write(incident, f"Shown {script}", name=script), f"Answered {script}", cam)
    write(incident, "Still waiting")
    judge(write(incident, "Hidden words"), "hidden", cam)
    publish(now=NOW)

    def everything() -> str:
        return "".join(path.read_text() for path in tmp_path.rglob("*.html"))

    text = everything()
    assert "Shown &lt;script&gt;" in text
    assert "Answered &lt;script&gt;" in text
    for never in ("Still waiting", "Hidden words", "<script>alert"):
        assert never not in text
    judge(shown, "hidden", cam)
    publish(now=NOW + timedelta(seconds=1))
    assert "Shown &lt;" not in everything()
