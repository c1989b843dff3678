"""`/me/contacts/` as a browser sees it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from notifications.models import ContactMethod, ContactRule, Delivery, Urgency
from people.models import Person
from tests.builders import add_rule, make_method, make_person
from web import secrets

pytestmark = pytest.mark.django_db


def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_somebody_out_of_reach_is_warned() -> None:
    ada = make_person("Ada", methods=[])
    page = as_(ada).get(reverse("my_contacts"))
    assert "Nobody can reach you" in page.content.decode()
    make_method(ada, "voice")
    add_rule(make_method(ada, "sms"))
    assert "Nobody can reach you" not in as_(ada).get(reverse("my_contacts")).content.decode()


def test_a_number_is_added_and_verified_by_its_code() -> None:
    ada = make_person("Ada", methods=[])
    client = as_(ada)
    answer = client.post(reverse("contact_add"), {"kind": "sms", "address": "+46701740699"})
    method = ada.contact_methods.get()
    verify = reverse("contact_verify", args=[method.pk])
    assert answer.headers["Location"] == verify
    sent = Delivery.objects.get(contact_method=method, kind="verification")
    code = secrets.decrypt(sent.content["code"])
    wrong = "000000" if code != "000000" else "111111"
    refused = client.post(verify, {"code": wrong})
    assert (refused.status_code, "That is not the code" in refused.content.decode()) == (422, True)
    assert client.post(verify, {"code": f"{code[:3]} {code[3:]}"}).headers["Location"] == reverse("my_contacts")
    method.refresh_from_db()
    assert method.verified_at is not None


def test_a_wrong_guess_is_counted_even_so() -> None:
    ada = make_person("Ada", methods=[])
    client = as_(ada)
    client.post(reverse("contact_add"), {"kind": "sms", "address": "+46701740699"})
    method = ada.contact_methods.get()
    for _ in range(5):
        client.post(reverse("contact_verify", args=[method.pk]), {"code": "1"})
    page = client.post(reverse("contact_verify", args=[method.pk]), {"code": "1"})
    assert "not good any more" in page.content.decode()


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost() -> None:
    ada = make_person("Ada", methods=[])
    page = as_(ada).post(reverse("contact_add"), {"kind": "sms", "address": "12", "label": "private"})
    text = page.content.decode()
    assert page.status_code == 422
    assert 'value="12"' in text
    assert 'value="private"' in text
    assert 'aria-invalid="true"' in text


def test_steps_are_added_and_taken_away() -> None:
    ada = make_person("Ada", methods=[])
    method = make_method(ada, "voice")
    client = as_(ada)
    client.post(reverse("contact_rule_add"), {"urgency": "high", "contact_method": method.pk, "delay_s": "300"})
    rule = ContactRule.objects.get(person=ada, urgency=Urgency.HIGH, delay_s=300)
    assert "After 5 minutes" in client.get(reverse("my_contacts")).content.decode()
    client.post(reverse("contact_rule_remove", args=[rule.pk]))
    assert not ContactRule.objects.exists()


@pytest.mark.parametrize("verb", ["contact_verify", "contact_test", "contact_remove"])
def test_the_contact_methods_of_others_are_not_found(verb: str) -> None:
    method = make_method(make_person("Ada", methods=[]))
    assert as_(make_person("Vic")).post(reverse(verb, args=[method.pk])).status_code == 404
    assert ContactMethod.objects.filter(pk=method.pk).exists()


def test_the_steps_of_others_are_not_found_and_their_phones_can_not_be_used() -> None:
    method = make_method(make_person("Ada", methods=[]))
    rule, client = add_rule(method), as_(make_person("Vic", methods=[]))
    assert client.post(reverse("contact_rule_remove", args=[rule.pk])).status_code == 404
    given = {"urgency": "high", "contact_method": method.pk, "delay_s": "0"}
    assert client.post(reverse("contact_rule_add"), given).status_code == 422
    assert ContactRule.objects.get() == rule


def test_trying_one_sends_a_test() -> None:
    ada = make_person("Ada", methods=["voice"])
    as_(ada).post(reverse("contact_test", args=[ada.contact_methods.get().pk]))
    assert Delivery.objects.get().kind == Delivery.Kind.TEST


def test_the_last_way_stays_and_the_refusal_is_told() -> None:
    ada = make_person("Ada", methods=["voice"])
    here = reverse("my_contacts")
    client = as_(ada)
    answer = client.post(
        reverse("contact_remove", args=[ada.contact_methods.get().pk]),
        headers={"referer": f"http://testserver{here}"},
        follow=True,
    )
    assert "only way left" in answer.content.decode()
    assert ada.contact_methods.exists()


def test_the_reader_chooses_their_time_zone() -> None:
    ada = make_person("Ada")
    client = as_(ada)
    client.post(reverse("reader_save"), {"time_zone": "Europe/Stockholm", "language": "en"})
    ada.refresh_from_db()
    assert ada.time_zone == "Europe/Stockholm"
    assert client.post(reverse("reader_save"), {"time_zone": "Mars/Base", "language": "en"}).status_code == 422
