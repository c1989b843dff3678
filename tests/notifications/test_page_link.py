"""The link in messages: shows the page to whom it was sent, acts by its buttons only."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client

from engine import clock
from notifications import page_links
from notifications.models import Delivery, Responder
from people.models import Person
from tests.builders import make_person
from tests.notifications.answering import page_now
from tests.phones import Phones


def test_the_link_shows_a_page_and_only_its_button_acts(phones: Phones) -> None:
    ada = make_person("Ada", methods=["email"])
    page = page_now(ada, title="Power lost <b>in hall 2</b>")
    (mail,) = phones.wait_for("mail")
    (link,) = mail["links"]
    browser = Client(enforce_csrf_checks=True)
    path = link.partition("//")[2].partition("/")[2]
    for method in (browser.get, browser.head):
        shown = method(f"/{path}")
        assert shown.status_code == 200
    page.refresh_from_db()
    assert page.state == "paging", "a mail scanner that follows the link changes nothing"
    assert "Power lost &lt;b&gt;in hall 2" in browser.get(f"/{path}").content.decode()
    done = browser.post(f"/{path}", {"verb": "acknowledge", "once": "1"}).content.decode()
    assert "Ada, you have acknowledged it." in done
    page.refresh_from_db()
    assert (page.state, page.acknowledged_by) == ("acknowledged", ada)
    assert Responder.objects.get(page=page).via == "link"


def test_wrong_and_old_links_say_so(phones: Phones) -> None:
    page = page_now(make_person("Ada", methods=["sms"]))
    delivery = Delivery.objects.get(page=page)
    old = page_links.sign("page", delivery.pk, expires_at=clock.now() - timedelta(seconds=1))
    other = page_links.sign("voice", delivery.pk, expires_at=clock.now() + timedelta(hours=1))
    assert Client().get(f"/p/{old}/").status_code == 410
    assert Client().post(f"/p/{old}/", {"verb": "acknowledge"}).status_code == 410
    assert Client().get(f"/p/{other}/").status_code == 404
    assert Client().get("/p/nonsense/").status_code == 404


def test_the_link_of_somebody_who_left_answers_nothing(phones: Phones) -> None:
    ada = make_person("Ada", methods=["sms"])
    page = page_now(ada)
    delivery = Delivery.objects.get(page=page)
    link = page_links.sign("page", delivery.pk, expires_at=clock.now() + timedelta(hours=1))
    assert Client().get(f"/p/{link}/").status_code == 200
    Person.objects.filter(pk=ada.pk).update(is_active=False)
    assert Client().post(f"/p/{link}/", {"verb": "acknowledge"}).status_code == 404
    page.refresh_from_db()
    assert page.state == "paging"
