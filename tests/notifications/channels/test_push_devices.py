"""The devices of one person: several at once, and one whose browser is reached elsewhere by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from engine import clock
from incidents.readiness.people import check_people
from ledger.queries import entries
from notifications.models import ContactMethod, Page
from people.models import Person
from tests.builders import make_person
from tests.notifications.answering import page_now
from tests.notifications.channels.push_service import Device, PushService, turn_on

pytestmark = pytest.mark.django_db(transaction=True)


def renew(before: Any, now: Any) -> int:
    """Say what the service worker says, without any session, and return the status."""
    content = json.dumps({"before": before, "now": now})
    answer = Client(enforce_csrf_checks=True).post(reverse("push_renewed"), content, content_type="text/plain")
    return answer.status_code


def test_both_devices_of_one_person_ring_and_one_answer_is_enough(service: PushService) -> None:
    ada, phone, laptop = make_person("Ada", methods=[]), service.device(), service.device()
    turn_on(ada, phone)
    turn_on(ada, laptop)
    page = page_now(ada, title="Power lost")
    taken = {pushed.path: pushed for pushed in service.took}
    told = {
        device.endpoint: device.read(taken[path].body)
        for device in (phone, laptop)
        for path in taken
        if device.endpoint.endswith(path)
    }
    assert len(told) == 2
    first, second = (told[device.endpoint]["answer"] for device in (phone, laptop))
    assert "you have acknowledged it" in Client().post(first).json()["sentence"]
    assert Client().post(second).status_code == 200
    assert Page.objects.get(pk=page.pk).state == "acknowledged"


def test_who_wants_discreet_calls_gets_discreet_notifications(service: PushService) -> None:
    ada, device = make_person("Ada", methods=[]), service.device()
    turn_on(ada, device)
    client = Client()
    client.force_login(ada)
    saved = client.post(
        reverse("reader_save"), {"time_zone": "UTC", "language": "en", "discreet_calls": "on"}, follow=True
    )
    assert saved.status_code == 200
    page = page_now(ada, title="Power lost in hall 2")
    shown = device.read(service.took[0].body)
    assert "Power lost" not in json.dumps(shown)
    assert shown["title"] == "Muster is calling you"
    assert "Power lost in hall 2" in client.get(shown["link"]).content.decode()
    assert "you have acknowledged it" in Client().post(shown["answer"]).json()["sentence"]
    assert Page.objects.get(pk=page.pk).state == "acknowledged"


def test_one_device_that_is_gone_leaves_the_other(service: PushService) -> None:
    ada, phone, laptop = make_person("Ada", methods=[]), service.device(), service.device()
    gone, kept = turn_on(ada, phone), turn_on(ada, laptop)
    service.answer(phone, 404)
    page_now(ada)
    gone.refresh_from_db()
    kept.refresh_from_db()
    assert (gone.usable, kept.usable) == (False, True)
    (said,) = [each.sentence for each in check_people(now=clock.now()) if each.check == "disabled"]
    assert "The device gave its notifications up; turn them on again there." in said
    assert len(service.took) == 2


@pytest.mark.parametrize("given_up", [False, True])
def test_a_browser_that_is_reached_elsewhere_is_followed(service: PushService, given_up: bool) -> None:
    ada, before, fresh = make_person("Ada", methods=["sms"]), service.device(), service.device()
    method = turn_on(ada, before)
    if given_up:
        service.answer(before, 410)
        page_now(ada)
    assert renew(before.subscription(), fresh.subscription()) == 204
    method.refresh_from_db()
    assert method.usable
    assert fresh.endpoint not in method.address
    assert entries("settings:people")[-1].verb == "contact_method.verified"
    service.took.clear()
    page_now(ada, title="Power lost")
    (pushed,) = service.took
    assert "Power lost" in fresh.read(pushed.body)["title"]
    assert renew(before.subscription(), before.subscription()) == 404


def test_only_that_browser_can_say_so(service: PushService) -> None:
    ada, before, fresh = make_person("Ada", methods=[]), service.device(), service.device()
    address = turn_on(ada, before).address
    forged = Device(before.endpoint)
    for said in (forged.subscription(), service.device().subscription()):
        assert renew(said, fresh.subscription()) == 404
    strange: tuple[Any, ...] = (None, [], {}, {"endpoint": before.endpoint}, "x")
    for nonsense in strange:
        assert renew(nonsense, fresh.subscription()) == 422
        assert renew(before.subscription(), nonsense) == 422
    assert Client().post(reverse("push_renewed"), b"\xff", content_type="text/plain").status_code == 422
    assert Client().post(reverse("push_renewed"), b"[" * 8000, content_type="text/plain").status_code == 422
    Person.objects.filter(pk=ada.pk).update(is_active=False)
    assert renew(before.subscription(), fresh.subscription()) == 404
    assert ContactMethod.objects.get(person=ada).address == address


def test_who_lost_the_browser_to_somebody_else_does_not_get_it_back(service: PushService) -> None:
    ada, otto, device, fresh = make_person("Ada"), make_person("Otto"), service.device(), service.device()
    hers, his = turn_on(ada, device), turn_on(otto, device)
    assert renew(device.subscription(), fresh.subscription()) == 204
    hers.refresh_from_db()
    his.refresh_from_db()
    assert (hers.usable, his.usable) == (False, True)
    assert hers.address != his.address


def test_whose_owner_was_faster_keeps_what_they_turned_on(service: PushService) -> None:
    ada, before, fresh = make_person("Ada"), service.device(), service.device()
    old, new = turn_on(ada, before), turn_on(ada, fresh)
    assert renew(before.subscription(), fresh.subscription()) == 404
    old.refresh_from_db()
    new.refresh_from_db()
    assert old.address != new.address
    assert new.usable
