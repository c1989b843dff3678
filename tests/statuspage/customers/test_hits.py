"""One rule of who is hit: servers, assets, customers; before, while and after."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from statuspage.customers.file_names import safe_name
from statuspage.customers.hits import count_hit, customers_hit, customers_to_tell, hits_of, servers_now
from statuspage.models import HitServer, PublicIncident, Server, StatusPage, Subscriber
from tests.builders import NOW
from tests.statuspage.builders import draft, make_component, make_maintenance, make_page, make_public_incident, say
from tests.statuspage.customers.building import make_asset, make_customer, make_server, take_in

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def page() -> StatusPage:
    return make_page()


def hit_names(page: StatusPage) -> dict[str, int]:
    return {server.name: len(server.hits) for server in servers_now(page.pk, LATER)}


def numbers(found: Any) -> list[str]:
    return sorted(found.values_list("number", flat=True))


def newest(incident: PublicIncident) -> Any:
    return incident.updates.order_by("-display_at", "-pk")[0]


def test_an_incident_that_names_no_server_hits_all_of_its_components(page: StatusPage) -> None:
    web, mail = make_component(page, "Web"), make_component(page, "Mail")
    make_server(page, "web-1", web)
    make_server(page, "mail-1", mail)
    make_server(page, "both", web, mail)
    incident = make_public_incident(page, components={web: "major_outage"})
    assert hit_names(page) == {"web-1": 1, "mail-1": 0, "both": 1}
    say(incident, "resolved", components={web: "operational"}, now=LATER)
    assert hit_names(page) == {"web-1": 0, "mail-1": 0, "both": 0}


def test_an_incident_that_names_servers_hits_those_until_they_recover(page: StatusPage) -> None:
    web = make_component(page, "Web")
    first, second = make_server(page, "web-1", web), make_server(page, "web-2", web)
    make_server(page, "web-3", web)
    incident = make_public_incident(page, components={web: "partial_outage"}, servers=[first.pk, second.pk])
    assert hit_names(page) == {"web-1": 1, "web-2": 1, "web-3": 0}
    HitServer.objects.filter(public_incident=incident).update(recovered_at=NOW)
    assert hit_names(page) == {"web-1": 0, "web-2": 0, "web-3": 0}


def test_nothing_of_a_draft_hits_anybody(page: StatusPage) -> None:
    web = make_component(page, "Web")
    server = make_server(page, "web-1", web)
    draft(page, components={web: "major_outage"}, servers=[server.pk])
    assert hit_names(page) == {"web-1": 0}


def test_maintenance_to_come_is_planned_and_hits_no_server_yet(page: StatusPage) -> None:
    web = make_component(page, "Web")
    make_server(page, "web-1", web)
    make_maintenance(page, components={web: "under_maintenance"})
    (hit,) = hits_of(page.pk, NOW)
    assert (hit.planned, hit.impact) == (True, "maintenance")
    assert hit_names(page) == {"web-1": 0}


def test_exactly_those_hit_are_told(page: StatusPage) -> None:
    web, mail = make_component(page, "Web"), make_component(page, "Mail")
    first, second = make_server(page, "web-1", web), make_server(page, "web-2", web)
    make_customer(page, "on-first", "a.example", server=first)
    make_customer(page, "on-second", "b.example", server=second)
    make_asset(make_customer(page, "mail-account"), "box", kind="account", components=[mail])
    make_asset(make_customer(page, "web-account"), "site", kind="account", components=[web])
    make_customer(page, "nowhere", "c.example")
    all_web = make_public_incident(page, components={web: "major_outage"})
    assert numbers(customers_hit(newest(all_web))) == ["on-first", "on-second", "web-account"]
    one_server = make_public_incident(page, components={web: "major_outage"}, servers=[first.pk])
    assert numbers(customers_hit(newest(one_server))) == ["on-first", "web-account"]
    over = say(all_web, "resolved", components={web: "operational"}, now=LATER)
    assert numbers(customers_hit(over)) == ["on-first", "on-second", "web-account"]
    drafted = draft(page, components={mail: "degraded_performance"})
    assert numbers(customers_hit(drafted)) == ["mail-account"]


def test_customers_of_another_page_are_not_hit(page: StatusPage) -> None:
    web = make_component(page, "Web")
    make_customer(page, "mine", "a.example", server=make_server(page, "web-1", web))
    other = make_page("Other", slug="other")
    other_web = make_component(other, "Web")
    make_customer(other, "theirs", "a.example", server=make_server(other, "web-1", other_web))
    incident = make_public_incident(page, components={web: "major_outage"})
    assert numbers(customers_hit(newest(incident))) == ["mine"]


def test_whoever_shares_the_address_of_somebody_hit_is_told(page: StatusPage) -> None:
    web = make_component(page, "Web")
    make_server(page, "web-1", web)
    take_in(page, ["K-1,,agency@a.example,,yes,,,,", "K-2,,Agency@a.example,,,domain,a.example,web-1,"])
    incident = make_public_incident(page, components={web: "major_outage"})
    assert numbers(customers_hit(newest(incident))) == ["K-2"]
    assert numbers(customers_to_tell(newest(incident))) == ["K-1", "K-2"]


def test_a_draft_says_how_many_it_would_be_about(page: StatusPage) -> None:
    web = make_component(page, "Web")
    make_server(page, "web-1", web)
    lines = [f"K-{n},,k{n}@a.example,,{'yes' if n < 2 else ''},domain,d{n}.example,web-1," for n in range(5)]
    take_in(page, lines)
    reach = count_hit(page_id=page.pk, components=[web.pk])
    assert (reach.customers, reach.told) == (5, 2)
    Subscriber.objects.filter(address="k0@a.example").update(state="ended")
    named = count_hit(page_id=page.pk, components=[web.pk], servers=[Server.objects.get().pk])
    assert (named.customers, named.told) == (5, 1)
    assert count_hit(page_id=page.pk, components=[]).customers == 0


def test_questions_follow_what_is_open_and_not_how_many_servers_there_are(
    page: StatusPage, django_assert_num_queries: Any
) -> None:
    web = make_component(page, "Web")
    for number in range(3):
        make_server(page, f"web-{number}", web)
    make_public_incident(page, components={web: "major_outage"})
    with django_assert_num_queries(5):
        servers_now(page.pk, NOW)
    for number in range(3, 30):
        make_server(page, f"web-{number}", web)
    with django_assert_num_queries(5):
        servers_now(page.pk, NOW)


@pytest.mark.parametrize("name", ["web-17", "a", "db.eu-1", "x" * 60])
def test_a_plain_name_is_its_own_file_name(name: str) -> None:
    assert safe_name(name) == name


STRANGE = [
    "../../x", "x", "X", "..", ".", "", "/", "\\", "con", "CON", "con.example", "nul", "LPT1", "index", ".htaccess",
    "a b", "a-b", "a  b", "ä", "a\u0308", "服务器", "🔥", "web\u202e17", "x" * 61, "x" * 200, "ü" * 200, "a/b", "a\\b",
    "web-17.", "-web", "web-", "a..b", "%2e%2e", "a\0b", "a\nb", "<script>", "web-0123456789", "WEB-17", "web-17 ",
]  # fmt: skip


def test_strange_names_become_safe_file_names_that_never_meet() -> None:
    files = {name: safe_name(name) for name in [*STRANGE, *(safe_name(name) for name in STRANGE)]}
    assert len({file.casefold() for file in files.values()}) == len(files)
    for file in files.values():
        assert 0 < len(file) <= 80
        assert set(file) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-")
        assert file[0] not in ".-"
        assert file[-1] not in ".-"
        assert ".." not in file
        assert file.partition(".")[0] not in {"con", "nul", "lpt1", "index"}
