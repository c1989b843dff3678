"""Call the API as somebody, with a token of theirs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ledger.actor import Actor
from people.models import Person
from people.operations.issue_token import issue_token
from tests.builders import NOW

BASE = "/api/v1"


@dataclass
class Caller:
    """A person's program: it holds their token and nothing else."""

    token: str = ""

    def call(self, method: str, path: str, body: Any = None, *, key: str = "") -> Any:
        """Return the answer; a body that is text is sent as it is."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if key:
            headers["Idempotency-Key"] = key
        data = body if isinstance(body, str | bytes) else "" if body is None else json.dumps(body)
        client = Client(raise_request_exception=False)
        return client.generic(method, BASE + path, data, "application/json", headers=headers)

    def get(self, path: str, *, status: int = 200) -> Any:
        """Return the JSON of a GET that is answered with `status`."""
        return _content(self.call("GET", path), status)

    def post(self, path: str, body: Any = None, *, key: str = "", status: int = 200) -> Any:
        """Return the JSON of a POST that is answered with `status`."""
        return _content(self.call("POST", path, body, key=key), status)

    def items(self, path: str) -> list[Any]:
        """Return the items of the first part of a list."""
        return list(self.get(path)["items"])

    def queries(self, path: str) -> int:
        """Return how many queries a GET takes."""
        with CaptureQueriesContext(connection) as queries:
            self.get(path)
        return len(queries)


def _content(response: Any, status: int) -> Any:
    assert response.status_code == status, response.content.decode()
    if status >= 400:
        assert response["Content-Type"] == "application/problem+json"
        assert {"title", "detail", "errors"} <= response.json().keys()
    return response.json()


def calling_as(person: Person) -> Caller:
    """Give somebody a token and return their program."""
    with transaction.atomic():
        return Caller(issue_token(person=person, name="Test", by=Actor.system(), now=NOW)[1])
