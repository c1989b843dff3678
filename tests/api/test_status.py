"""The status page by the API: from a draft to what customers read, and every refusal in a sentence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from engine import clock
from incidents.models import Service
from statuspage.models import Component, Mailing, MetricPoint, PublicIncident, Server, StatusPage
from tests.api.calling import Caller, calling_as
from tests.builders import make_person
from tests.incidents.builders import make_incident, make_service
from tests.statuspage.builders import make_component, make_group, make_maintenance, make_page, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> StatusPage:
    return make_page(languages=["de"])


@pytest.fixture
def mail(page: StatusPage) -> Component:
    return make_component(page, "Mail")


@pytest.fixture
def cam() -> Caller:
    return calling_as(make_person("Cam"))


@pytest.fixture
def ada() -> Caller:
    return calling_as(make_person("Ada"))


@pytest.fixture
def alma() -> Caller:
    return calling_as(make_person("Alma"))


def patch(caller: Caller, path: str, body: Any, *, status: int = 200) -> Any:
    response = caller.call("PATCH", path, body)
    assert response.status_code == status, response.content.decode()
    return response.json()


def remove(caller: Caller, path: str) -> Any:
    response = caller.call("DELETE", path)
    assert response.status_code == 200, response.content.decode()
    return response.json()


def test_from_a_draft_to_what_customers_read(page: StatusPage, mail: Component, cam: Caller, ada: Caller) -> None:
    Server.objects.create(page=page, name="mx-1")
    public = cam.post(
        "/status/incidents",
        {
            "name": "Mail is late",
            "text": "Mail arrives late.",
            "texts": {"de": "E-Mail kommt verspätet an."},
            "components": {mail.pk: "degraded_performance"},
            "servers": ["mx-1"],
        },
        status=201,
    )
    assert (public["published_at"], public["servers"], public["status"]) == (None, ["mx-1"], "investigating")
    update = cam.get(f"/status/updates/{public['updates'][0]['id']}")
    assert update["texts"] == {"en": "Mail arrives late.", "de": "E-Mail kommt verspätet an."}
    assert update["drafted_by"]["name"] == "Cam"
    path = f"/status/updates/{update['id']}"
    assert "another person" in cam.post(f"{path}/approve", {"digest": update["digest"]}, status=409)["detail"]
    approved = ada.post(f"{path}/approve", {"digest": update["digest"]})
    assert (approved["state"], approved["approved_by"]["name"]) == ("approved", "Ada")
    published = ada.post(f"{path}/publish")
    assert (published["state"], published["digest"]) == ("published", "")
    assert published["components"] == [
        {"id": mail.pk, "name": "Mail", "old_status": "operational", "new_status": "degraded_performance"}
    ]
    assert cam.get(f"/status/components/{mail.pk}")["status"] == "degraded_performance"
    (told,) = cam.items("/status/incidents?status=open")
    assert (told["impact"], told["components"][0]["status"]) == ("minor", "degraded_performance")
    assert Mailing.objects.count() == 1
    further = {"stage": "resolved", "text": "Mail is on time again."}
    more = cam.post(f"/status/incidents/{public['id']}/updates", further, status=201)
    ada.post(f"/status/updates/{more['id']}/approve", {"digest": more["digest"]})
    ada.post(f"/status/updates/{more['id']}/publish")
    assert cam.items("/status/incidents?status=open") == []
    assert cam.get(f"/status/incidents/{public['id']}")["components"][0]["recovered_at"]


def test_an_edit_makes_another_digest_and_voids_the_approval(mail: Component, cam: Caller, ada: Caller) -> None:
    given = {"name": "Mail is late", "text": "Mail is late.", "components": {mail.pk: "partial_outage"}}
    public = cam.post("/status/incidents", given, status=201)
    path = f"/status/updates/{public['updates'][0]['id']}"
    read = ada.get(path)["digest"]
    promise = (clock.now() + timedelta(minutes=30)).isoformat()
    edited = patch(cam, path, {"text": "Mail is lost.", "next_update_at": promise, "name": "Mail is lost"})
    assert (edited["texts"], edited["digest"] != read) == ({"en": "Mail is lost."}, True)
    assert "changed since" in ada.post(f"{path}/approve", {"digest": read}, status=409)["detail"]
    ada.post(f"{path}/approve", {"digest": edited["digest"]})
    back = patch(cam, path, {"next_update_at": None})
    assert (back["state"], back["next_update_at"], back["components"][0]["new_status"]) == (
        "draft",
        None,
        "partial_outage",
    )
    assert "second person" in ada.post(f"{path}/publish", status=409)["detail"]
    assert remove(cam, path)["state"] == "discarded"
    assert cam.get(f"/status/incidents/{public['id']}")["discarded_at"]
    assert cam.items("/status/incidents?status=draft") == []


def test_in_an_emergency_one_publishes_alone(mail: Component, ada: Caller) -> None:
    public = ada.post("/status/incidents", {"name": "All is dark", "text": "Power is lost."}, status=201)
    path = f"/status/updates/{public['updates'][0]['id']}/publish"
    assert "Open an emergency override" in ada.post(path, {"override_reason": "Alone"}, status=409)["detail"]
    opened = ada.post("/status/overrides", {"reason": "Nobody answers", "minutes": 20}, status=201)
    assert opened["person"]["name"] == "Ada"
    ada.post(path, status=409)
    assert ada.post(path, {"override_reason": "Nobody answers"})["override_reason"] == "Nobody answers"
    too_long = ada.post("/status/overrides", {"reason": "Always", "minutes": 600}, status=422)
    assert list(too_long["errors"]) == ["minutes"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "", "text": "x"}, "name"),
        ({"name": "x"}, "texts"),
        ({"name": "x", "texts": {"de": "nur deutsch"}}, "texts"),
        ({"name": "x", "text": "x", "texts": {"fr": "x"}}, "texts"),
        ({"name": "x", "text": "x", "names": {"xx": "x"}}, "names"),
        ({"name": "x", "text": "x", "components": {"nonsense": "operational"}}, "components"),
        ({"name": "x", "text": "x", "servers": ["no-such"]}, "servers"),
        ({"name": "x", "text": "x", "next_update_at": "2020-01-01T00:00:00Z"}, "next_update_at"),
        ({"name": "x", "text": "x", "started_at": "2046-01-01T00:00:00Z"}, "started_at"),
        ({"name": "x", "text": "x", "page": "elsewhere"}, "page"),
    ],
)
def test_what_can_not_be_said_is_refused_by_field(
    page: StatusPage, cam: Caller, given: dict[str, Any], field: str
) -> None:
    assert list(cam.post("/status/incidents", given, status=422)["errors"]) == [field]
    assert not PublicIncident.objects.exists()


def test_nothing_of_a_private_incident_gets_out_and_strangers_see_no_draft(page: StatusPage) -> None:
    cam, ada = make_person("Cam"), make_person("Ada")
    secret = make_incident("Break-in at db-3", severity=2, private=True, declared_by=cam, now=clock.now())
    caller, stranger = calling_as(cam), calling_as(make_person("Max"))
    given = {"name": "Maintenance of accounts", "text": "We work on it.", "incident": str(secret.number)}
    public = caller.post("/status/incidents", given, status=201)
    assert public["incident_id"] == str(secret.pk)
    assert public["started_at"] > secret.opened_at.isoformat()
    assert "Break-in" not in str(caller.get(f"/status/incidents/{public['id']}"))
    update = public["updates"][0]["id"]
    for path in (f"/status/incidents/{public['id']}", f"/status/updates/{update}"):
        stranger.get(path, status=404)
    assert stranger.items("/status/incidents") == []
    assert stranger.post("/status/incidents", given, status=404)
    digest = caller.get(f"/status/updates/{update}")["digest"]
    leader = calling_as(ada)
    leader.post(f"/status/updates/{update}/approve", {"digest": digest})
    leader.post(f"/status/updates/{update}/publish")
    (seen,) = stranger.items("/status/incidents")
    assert (seen["incident_id"], len(seen["updates"])) == (None, 1)
    caller.post(f"/status/incidents/{public['id']}/updates", {"stage": "identified", "text": "Found."}, status=201)
    assert len(stranger.get(f"/status/incidents/{public['id']}")["updates"]) == 1, "a draft is not for strangers"


def test_components_are_made_changed_and_archived(page: StatusPage, alma: Caller, ada: Caller) -> None:
    service: Service = make_service("dns")
    group = make_group(page, "Names")
    made = alma.post(
        "/status/components",
        {"name": "DNS", "group": group.pk, "services": ["dns"], "start_date": "2026-01-01", "names": {"de": "DNS"}},
        status=201,
    )
    assert (made["status"], made["group_id"], made["services"]) == ("operational", group.pk, [service.key])
    path = f"/status/components/{made['id']}"
    changed = patch(alma, path, {"description": "Names to numbers", "group": None, "start_date": None})
    assert (changed["description"], changed["group_id"], changed["start_date"], changed["services"]) == (
        "Names to numbers",
        None,
        None,
        ["dns"],
    )
    assert list(alma.post("/status/components", {"name": "DNS"}, status=422)["errors"]) == ["name"]
    assert ada.post(f"{path}/status", {"status": "major_outage"})["status"] == "major_outage"
    assert remove(alma, path)["archived_at"]
    assert alma.items("/status/components") == []
    assert [item["id"] for item in alma.items("/status/components?archived=true")] == [made["id"]]


def test_maintenance_is_planned_moved_and_cancelled(mail: Component, cam: Caller, ada: Caller) -> None:
    begins = clock.now() + timedelta(days=3)
    given = {
        "name": "New racks",
        "text": "We move the servers.",
        "components": {mail.pk: "under_maintenance"},
        "scheduled_for": begins.isoformat(),
        "scheduled_until": (begins + timedelta(hours=2)).isoformat(),
        "remind_before_s": 86400,
    }
    made = cam.post("/status/maintenances", given, status=201)
    assert (made["status"], made["impact"], made["mutes_alerts"]) == ("scheduled", "maintenance", True)
    assert made["components"][0]["status"] == "under_maintenance"
    path = f"/status/maintenances/{made['id']}"

    def let_out(update: dict[str, Any]) -> None:
        ada.post(f"/status/updates/{update['id']}/approve", {"digest": update["digest"]})
        ada.post(f"/status/updates/{update['id']}/publish")

    let_out(ada.get(f"/status/updates/{made['updates'][0]['id']}"))
    assert patch(cam, path, {"auto_end": False})["auto_end"] is False
    later = {"scheduled_for": (begins + timedelta(days=1)).isoformat(), "text": "A day later."}
    until = {"scheduled_until": (begins + timedelta(days=1, hours=2)).isoformat()}
    let_out(cam.post(f"{path}/reschedule", {**later, **until}, status=201))
    assert cam.get(path)["scheduled_for"][:16] == (begins + timedelta(days=1)).isoformat()[:16]
    let_out(cam.post(f"{path}/cancel", {"text": "Not this time."}, status=201))
    assert cam.get(path)["status"] == "completed"
    assert cam.items("/status/maintenances?status=open") == []
    assert "is over" in cam.post(f"{path}/cancel", {"text": "Again."}, status=409)["detail"]
    cam.get(f"/status/incidents/{made['id']}", status=404)
    cam.post(f"/status/incidents/{made['id']}/updates", {"stage": "completed", "text": "x"}, status=404)


def test_figures_take_points_by_the_second(page: StatusPage, alma: Caller, cam: Caller) -> None:
    metric = alma.post("/status/metrics", {"name": "Response time", "unit": "ms", "decimals": 1}, status=201)
    path = f"/status/metrics/{metric['id']}/points"
    points = [
        {"at": "2026-11-22T03:00:00.2Z", "value": 10},
        {"at": "2026-11-22T03:00:00.9Z", "value": 11.5},
        {"at": "2026-11-22T04:00:01+01:00", "value": 12},
    ]
    assert cam.post(path, {"points": points}) == {"stored": 2}
    assert list(MetricPoint.objects.values_list("value", flat=True)) == [11.5, 12]
    assert list(cam.post(path, {"points": [{"at": "2046-01-01T00:00:00Z", "value": 1}]}, status=422)["errors"]) == [
        "points"
    ]
    cam.post(path, {"points": [{"at": "2026-11-22T03:00:00", "value": 1}]}, status=422)
    assert [item["id"] for item in cam.items("/status/metrics?page=")] == [metric["id"]]


def test_a_repeated_publish_is_one(mail: Component, cam: Caller, ada: Caller) -> None:
    public = cam.post("/status/incidents", {"name": "Late", "text": "Late."}, status=201)
    update = ada.get(f"/status/updates/{public['updates'][0]['id']}")
    ada.post(f"/status/updates/{update['id']}/approve", {"digest": update["digest"]})
    first = ada.post(f"/status/updates/{update['id']}/publish", key="once")
    assert ada.post(f"/status/updates/{update['id']}/publish", key="once") == first
    assert ada.post(f"/status/updates/{update['id']}/publish")["version"] == first["version"]
    assert Mailing.objects.count() == 1


def test_lists_are_of_a_page_and_a_stage(page: StatusPage, mail: Component, cam: Caller) -> None:
    other = make_page("Acme", slug="acme")
    running = make_maintenance(page, components={mail: "under_maintenance"}, now=clock.now())
    make_maintenance(other, now=clock.now())
    say(running, "in_progress", "We begin.", now=clock.now())
    assert [item["id"] for item in cam.items("/status/maintenances?status=in_progress")] == [running.pk]
    assert len(cam.items("/status/maintenances?page=acme")) == 1
    cam.get("/status/maintenances?page=nowhere", status=404)
    cam.get("/status/components?page=nowhere", status=404)
    assert {item["slug"] for item in cam.items("/status/pages")} == {"", "acme"}


def test_a_secret_address_is_for_administrators(alma: Caller, cam: Caller) -> None:
    with transaction.atomic():
        make_page("Acme", slug="acme", audience="secret", secret="abc123")
    assert cam.items("/status/pages")[0]["address"] == ""
    assert alma.items("/status/pages")[0]["address"].endswith("/pages/abc123/")
