"""The API's description, word for word: what programs were written against doesn't change by accident."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client

from config.api import api
from tests.api.calling import BASE

SNAPSHOT = Path(__file__).with_name("openapi.json")


def described() -> str:
    said = json.loads(json.dumps(api.get_openapi_schema(path_prefix=f"{BASE}/")))
    return json.dumps(said, indent=1, sort_keys=True) + "\n"


def test_the_description_is_the_one_that_was_agreed(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-openapi", default=False):
        SNAPSHOT.write_text(described(), encoding="utf-8")
    agreed = SNAPSHOT.read_text(encoding="utf-8")
    assert described() == agreed, "Look at the difference, then run: bin/test tests/api --update-openapi"


def test_what_is_described_is_served_to_anybody() -> None:
    assert Client().get(f"{BASE}/openapi.json").json() == json.loads(described())


@pytest.mark.django_db
def test_the_reference_names_every_call_and_what_an_optional_body_holds() -> None:
    page = Client().get(f"{BASE}/docs").content.decode()
    for call in api.get_openapi_schema(path_prefix=f"{BASE}/")["paths"].values():
        for said in call.values():
            assert f'id="{said["operationId"]}"' in page
    assert "reason" in page.partition('id="notifications_decline_page"')[2].partition("<article")[0]
