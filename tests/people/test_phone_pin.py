"""The PIN for the telephone: which ones are good, who sets and clears it, what wrong tries come to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from engine import clock
from ledger.models import Entry
from people.models import Person, PhonePin, Role
from people.operations.phone_pin import LOCKED_FOR, Checked, check_pin, clear_pin, has_pin, set_pin
from people.rules import pins
from tests.builders import NOW, by, make_person
from web.errors import BadInput, NotAllowed

pytestmark = pytest.mark.django_db
PASSWORD = "a quiet harbour at night"


@pytest.mark.parametrize("pin", ["7391", "80264", "1357", "73918264", "9876123"])
def test_good_pins(pin: str) -> None:
    assert pins.fault(pin) == ""


@pytest.mark.parametrize(
    ("pin", "word"),
    [
        ("739", "4 to 8 digits"),
        ("739182645", "4 to 8 digits"),
        ("73a1", "4 to 8 digits"),
        ("٧٣٩١", "4 to 8 digits"),
        ("", "4 to 8 digits"),
        ("0000", "repeats"),
        ("77777777", "repeats"),
        ("1212", "repeats"),
        ("739739", "repeats"),
        ("1234", "sequence"),
        ("7890", "sequence"),
        ("8765", "sequence"),
        ("12345678", "sequence"),
        ("1984", "year"),
    ],
)
def test_bad_pins(pin: str, word: str) -> None:
    assert word in pins.fault(pin)


def given(person: Person, pin: str = "7391") -> None:
    with transaction.atomic():
        set_pin(person_id=person.pk, pin=pin, proof="password", by=by(person), now=NOW)


def tried(person: Person, pin: str, minutes: float = 0) -> Checked:
    with transaction.atomic():
        return check_pin(person=person, pin=pin, by=by(person, "sms"), now=NOW + timedelta(minutes=minutes))


def test_the_pin_is_kept_nowhere_in_clear() -> None:
    vic = make_person("Vic")
    given(vic, "739182")
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest FROM people_phonepin")
        (kept,) = cursor.fetchone()
    assert "739182" not in kept
    assert "$" not in kept, "The hash itself is encrypted."
    entry = Entry.objects.get(verb="person.pin_set")
    assert entry.payload == {"id": str(vic.pk), "name": "Vic", "proof": "password"}
    assert "739182" not in str(entry.payload)


def test_only_its_owner_sets_a_pin_and_administrators_clear_it() -> None:
    vic, vera, alma = make_person("Vic"), make_person("Vera"), make_person("Alma")
    with pytest.raises(NotAllowed, match="Only its owner"):
        set_pin(person_id=vic.pk, pin="7391", proof="password", by=by(alma), now=NOW)
    with pytest.raises(BadInput):
        set_pin(person_id=vic.pk, pin="1234", proof="password", by=by(vic), now=NOW)
    assert not has_pin(vic)
    given(vic)
    with pytest.raises(NotAllowed, match="owner or an administrator"):
        clear_pin(person_id=vic.pk, by=by(vera), now=NOW)
    assert clear_pin(person_id=vic.pk, by=by(alma), now=NOW)
    assert not clear_pin(person_id=vic.pk, by=by(alma), now=NOW)
    assert not has_pin(vic)
    assert [entry.verb for entry in Entry.objects.order_by("seq")] == ["person.pin_set", "person.pin_cleared"]


def test_five_wrong_ones_in_a_row_lock_it_for_a_quarter_of_an_hour() -> None:
    vic = make_person("Vic")
    given(vic)
    assert [tried(vic, "0001").tries_left for _ in range(4)] == [4, 3, 2, 1]
    assert tried(vic, "7391").right, "A right one begins the count anew."
    last = [tried(vic, "0001") for _ in range(5)][-1]
    assert (last.locked_now, last.locked_until) == (True, NOW + LOCKED_FOR)
    assert tried(vic, "7391", minutes=14) == Checked(right=False, locked_until=NOW + LOCKED_FOR)
    assert tried(vic, "7391", minutes=15).right
    assert Entry.objects.filter(verb="person.pin_locked").count() == 1


def test_after_a_lock_there_are_five_tries_again() -> None:
    vic = make_person("Vic")
    given(vic)
    for _ in range(5):
        tried(vic, "0001")
    assert tried(vic, "0001", minutes=16).tries_left == 4


def test_who_has_no_pin_is_never_right() -> None:
    assert not tried(make_person("Vic"), "").right


def as_(person: Person) -> Client:
    person.set_password(PASSWORD)
    person.save()
    client = Client()
    client.force_login(person)
    return client


def test_it_is_set_with_the_password_and_without_it_is_not() -> None:
    vic = make_person("Vic")
    client = as_(vic)
    form = {"pin": "7391", "again": "7391"}
    refused = client.post(reverse("pin_edit"), form)
    assert (refused.status_code, "Enter your password" in refused.content.decode()) == (422, True)
    wrong = client.post(reverse("pin_edit"), form | {"password": "not it"})
    assert (wrong.status_code, "This is not your password" in wrong.content.decode()) == (422, True)
    assert not has_pin(vic)
    other = client.post(reverse("pin_edit"), form | {"again": "7392", "password": PASSWORD})
    assert "The two are not the same" in other.content.decode()
    assert client.post(reverse("pin_edit"), form | {"password": PASSWORD}).status_code == 302
    assert has_pin(vic)
    assert "You have a PIN" in client.get(reverse("my_contacts")).content.decode()
    assert "7391" not in wrong.content.decode(), "A refused form shows no PIN again."


def test_a_second_factor_just_shown_will_do() -> None:
    vic = make_person("Vic")
    client = as_(vic)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": clock.now().timestamp()}]
    session.save()
    assert client.post(reverse("pin_edit"), {"pin": "7391", "again": "7391"}).status_code == 302
    assert Entry.objects.get(verb="person.pin_set").payload["proof"] == "second_factor"


def test_five_wrong_passwords_end_the_guessing() -> None:
    vic = make_person("Vic")
    client = as_(vic)
    form = {"pin": "7391", "again": "7391"}
    for _ in range(5):
        client.post(reverse("pin_edit"), form | {"password": "not it"})
    late = client.post(reverse("pin_edit"), form | {"password": PASSWORD})
    assert "Too many wrong passwords" in late.content.decode()
    assert not has_pin(vic)


def test_it_is_cleared_by_its_owner_with_the_password_or_by_an_administrator() -> None:
    vic, alma = make_person("Vic"), make_person("Alma")
    given(vic)
    client = as_(vic)
    assert client.post(reverse("pin_clear"), {}).status_code == 422
    assert has_pin(vic)
    assert client.post(reverse("pin_clear"), {"password": PASSWORD}).status_code == 302
    assert not has_pin(vic)
    given(vic)
    address = reverse("person_pin_clear", args=[vic.pk])
    assert address in as_(alma).get(reverse("person", args=[vic.pk])).content.decode()
    assert client.post(address).status_code == 403
    assert PhonePin.objects.exists()
    as_(alma).post(address)
    assert not PhonePin.objects.exists()
    assert alma.role == Role.ADMINISTRATOR
