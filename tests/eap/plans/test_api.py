"""Plans through the API: a draft comes in, a second person publishes it."""

from __future__ import annotations

import pytest

from eap.models import Plan
from tests.api.calling import calling_as
from tests.builders import make_person
from tests.eap.format.texts import plan_text
from tests.eap.plans.builders import make_published

pytestmark = pytest.mark.django_db


def test_a_plan_goes_from_a_text_to_use_by_two_people() -> None:
    otto, vera = calling_as(make_person("Otto")), calling_as(make_person("Vera"))
    draft = otto.post("/plans", {"text": plan_text(), "notes": "First"}, status=201)
    assert (draft["plan"], draft["number"], draft["state"], draft["problems"]) == ("restore-web", 1, "draft", [])
    path = "/plans/restore-web/versions/1"
    assert otto.post(f"{path}/submit", {})["state"] == "in_review"
    otto.post(f"{path}/publish", {"digest": draft["digest"]}, status=403)
    vera.post(f"{path}/publish", {"digest": "0" * 64}, status=409)
    assert vera.post(f"{path}/publish", {"digest": draft["digest"]})["state"] == "published"
    plan = otto.get("/plans/restore-web")
    published = {"id": draft["id"], "number": 1, "state": "published", "digest": draft["digest"]}
    assert plan["version"] == published
    assert otto.get(f"/plans/{plan['id']}") == plan
    assert [each["key"] for each in otto.get("/plans")["items"]] == ["restore-web"]
    assert otto.get(path)["text"] == plan_text()


def test_a_text_with_errors_is_taken_as_a_draft_and_told_what_is_wrong() -> None:
    otto = calling_as(make_person("Otto"))
    draft = otto.post("/plans", {"text": plan_text().replace("role: ops", "role: opps")}, status=201)
    (problem,) = draft["problems"]
    assert (problem["line"], problem["column"], problem["level"]) == (22, 11, "error")
    refused = otto.post("/plans/restore-web/versions/1/submit", {}, status=409)
    assert "No role is called" in refused["detail"]
    otto.post("/plans", {"text": "title: x"}, status=422)
    otto.post("/plans", {"text": "x" * 1_000_001}, status=422)


def test_a_version_is_sent_back_with_a_reason() -> None:
    otto, vera = calling_as(make_person("Otto")), calling_as(make_person("Vera"))
    otto.post("/plans", {"text": plan_text()}, status=201)
    otto.post("/plans/restore-web/versions/1/submit", {})
    vera.post("/plans/restore-web/versions/1/reject", {"reason": ""}, status=422)
    assert vera.post("/plans/restore-web/versions/1/reject", {"reason": "Who calls?"})["state"] == "rejected"
    assert otto.post("/plans", {"text": plan_text()}, status=201)["number"] == 2
    assert [each["number"] for each in otto.get("/plans/restore-web/versions")["items"]] == [2, 1]


def test_what_does_not_exist_is_told_so() -> None:
    version, otto = make_published(), calling_as(make_person("Otto"))
    for path in ("/plans/nothing", f"/plans/{version.pk}", "/plans/restore-web/versions/9"):
        otto.get(path, status=404)
    otto.get("/plans/restore-web/versions/0", status=422)
    assert Plan.objects.count() == 1
