"""Customers and servers in the API: read by staff, imported whole or not at all."""

from __future__ import annotations

import pytest

from statuspage.models import Customer, Server, StatusPage
from tests.api.calling import calling_as
from tests.builders import make_person
from tests.statuspage.builders import make_component, make_page, make_public_incident
from tests.statuspage.customers.building import give_link, make_customer, make_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> StatusPage:
    return make_page()


def test_rows_and_files_are_taken_in_alike(page: StatusPage) -> None:
    alma = calling_as(make_person("Alma"))
    assert alma.post("/status/servers", {"csv": "server\nweb-1\nweb-2\n"})["counts"]["servers_new"] == 2
    rows = [
        {"customer": "K-1", "name": "Bakery, Ystad", "kind": "domain", "asset": "a.example", "server": "web-1"},
        {"customer": "K-2"},
    ]
    answer = alma.post("/status/customers", {"rows": rows})
    assert (answer["kind"], answer["rows"], answer["counts"]["customers_new"]) == ("customers", 2, 2)
    assert Customer.objects.get(number="K-1").name == "Bakery, Ystad"
    assert not any(alma.post("/status/customers", {"rows": rows})["counts"].values())


def test_every_line_at_fault_is_named_and_nothing_stays(page: StatusPage) -> None:
    alma = calling_as(make_person("Alma"))
    rows = [{"customer": "K-1"}, {"customer": "", "email": "x"}, {"customer": "K-3", "email": "nonsense"}]
    refused = alma.post("/status/customers", {"rows": rows}, status=422)
    assert set(refused["errors"]) == {"line 3", "line 4"}
    assert not Customer.objects.exists()
    for given in ({}, {"csv": "customer\nK-1\n", "rows": rows}, {"csv": "server\nweb-1\n"}, {"csv": "nonsense"}):
        alma.post("/status/customers", given, status=422)
    alma.post("/status/customers", {"csv": "customer\nK-1\n", "page": "nothing"}, status=422)
    assert not Server.objects.exists()


def test_a_call_that_is_too_large_is_refused(page: StatusPage) -> None:
    alma = calling_as(make_person("Alma"))
    assert alma.call("POST", "/status/customers", {"csv": "x" * 2_700_000}).status_code == 413


def test_replacing_removes(page: StatusPage) -> None:
    make_customer(page, "K-1")
    answer = calling_as(make_person("Alma")).post("/status/customers", {"csv": "customer\nK-2\n", "replace": True})
    assert answer["counts"]["customers_removed"] == 1


def test_customers_and_servers_say_what_hits_them_and_no_secret(page: StatusPage) -> None:
    web = make_component(page, "Web")
    customer = give_link(make_customer(page, "K-1", "a.example", server=make_server(page, "web 1", web)))
    incident = make_public_incident(page, components={web: "major_outage"})
    cam = calling_as(make_person("Cam"))
    full = cam.get(f"/status/customers/{customer.pk}")
    assert full["assets"] == [
        {"kind": "domain", "name": "a.example", "server": "web 1", "components": [], "hits": [incident.pk]}
    ]
    assert customer.secret not in str(full) + str(cam.get("/status/customers"))
    (server,) = cam.items("/status/servers")
    assert (server["hits"], server["components"]) == ([incident.pk], [web.pk])
    assert server["file"].startswith("web-1-")
    assert [each["number"] for each in cam.items("/status/customers?q=a.exam")] == ["K-1"]
    assert cam.items("/status/customers?q=zzz") == []
    for strange in ("nothing", "99999999", "9" * 40, "²"):
        cam.get(f"/status/customers/{strange}", status=404)


def test_lists_go_on(page: StatusPage) -> None:
    for number in range(5):
        make_customer(page, f"K-{number}")
    cam = calling_as(make_person("Cam"))
    first = cam.get("/status/customers?limit=3")
    rest = cam.get(f"/status/customers?limit=3&cursor={first['next']}")
    assert [each["number"] for each in first["items"] + rest["items"]] == [f"K-{n}" for n in range(5)]
    assert rest["next"] is None
