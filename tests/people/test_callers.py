"""API tokens: whose they are, and who is nobody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from people.callers import caller_of_digest
from people.models import ApiToken, Person
from people.models.token import digest_of, new_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Person:
    return Person.objects.create_user("ada@harbor.example", None, name="Ada")


@pytest.fixture
def token(ada: Person) -> str:
    text = new_token()
    ApiToken.objects.create(person=ada, name="laptop", digest=digest_of(text))
    return text


def test_a_token_is_its_persons(ada: Person, token: str) -> None:
    caller = caller_of_digest(digest_of(token))
    assert caller is not None
    assert (caller.person, caller.token_name, caller.via) == (ada, "laptop", "api")
    assert ApiToken.objects.get().last_used_on == datetime.now(tz=UTC).date()


def test_unknown_revoked_and_left_are_nobody(ada: Person, token: str) -> None:
    assert caller_of_digest(digest_of("muster_made-up")) is None
    ApiToken.objects.update(revoked_at=datetime.now(tz=UTC))
    assert caller_of_digest(digest_of(token)) is None
    ApiToken.objects.update(revoked_at=None)
    Person.objects.update(is_active=False)
    assert caller_of_digest(digest_of(token)) is None


def test_the_api_says_who_is_missing(client: Client) -> None:
    answer = client.get("/api/v1/nowhere", headers={"Authorization": "Bearer made-up"})
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
