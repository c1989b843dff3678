"""The API's reference: a page of ours without any script of somebody else's."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from web.api.reference import chapters

pytestmark = pytest.mark.urls("tests.web_plumbing.test_transactions")


def test_the_reference_is_one_page_that_keeps_the_policy(client: Client) -> None:
    answer = client.get("/api/test/docs")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "POST /api/test/things" in page
    assert "Idempotency-Key" in page
    assert "://cdn" not in page
    assert "<script>" not in page
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_fields_are_read_through_references() -> None:
    description = {
        "paths": {
            "/x": {
                "post": {
                    "operationId": "x",
                    "summary": "Make",
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/XIn"}}}},
                    "responses": {
                        201: {
                            "content": {
                                "application/json": {
                                    "schema": {"type": "array", "items": {"$ref": "#/components/schemas/XIn"}}
                                }
                            }
                        }
                    },
                }
            }
        },
        "components": {
            "schemas": {
                "XIn": {
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string"},
                        "at": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
                        "kind": {"enum": ["a", "b"]},
                    },
                }
            }
        },
    }
    (chapter,) = chapters(description)
    (call,) = chapter.calls
    assert [(each.name, each.kind, each.required) for each in call.body] == [
        ("name", "string", True),
        ("at", "date-time or null", False),
        ("kind", "a | b", False),
    ]
    assert call.answers[0][:2] == ("201", "list of XIn")


def test_the_description_is_open_to_machines(client: Client) -> None:
    answer = client.get(reverse("api:openapi-json"))
    assert answer.json()["info"]["title"] == "Things"
