"""Accounts come, change and go: each move in the ledger, and never without an administrator."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, transaction

from ledger.actor import Actor
from ledger.queries import entries
from people.models import ApiToken, Override, Person, Role
from people.operations.add_person import add_person
from people.operations.change_person import change_person, deactivate_person, reactivate_person
from people.operations.issue_token import issue_token, revoke_token
from people.operations.override_schedule import add_override, remove_override
from people.operations.recording import PEOPLE, SCHEDULES
from people.operations.set_password import set_password
from people.queries import on_call_by_schedule, on_call_people, person_of_token
from tests.builders import NOW, by, make_person, make_schedule
from web.errors import BadInput, IllegalMove, NotFound, Refusal

pytestmark = pytest.mark.django_db

NOBODY = "00000000-0000-0000-0000-000000000000"


def told(subject: str = PEOPLE) -> list[str]:
    return [entry.verb for entry in entries(subject)]


@pytest.fixture
def alma() -> Person:
    return make_person("Alma")


class TestAdd:
    def test_the_address_counts_as_verified_because_an_administrator_vouches(self, alma: Person) -> None:
        sue = add_person(email=" Sue@Harbor.example ", name=" Sue Adler ", by=by(alma), now=NOW, title="Support")
        assert (sue.email, sue.name, sue.role) == ("sue@harbor.example", "Sue Adler", Role.RESPONDER)
        assert not sue.has_usable_password()
        address = EmailAddress.objects.get(user=sue)
        assert (address.email, address.verified, address.primary) == ("sue@harbor.example", True, True)
        (entry,) = entries(PEOPLE)
        assert (entry.verb, entry.actor_name, entry.payload["name"]) == ("person.added", "Alma", "Sue Adler")

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"email": "sue"}, "email"),
            ({"email": "TAKEN@harbor.example"}, "email"),
            ({"name": "  "}, "name"),
            ({"name": "S" * 101}, "name"),
            ({"role": "king"}, "role"),
            ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ],
    )
    def test_what_can_not_be_is_refused_by_its_field(self, wrong: dict[str, str], field: str) -> None:
        Person.objects.create_user("taken@harbor.example", name="Taken")
        given: dict[str, Any] = {"email": "sue@harbor.example", "name": "Sue", **wrong}
        with pytest.raises(BadInput) as refused:
            add_person(**given, by=Actor.system(), now=NOW)
        assert list(refused.value.errors) == [field]
        assert (Person.objects.count(), told()) == (1, [])


class TestChange:
    def test_only_what_is_different_is_changed_and_told(self, alma: Person) -> None:
        sue = make_person("Sue")
        change_person(person_id=sue.pk, name="Sue", title=" Head of Support ", by=by(alma), now=NOW)
        sue.refresh_from_db()
        assert sue.title == "Head of Support"
        (entry,) = entries(PEOPLE)
        assert (entry.payload["from"], entry.payload["to"]) == ({"title": "Support"}, {"title": "Head of Support"})

    def test_the_same_again_is_not_told(self, alma: Person) -> None:
        change_person(person_id=alma.pk, name="Alma", role=Role.ADMINISTRATOR, by=by(alma), now=NOW)
        assert told() == []

    def test_nobody_is_not_found(self) -> None:
        for move in (change_person, deactivate_person, reactivate_person):
            with pytest.raises(NotFound):
                move(person_id=NOBODY, by=Actor.system(), now=NOW)

    def test_a_wrong_value_changes_nothing(self, alma: Person) -> None:
        with pytest.raises(BadInput) as refused:
            change_person(person_id=alma.pk, name="", title="New", by=by(alma), now=NOW)
        alma.refresh_from_db()
        assert ("name" in refused.value.errors, alma.title, told()) == (True, "Administrator", [])


class TestLeave:
    def test_who_leaves_opens_nothing_any_more_and_can_come_back_without_the_old_tokens(self, alma: Person) -> None:
        otto = make_person("Otto")
        _, secret = issue_token(person=otto, name="cron", by=by(otto), now=NOW)
        schedule = make_schedule("Hosting", otto)
        deactivate_person(person_id=otto.pk, by=by(alma), now=NOW)
        deactivate_person(person_id=otto.pk, by=by(alma), now=NOW)
        assert (person_of_token(secret), on_call_people(schedule.pk, NOW)) == (None, [])
        reactivate_person(person_id=otto.pk, by=by(alma), now=NOW)
        assert (person_of_token(secret), on_call_people(schedule.pk, NOW)) == (None, [otto])
        assert told() == ["token.issued", "person.deactivated", "person.reactivated"]
        assert entries(PEOPLE)[1].payload["tokens_revoked"] == 1

    def test_the_last_administrator_stays(self, alma: Person) -> None:
        make_person("Gone", role=Role.ADMINISTRATOR, active=False)
        with pytest.raises(IllegalMove, match="last administrator"):
            deactivate_person(person_id=alma.pk, by=by(alma), now=NOW)
        with pytest.raises(IllegalMove, match="last administrator"):
            change_person(person_id=alma.pk, role=Role.OBSERVER, by=by(alma), now=NOW)
        assert list(Person.objects.administrators()) == [alma]
        second = make_person("Second", role=Role.ADMINISTRATOR)
        deactivate_person(person_id=alma.pk, by=by(alma), now=NOW)
        assert list(Person.objects.administrators()) == [second]


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_remove_each_other_at_once_leave_one() -> None:
    pair = [make_person("Alma"), make_person("Alba", role=Role.ADMINISTRATOR)]
    start = threading.Barrier(2)
    refused: list[IllegalMove] = []

    def remove(victim: Person, remover: Person) -> None:
        try:
            with transaction.atomic():
                start.wait(5)
                deactivate_person(person_id=victim.pk, by=by(remover), now=NOW)
        except IllegalMove as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=(pair[i], pair[1 - i])) for i in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert Person.objects.administrators().count() == 1
    assert len(refused) == 1


class TestTokens:
    def test_only_the_digest_is_kept_and_a_revoked_one_opens_nothing(self, alma: Person) -> None:
        token, secret = issue_token(person=alma, name="  ", by=by(alma), now=NOW)
        assert (token.name, secret.startswith("muster_")) == ("API", True)
        assert secret not in str(list(ApiToken.objects.values()))
        assert person_of_token(secret) == alma
        revoke_token(token_id=token.pk, by=by(alma), now=NOW)
        revoke_token(token_id=token.pk, by=by(alma), now=NOW + timedelta(hours=1))
        assert person_of_token(secret) is None
        assert ApiToken.objects.get().revoked_at == NOW
        assert told() == ["token.issued", "token.revoked"]

    def test_one_that_is_not_there(self) -> None:
        with pytest.raises(NotFound):
            revoke_token(token_id=4711, by=Actor.system(), now=NOW)


def test_a_weak_password_is_refused_and_the_old_one_stays(alma: Person) -> None:
    set_password(person_id=alma.pk, password="lantern-of-the-pier", by=Actor.system(), now=NOW)
    for weak in ("short", "password1234", alma.email):
        with pytest.raises(BadInput):
            set_password(person_id=alma.pk, password=weak, by=Actor.system(), now=NOW)
    alma.refresh_from_db()
    assert alma.check_password("lantern-of-the-pier")
    assert told() == ["person.password_set"]


class TestOverrides:
    HOUR = timedelta(hours=1)

    @pytest.fixture
    def night(self) -> dict[str, Any]:
        self.otto, self.olga = make_person("Otto"), make_person("Olga")
        self.schedule = make_schedule("Hosting", self.otto)
        return {"schedule_id": self.schedule.pk, "by": by(self.olga), "now": NOW}

    def test_who_takes_the_duty_has_it_to_the_minute_and_gives_it_back(self, night: dict[str, Any]) -> None:
        override = add_override(person=self.olga, starts_at=NOW, ends_at=NOW + self.HOUR, **night)
        assert on_call_people(self.schedule.pk, NOW) == [self.olga]
        assert on_call_people(self.schedule.pk, NOW + self.HOUR) == [self.otto]
        remove_override(override_id=override.pk, by=by(self.olga), now=NOW)
        assert on_call_people(self.schedule.pk, NOW) == [self.otto]
        assert told(SCHEDULES) == ["override.added", "override.removed"]
        with pytest.raises(NotFound):
            remove_override(override_id=override.pk, by=by(self.olga), now=NOW)

    @pytest.mark.parametrize(
        ("starts", "ends", "refusal"),
        [
            (0, 0, BadInput),
            (1, 0, BadInput),
            (-2, -1, BadInput),
            (-1, 0.5, IllegalMove),
            (0.25, 0.5, IllegalMove),
            (0.5, 2, IllegalMove),
            (-1, 2, IllegalMove),
        ],
    )
    def test_times_that_can_not_be(
        self, night: dict[str, Any], starts: float, ends: float, refusal: type[Refusal]
    ) -> None:
        add_override(person=self.olga, starts_at=NOW, ends_at=NOW + self.HOUR, **night)
        with pytest.raises(refusal):
            add_override(person=self.otto, starts_at=NOW + starts * self.HOUR, ends_at=NOW + ends * self.HOUR, **night)
        assert Override.objects.get().person == self.olga

    def test_one_may_begin_where_another_ends(self, night: dict[str, Any]) -> None:
        add_override(person=self.olga, starts_at=NOW, ends_at=NOW + self.HOUR, **night)
        add_override(person=self.otto, starts_at=NOW + self.HOUR, ends_at=NOW + 2 * self.HOUR, **night)
        assert Override.objects.count() == 2


def test_the_override_of_somebody_who_left_leaves_the_duty_to_the_rotation() -> None:
    otto, olga = make_person("Otto"), make_person("Olga")
    schedule = make_schedule("Hosting", otto)
    Override.objects.create(
        schedule=schedule, person=olga, starts_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(hours=1)
    )
    assert on_call_people(schedule.pk, NOW) == [olga]
    Person.objects.filter(pk=olga.pk).update(is_active=False)
    assert on_call_people(schedule.pk, NOW) == [otto]
    assert [people for _schedule, people in on_call_by_schedule(NOW)] == [[otto]]
