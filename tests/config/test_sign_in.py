"""Signing in, and who gets locked out by whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from axes.models import AccessAttempt
from cryptography.fernet import Fernet
from django.conf import settings as live_settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from config.housekeeping import tidy
from engine.duties import Tick
from people.models import Person
from web.secrets import decrypt

PASSWORD = "a harbour at night"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_tries_yet() -> None:
    cache.clear()


@pytest.fixture
def ada() -> Person:
    return Person.objects.create_user("ada@harbor.example", PASSWORD, name="Ada", title="CEO")


def sign_in(password: str, *, email: str = "ada@harbor.example", address: str = "192.0.2.7") -> Any:
    return Client(REMOTE_ADDR=address).post("/accounts/login/", {"login": email, "password": password})


def test_the_right_password_signs_in_whatever_the_case_of_the_address(ada: Person) -> None:
    answer = sign_in(PASSWORD, email="ADA@Harbor.example")
    assert (answer.status_code, answer["Location"]) == (302, live_settings.LOGIN_REDIRECT_URL)


def test_five_wrong_tries_lock_that_address_and_no_other(ada: Person) -> None:
    answers = [sign_in("wrong", address="198.51.100.9") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    assert "5 minutes" in answers[-1].content.decode()
    assert answers[-1]["Retry-After"] == "300"
    assert sign_in(PASSWORD, address="198.51.100.9").status_code == 429, "the right password too"
    assert sign_in(PASSWORD, address="192.0.2.7").status_code == 302, "Ada, from her own place"


def test_another_spelling_of_the_e_mail_is_the_same_person(ada: Person) -> None:
    for _ in range(5):
        sign_in("wrong", email=" ADA@harbor.example")
    assert sign_in(PASSWORD).status_code == 429


def test_another_address_of_the_same_ipv6_network_is_the_same_place(ada: Person) -> None:
    for number in range(5):
        sign_in("wrong", address=f"2001:db8:1:2::{number}")
    assert sign_in(PASSWORD, address="2001:db8:1:2:ffff::1").status_code == 429
    assert sign_in(PASSWORD, address="2001:db8:1:3::1").status_code == 302


def test_a_client_can_not_choose_its_address(ada: Person) -> None:
    for number in range(5):
        Client(REMOTE_ADDR="198.51.100.9").post(
            "/accounts/login/",
            {"login": ada.email, "password": "wrong"},
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        )
    assert sign_in(PASSWORD, address="198.51.100.9").status_code == 429


def test_the_lock_ends_by_itself(ada: Person, time_machine: Any) -> None:
    for _ in range(5):
        sign_in("wrong")
    assert sign_in(PASSWORD).status_code == 429
    time_machine.move_to(datetime.now(tz=UTC) + timedelta(seconds=301))
    assert sign_in(PASSWORD).status_code == 302


def test_nobody_makes_themselves_an_account(client: Client) -> None:
    answer = client.post(
        "/accounts/signup/", {"email": "sam@stranger.example", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert answer.status_code == 200
    assert not Person.objects.exists()


def test_the_sign_in_page_offers_a_passkey_and_keeps_the_policy(client: Client) -> None:
    answer = client.get("/accounts/login/")
    assert answer.status_code == 200
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in [directive.strip() for directive in policy.split(";")]
    assert "unsafe" not in policy
    assert "passkey" in answer.content.decode()


def test_the_secret_of_an_authenticator_is_encrypted_at_rest(ada: Person) -> None:
    secret = generate_totp_secret()
    stored = TOTP.activate(ada, secret).instance.data["secret"]
    assert secret not in stored
    assert decrypt(stored) == secret == get_adapter().decrypt(stored)


def test_second_factors_survive_a_change_of_keys(ada: Person, settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.SECRETS_KEYS = [old]
    secret = generate_totp_secret()
    TOTP.activate(ada, secret)
    codes = RecoveryCodes.activate(ada).generate_codes()
    settings.SECRETS_KEYS = [new, old]
    call_command("rotate_secrets", stdout=StringIO())
    settings.SECRETS_KEYS = [new]
    totp, recovery = Authenticator.objects.order_by("pk")
    assert decrypt(totp.data["secret"]) == secret
    assert RecoveryCodes(recovery).generate_codes() == codes


def test_old_tries_and_sessions_are_tidied_away(ada: Person, client: Client) -> None:
    sign_in("wrong")
    client.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    later = datetime.now(tz=UTC) + timedelta(days=60)
    assert tidy(Tick(now=datetime.now(tz=UTC), deadline=float("inf"))) == 0
    assert tidy(Tick(now=later, deadline=float("inf"))) >= 2
    assert not Session.objects.exists()
    assert not AccessAttempt.objects.exists()
