"""Adding, trying and removing ways to be reached, and when each is used."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from ledger.queries import entries
from notifications.models import ContactMethod, ContactRule, Delivery, Urgency
from notifications.operations.add_contact_method import MOST, add_contact_method
from notifications.operations.change_contact_rules import add_contact_rule, remove_contact_rule
from notifications.operations.opt_out import opt_in, opt_out
from notifications.operations.remove_contact_method import remove_contact_method
from notifications.operations.send_test_message import send_test_message
from people.models import Person
from tests.builders import NOW, add_rule, by, make_method, make_person
from web.errors import BadInput, IllegalMove, NotFound

pytestmark = pytest.mark.django_db


def add(person: Person, kind: str = "sms", address: str = "+46 70 174 06 99") -> ContactMethod:
    with transaction.atomic():
        return add_contact_method(person=person, kind=kind, address=address, by=by(person), now=NOW)


def remove(method: ContactMethod) -> None:
    with transaction.atomic():
        remove_contact_method(contact_method_id=method.pk, by=by(method.person), now=NOW)


def verbs() -> list[str]:
    return [entry.verb for entry in entries("settings:people")]


def test_a_new_number_is_kept_in_one_form_unverified_and_used_at_once() -> None:
    ada = make_person("Ada", methods=[])
    method = add(ada)
    assert (method.address, method.verified_at) == ("+46701740699", None)
    rules = ContactRule.objects.filter(contact_method=method).values_list("urgency", "delay_s")
    assert set(rules) == {(Urgency.HIGH, 0), (Urgency.LOW, 0)}
    assert verbs() == ["contact_method.added"]


def test_the_ledger_does_not_hold_the_address() -> None:
    add(make_person("Ada", methods=[]))
    assert "701740699" not in str([entry.payload for entry in entries("settings:people")])


def test_a_second_method_leaves_the_rules_for_low_urgency_alone() -> None:
    ada = make_person("Ada", methods=["sms"])
    method = add(ada, "voice")
    assert list(method.rules.values_list("urgency", flat=True)) == [Urgency.HIGH]


@pytest.mark.parametrize(
    ("kind", "address", "field"),
    [("sms", "call me", "address"), ("email", "nobody", "address"), ("fax", "+46701740699", "kind")],
)
def test_what_can_not_be_reached_is_refused_beside_its_field(kind: str, address: str, field: str) -> None:
    ada = make_person("Ada", methods=[])
    with pytest.raises(BadInput) as refusal:
        add(ada, kind, address)
    assert list(refusal.value.errors) == [field]
    assert not ada.contact_methods.exists()


def test_the_same_address_twice_is_refused() -> None:
    ada = make_person("Ada", methods=[])
    add(ada)
    with pytest.raises(BadInput):
        add(ada, address="+46701740699")


def test_there_is_an_end_to_how_many() -> None:
    ada = make_person("Ada", methods=["sms"] * MOST)
    with pytest.raises(BadInput):
        add(ada)


def test_a_webhook_gets_its_own_secret() -> None:
    ada = make_person("Ada", methods=[])
    first, second = (add(ada, "webhook", f"https://example.org/{n}") for n in (1, 2))
    assert len(first.secret) >= 32
    assert first.secret != second.secret


def test_nobody_removes_the_last_way_that_works() -> None:
    ada = make_person("Ada", methods=["sms", "voice"])
    sms, voice = ada.contact_methods.all()
    ContactMethod.objects.filter(pk=voice.pk).update(disabled_at=NOW)
    with pytest.raises(IllegalMove):
        remove(sms)
    remove(voice)
    assert list(ada.contact_methods.all()) == [sms]


def test_what_was_sent_stays_in_the_log_with_its_address() -> None:
    ada = make_person("Ada", methods=["sms", "voice"])
    sms = ada.contact_methods.first()
    assert sms is not None
    with transaction.atomic():
        delivery = send_test_message(contact_method_id=sms.pk, by=by(ada), now=NOW)
    remove(sms)
    delivery.refresh_from_db()
    assert (delivery.contact_method, delivery.address) == (None, sms.address)
    assert verbs() == ["contact_method.removed"]


def test_a_test_is_a_delivery_like_any_other() -> None:
    ada = make_person("Ada", methods=["voice"])
    method = ada.contact_methods.get()
    with transaction.atomic():
        delivery = send_test_message(contact_method_id=method.pk, by=by(ada), now=NOW)
    assert (delivery.kind, delivery.state, delivery.address) == ("test", "pending", method.address)
    with pytest.raises(IllegalMove), transaction.atomic():
        send_test_message(contact_method_id=method.pk, by=by(ada), now=NOW)
    assert Delivery.objects.count() == 1


def test_nothing_is_tried_where_nothing_may_go() -> None:
    method = make_method(make_person("Ada", methods=[]))
    ContactMethod.objects.filter(pk=method.pk).update(opted_out_at=NOW)
    with pytest.raises(IllegalMove), transaction.atomic():
        send_test_message(contact_method_id=method.pk, by=by(method.person), now=NOW)


def test_a_rule_is_added_once_and_taken_away() -> None:
    ada = make_person("Ada", methods=[])
    method = make_method(ada)
    for _ in range(2):
        with transaction.atomic():
            rule = add_contact_rule(contact_method_id=method.pk, urgency="high", delay_s=300, by=by(ada), now=NOW)
    assert ContactRule.objects.get() == rule
    with transaction.atomic():
        remove_contact_rule(rule_id=rule.pk, person=ada, by=by(ada), now=NOW)
    assert verbs() == ["contact_rule.added", "contact_rule.removed"]


@pytest.mark.parametrize(("urgency", "delay_s"), [("high", -1), ("high", 3601), ("loud", 0)])
def test_a_rule_of_nonsense_is_refused(urgency: str, delay_s: int) -> None:
    method = make_method(make_person("Ada", methods=[]))
    with pytest.raises(BadInput), transaction.atomic():
        add_contact_rule(contact_method_id=method.pk, urgency=urgency, delay_s=delay_s, by=by(method.person), now=NOW)


def test_nobody_touches_the_rules_of_others() -> None:
    rule = add_rule(make_method(make_person("Ada", methods=[])))
    vic = make_person("Vic")
    with pytest.raises(NotFound), transaction.atomic():
        remove_contact_rule(rule_id=rule.pk, person=vic, by=by(vic), now=NOW)


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_changes() -> None:
    ada = make_person("Ada", methods=["sms", "voice"])
    sms = ada.contact_methods.first()
    assert sms is not None
    with pytest.raises(TransactionManagementError):
        remove_contact_method(contact_method_id=sms.pk, by=by(ada), now=NOW)
    with pytest.raises(TransactionManagementError):
        add_contact_method(person=ada, kind="sms", address="+46701740699", by=by(ada), now=NOW)
    assert ada.contact_methods.count() == 2


def test_stop_by_text_leaves_the_telephone_on() -> None:
    ada = make_person("Ada", methods=["sms"])
    (text,) = ada.contact_methods.all()
    call = make_method(ada, "voice", address=text.address)
    with transaction.atomic():
        assert opt_out(address=text.address, channel="sms", now=NOW) == 1
    text.refresh_from_db()
    call.refresh_from_db()
    assert (text.usable, call.usable) == (False, True)
    with transaction.atomic():
        assert opt_in(address=text.address, channel="sms", now=NOW) == 1
    text.refresh_from_db()
    assert text.usable
