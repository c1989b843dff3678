"""The staff's queue of comments: let through, hide, answer, take back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from statuspage.models import Comment, PublicIncident
from tests.builders import NOW, make_person
from tests.incidents.builders import make_incident
from tests.statuspage.builders import draft, make_component, make_page, make_public_incident

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident() -> PublicIncident:
    page = make_page()
    return make_public_incident(page, components={make_component(page, "Mail"): "major_outage"})


@pytest.fixture
def cam() -> Client:
    client = Client()
    client.force_login(make_person("Cam"))
    return client


def make_comment(incident: PublicIncident, text: str = "Since when?", **fields: Any) -> Comment:
    return Comment.objects.create(public_incident=incident, text=text, reporter="r", created_at=NOW, **fields)


def listed(client: Client, state: str = "waiting") -> list[str]:
    return [row.text for row in client.get(reverse("status_comments"), {"state": state}).context["rows"]]


def test_a_comment_goes_from_list_to_list_and_back(incident: PublicIncident, cam: Client) -> None:
    comment = make_comment(incident)
    address = reverse("status_comment_moderate", args=[comment.pk])
    for state in ("shown", "hidden", "waiting"):
        cam.post(address, {"state": state})
        assert {each: listed(cam, each) for each in ("waiting", "shown", "hidden")} == {
            each: ["Since when?"] if each == state else [] for each in ("waiting", "shown", "hidden")
        }


def test_an_answer_shows_the_comment(incident: PublicIncident, cam: Client) -> None:
    comment = make_comment(incident)
    cam.post(reverse("status_comment_reply", args=[comment.pk]), {"reply": "Since three."})
    assert "Since three." in cam.get(reverse("status_comments"), {"state": "shown"}).content.decode()
    cam.post(reverse("status_comment_reply", args=[comment.pk]), {"reply": ""})
    assert Comment.objects.get().reply == ""


def test_what_customers_write_is_text_and_nothing_else(incident: PublicIncident, cam: Client) -> None:
    script = "<script>alert(1)</script>"
    make_comment(incident, script, name=script, reply=script, replied_at=NOW)
    shown = cam.get(reverse("status_comments")).content.decode()
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)" in shown


def test_a_strange_state_or_a_missing_comment_is_refused(incident: PublicIncident, cam: Client) -> None:
    comment = make_comment(incident)
    assert cam.post(reverse("status_comment_moderate", args=[comment.pk]), {"state": "x"}).status_code == 422
    assert cam.post(reverse("status_comment_moderate", args=[comment.pk + 1]), {"state": "shown"}).status_code == 404
    assert listed(cam, "x") == ["Since when?"]


def test_the_list_goes_on_and_asks_few_questions(
    incident: PublicIncident, cam: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(40):
        make_comment(incident, f"Comment {number}")
    with django_assert_max_num_queries(14):
        first = cam.get(reverse("status_comments"))
    second = cam.get(reverse("status_comments") + first.context["older"])
    assert [row.text for row in [*first.context["rows"], *second.context["rows"]]] == [
        f"Comment {number}" for number in reversed(range(40))
    ]


def test_a_private_incident_s_draft_is_not_known_by_its_comments(cam: Client) -> None:
    page = make_page()
    secret = make_incident("Customer data read", severity=3, private=True)
    public = draft(page, incident=secret).public_incident
    comment = make_comment(public)
    sam = Client()
    sam.force_login(make_person("Otto"))
    assert listed(sam) == []
    assert sam.post(reverse("status_comment_moderate", args=[comment.pk]), {"state": "shown"}).status_code == 404
