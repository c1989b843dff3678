"""The commands with which an administrator on the server begins, asks and helps."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory
from django.urls import reverse

from ledger.queries import entries
from people.models import ApiToken, Override, Person, Role
from people.operations.recording import PEOPLE
from people.queries import person_of_token
from tests.builders import NOW, make_person, make_schedule

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    """Run a command and return what it prints."""
    out = io.StringIO()
    call_command(*words, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def signs_in(email: str, password: str) -> bool:
    return authenticate(RequestFactory().post("/"), username=email, password=password) is not None


@pytest.fixture(autouse=True)
def _no_password_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PASSWORD", raising=False)


def verbs() -> list[str]:
    return [entry.verb for entry in entries(PEOPLE)]


class TestCreateAdmin:
    def test_the_first_one_signs_in_with_the_password_that_is_printed_once(self) -> None:
        out = run("create_admin", "Alma@Harbor.example", "Alma Holt", "--title", "Administrator")
        found = re.search(r"^Password: (\S+)$", out, re.MULTILINE)
        assert found is not None
        alma = Person.objects.get()
        assert (alma.email, alma.name, alma.role) == ("alma@harbor.example", "Alma Holt", Role.ADMINISTRATOR)
        assert signs_in("alma@harbor.example", found[1])
        assert verbs() == ["person.added", "person.password_set"]
        assert found[1] not in str([entry.payload for entry in entries(PEOPLE)])

    def test_a_second_run_changes_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PASSWORD", "lantern-of-the-pier")
        assert "Password:" not in run("create_admin", "alma@harbor.example", "Alma Holt")
        monkeypatch.setenv("PASSWORD", "another-long-password")
        assert run("create_admin", "alma@harbor.example", "Somebody Else") == "Alma Holt is already an administrator.\n"
        assert signs_in("alma@harbor.example", "lantern-of-the-pier")
        assert verbs() == ["person.added", "person.password_set"]

    def test_somebody_who_is_there_is_promoted_and_taken_back_and_keeps_the_password(self) -> None:
        sue = make_person("Sue", active=False)
        sue.set_password("the-one-sue-has")
        sue.save()
        assert run("create_admin", sue.email, "Sue") == "Sue is now an administrator.\n"
        sue.refresh_from_db()
        assert (sue.role, sue.is_active) == (Role.ADMINISTRATOR, True)
        assert signs_in(sue.email, "the-one-sue-has")
        assert verbs() == ["person.reactivated", "person.changed"]

    def test_a_lost_password_is_replaced(self, monkeypatch: pytest.MonkeyPatch) -> None:
        alma = make_person("Alma")
        monkeypatch.setattr("sys.stdin", io.StringIO("a-new-and-long-one\n"))
        run("create_admin", alma.email, "Alma", "--new-password", "--password-stdin")
        assert signs_in(alma.email, "a-new-and-long-one")

    @pytest.mark.parametrize(
        ("email", "name", "password", "sentence"),
        [
            ("alma", "Alma", "lantern-of-the-pier", "Enter an e-mail address"),
            ("alma@harbor.example", " ", "lantern-of-the-pier", "Give the name"),
            ("alma@harbor.example", "Alma", "short", "too short"),
        ],
    )
    def test_what_can_not_be_used_leaves_nobody_behind(
        self, email: str, name: str, password: str, sentence: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PASSWORD", password)
        with pytest.raises(CommandError, match=sentence):
            run("create_admin", email, name)
        assert not Person.objects.exists()

    def test_an_empty_standard_input_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(""))
        with pytest.raises(CommandError, match="Nothing was read"):
            run("create_admin", "alma@harbor.example", "Alma", "--password-stdin")


class TestIssueToken:
    def test_standard_output_is_the_token_alone(self) -> None:
        otto = make_person("Otto")
        token = run("issue_token", otto.email.upper(), "--name", "cron").strip()
        assert person_of_token(token) == otto
        kept = ApiToken.objects.get()
        assert kept.name == "cron"
        assert token not in str([entry.payload for entry in entries(PEOPLE)])

    def test_nobody_and_people_who_left_get_none(self) -> None:
        gone = make_person("Sam", active=False)
        for email in (gone.email, "nobody@harbor.example"):
            with pytest.raises(CommandError, match="has an account"):
                run("issue_token", email)
        assert not ApiToken.objects.exists()


class TestUnlock:
    @pytest.fixture
    def locked_out(self) -> tuple[Person, Client]:
        alma = make_person("Alma")
        alma.set_password("the-right-password")
        alma.save()
        client = Client()
        for _ in range(5):
            client.post(reverse("account_login"), {"login": alma.email, "password": "wrong"})
        return alma, client

    def test_somebody_locked_out_signs_in_again(self, locked_out: tuple[Person, Client]) -> None:
        alma, client = locked_out
        right = {"login": alma.email, "password": "the-right-password"}
        assert client.post(reverse("account_login"), right).status_code == 429
        assert "may try again" in run("unlock", alma.email.upper())
        assert client.post(reverse("account_login"), right).status_code == 302

    def test_somebody_else_stays_locked_out(self, locked_out: tuple[Person, Client]) -> None:
        alma, client = locked_out
        assert run("unlock", "other@harbor.example") == "other@harbor.example was not locked out.\n"
        right = {"login": alma.email, "password": "the-right-password"}
        assert client.post(reverse("account_login"), right).status_code == 429


class TestWhoIsOnCall:
    def test_a_line_for_each_schedule_with_the_end_of_the_shift_in_its_own_zone(self) -> None:
        otto, olga, sue = make_person("Otto"), make_person("Olga"), make_person("Sue")
        network = make_schedule("Network", otto, olga)
        network.time_zone = "Europe/Stockholm"
        network.save()
        make_schedule("Empty")
        support = make_schedule("Support", olga)
        Override.objects.create(
            schedule=support, person=sue, starts_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(hours=2)
        )
        assert run("who_is_on_call", "--at", "2026-11-22T03:00Z").splitlines() == [
            "SCHEDULE  ON CALL  UNTIL",
            "Empty     nobody",
            "Network   Otto     2026-11-23 09:00 Europe/Stockholm",
            "Support   Sue      2026-11-22 05:00 UTC",
        ]
        later = run("who_is_on_call", "--at", "2026-11-23T10:00+01:00", "--schedule", "Network")
        assert later.splitlines()[1].split()[:2] == ["Network", "Olga"]

    def test_now_is_the_database_s_now(self) -> None:
        make_schedule("Network", make_person("Otto"))
        assert "Otto" in run("who_is_on_call")

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (["--at", "tomorrow"], "--at is a time"),
            (["--at", "2026-11-22T03:00"], "needs an offset"),
            (["--schedule", "Fax"], "There are: Network"),
        ],
    )
    def test_what_can_not_be_used_is_refused_with_a_sentence(self, words: list[str], sentence: str) -> None:
        make_schedule("Network", make_person("Otto"))
        with pytest.raises(CommandError, match=sentence):
            run("who_is_on_call", *words)
