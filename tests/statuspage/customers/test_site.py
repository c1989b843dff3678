"""Customers' own static pages: theirs alone, found by nobody else, made anew only when something changed."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from pytest_django import Settings

from ledger.actor import Actor
from statuspage.customers import site
from statuspage.customers.operations.link import digest_of_secret, rotate_link, withdraw_link
from statuspage.models import Customer, StatusPage
from statuspage.publishing.publish import publish
from statuspage.publishing.serving import PublishedFiles
from statuspage.site.file import File, never
from tests.builders import NOW
from tests.statuspage.builders import make_component, make_maintenance, make_page, make_public_incident, say
from tests.statuspage.customers.building import give_link, make_asset, make_customer, make_server, take_in

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def page() -> StatusPage:
    return make_page(languages=["de"])


def made(page: StatusPage, known: dict[str, str] | None = None) -> dict[str, File]:
    """Return the files that are made when those of `known` (path to key) are published already."""
    known = known or {}
    return {file.path: file for file in site.files(page, NOW, lambda path, key: known.get(path) == key)}


def text(file: File) -> str:
    assert file.body is not None
    return re.sub(r"\s+", " ", file.body.decode())


def test_only_whose_link_was_issued_has_a_page(page: StatusPage) -> None:
    customer = make_customer(page, "K-1", "a.example")
    make_customer(page, "K-2", "b.example")
    assert made(page) == {}
    issued = give_link(customer)
    assert list(made(page)) == [f"customers/{issued.secret}/index.html"]
    assert len(issued.secret) == 32
    assert issued.secret_digest == digest_of_secret(issued.secret)
    assert give_link(customer).secret == issued.secret


def test_a_page_holds_what_is_theirs_and_what_hits_them_and_nothing_else(page: StatusPage) -> None:
    web, mail = make_component(page, "Web"), make_component(page, "Mail")
    mine = make_customer(page, "K-1", "mine.example", server=make_server(page, "web-1", web), name="Bakery")
    make_asset(mine, "my-account", kind="account")
    make_customer(page, "K-2", "theirs.example", server=make_server(page, "web-2", mail), name="Brewery")
    make_public_incident(page, components={web: "major_outage"}, name="Disks fail")
    make_public_incident(page, components={mail: "major_outage"}, name="Mail waits")
    make_maintenance(page, components={web: "under_maintenance"}, name="New switches")
    give_link(mine)
    (file,) = made(page).values()
    shown = text(file)
    for word in ("mine.example", "my-account", "web-1", "Bakery", "K-1", "Disks fail", "New switches"):
        assert word in shown
    for word in ("theirs.example", "K-2", "web-2", "Brewery", "Mail waits"):
        assert word not in shown
    assert 'name="robots" content="noindex' in shown
    assert mine.email == ""


def test_no_file_of_the_tree_names_a_secret(page: StatusPage, settings: Settings, tmp_path: Path) -> None:
    settings.STATUS_PUBLISH_DIR = tmp_path
    web = make_component(page, "Web")
    customer = give_link(make_customer(page, "K-1", "a.example", server=make_server(page, "web-1", web)))
    make_public_incident(page, components={web: "major_outage"})
    assert publish(now=LATER) is not None
    own = tmp_path / "customers" / customer.secret / "index.html"
    assert "a.example" in own.read_text()
    public = [path for path in tmp_path.rglob("*") if path.is_file() and "/." not in f"/{path.relative_to(tmp_path)}"]
    assert len(public) > 5
    naming = [path for path in public if path != own and customer.secret.encode() in path.read_bytes()]
    assert naming == []
    assert customer.secret.encode() not in own.read_bytes()


def test_only_what_changed_is_made_anew(page: StatusPage) -> None:
    web, mail = make_component(page, "Web"), make_component(page, "Mail")
    first, second = make_server(page, "web-1", web), make_server(page, "mail-1", mail)
    for number in range(3):
        give_link(make_customer(page, f"W-{number}", f"w{number}.example", server=first))
        give_link(make_customer(page, f"M-{number}", f"m{number}.example", server=second))
    keys = {path: file.key for path, file in made(page).items()}
    assert (len(keys), made(page, keys)) == (6, {})
    incident = make_public_incident(page, components={web: "major_outage"})
    changed = made(page, keys)
    assert len(changed) == 3
    keys |= {path: file.key for path, file in changed.items()}
    assert made(page, keys) == {}
    say(incident, "resolved", components={web: "operational"}, now=LATER)
    assert len(made(page, keys)) == 3
    keys = {path: file.key for path, file in made(page).items()}
    take_in(page, ["M-1,domain,new.example,mail-1"], head="customer,kind,asset,server", now=LATER)
    (anew,) = made(page, keys).values()
    assert "new.example" in text(anew)


def test_a_page_stays_as_it_was_while_there_is_no_time_for_it(
    page: StatusPage, monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    settings.STATUS_PUBLISH_DIR = tmp_path
    web = make_component(page, "Web")
    server = make_server(page, "web-1", web)
    customers = [give_link(make_customer(page, f"K-{n}", f"d{n}.example", server=server)) for n in range(5)]
    publish(now=NOW)
    pages = [tmp_path / "customers" / customer.secret / "index.html" for customer in customers]
    monkeypatch.setattr(site, "AT_ONCE", 2)
    monkeypatch.setattr(site, "BUDGET_S", -1.0)
    make_public_incident(page, components={web: "major_outage"}, name="Disks fail")
    publish(now=NOW)
    assert site.unfinished()
    assert ["Disks fail" in path.read_text() for path in pages] == [False] * 5
    monkeypatch.setattr(site, "BUDGET_S", 60.0)
    publish(now=NOW)
    assert not site.unfinished()
    assert ["Disks fail" in path.read_text() for path in pages] == [True] * 5


def test_a_new_link_leaves_nothing_under_the_old_one(page: StatusPage, settings: Settings, tmp_path: Path) -> None:
    settings.STATUS_PUBLISH_DIR = tmp_path
    customer = give_link(make_customer(page, "K-1", "a.example"))
    publish(now=NOW)
    old = tmp_path / "customers" / customer.secret / "index.html"
    assert old.exists()
    with transaction.atomic():
        rotated = rotate_link(customer_id=customer.pk, by=Actor.system(), now=NOW)
    publish(now=NOW)
    new = tmp_path / "customers" / rotated.secret / "index.html"
    assert (old.exists(), old.parent.exists(), new.exists()) == (False, False, True)
    with transaction.atomic():
        withdraw_link(customer_id=customer.pk, by=Actor.system(), now=NOW)
    publish(now=NOW)
    assert not new.exists()
    assert Customer.objects.get().secret == ""


def test_a_page_speaks_its_customer_s_language(page: StatusPage) -> None:
    give_link(make_customer(page, "K-1", language="de"))
    give_link(make_customer(page, "K-2", language="fr"))
    first, second = (text(file) for file in made(page).values())
    assert ('lang="de"' in first, 'lang="en"' in second) == (True, True)


def test_what_customers_are_called_is_text_and_nothing_else(page: StatusPage) -> None:
    script = "<script>alert(1)</script>"
    customer = make_customer(page, script[:40], script, server=make_server(page, script), name=script)
    make_asset(customer, script, kind="account", components=[make_component(page, script)])
    make_public_incident(page, components={page.components.get(): "major_outage"}, name=script)
    give_link(customer)
    (file,) = site.files(page, NOW, never)
    assert "<script>alert" not in text(file)
    assert "&lt;script&gt;alert(1)" in text(file)


def test_nobody_reaches_a_customer_s_page_without_its_secret(
    page: StatusPage, settings: Settings, tmp_path: Path
) -> None:
    settings.STATUS_PUBLISH_DIR = tmp_path
    secret = give_link(make_customer(page, "K-1")).secret
    publish(now=NOW)
    served = PublishedFiles(get_wsgi_application(), root=tmp_path)
    assert served.copy(f"customers/{secret}/index.html") is not None
    for guess in ("customers", "customers/", "customers/index.html", "customers/K-1/index.html", ".manifest.json"):
        assert served.copy(guess) is None
