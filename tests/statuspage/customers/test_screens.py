"""The staff's screens about customers: lists, links, files in and out."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from engine import clock
from engine.duties import run_once
from ledger.queries import entries
from statuspage.customers.duties import UNANSWERED_FOR
from statuspage.customers.operations.upload import run_import
from statuspage.customers.views import imports as imports_file
from statuspage.models import Asset, Customer, CustomerImport, Server, StatusPage
from tests.builders import NOW, make_person
from tests.statuspage.builders import make_component, make_page, make_public_incident
from tests.statuspage.customers.building import HEAD, give_link, make_asset, make_customer, make_server, take_in
from web.formulas import guarded, unguarded

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> StatusPage:
    return make_page()


def browser(name: str = "Alma") -> Client:
    client = Client()
    client.force_login(make_person(name))
    return client


def upload(page: StatusPage, *lines: str, replace: bool = False, head: str = HEAD, client: Client | None = None) -> Any:
    file = SimpleUploadedFile("customers.csv", "\n".join([head, *lines]).encode(), content_type="text/csv")
    given = {"page": page.pk, "file": file, **({"replace": "on"} if replace else {})}
    return (client or browser()).post(reverse("status_import"), given, follow=True)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_customers_are_found_by_anything_that_names_them(page: StatusPage) -> None:
    make_customer(page, "K-1", "bakery.example", name="Bakery", email="it@a.example")
    make_customer(page, "K-2", "brewery.example", name="Brewery")
    client = browser("Cam")
    for words in ("K-1", "bakery.ex", "Bakery", "it@a"):
        shown = text(client.get(reverse("status_customers"), {"q": words}))
        assert ("K-1" in shown, "Brewery" in shown) == (True, False)
    assert "Nobody matches" in text(client.get(reverse("status_customers"), {"q": "zzz"}))


def test_lists_go_on_where_they_ended(page: StatusPage) -> None:
    take_in(page, [f"K-{n:03},,,,,,,," for n in range(120)])
    client, address, seen = browser("Cam"), reverse("status_customers"), []
    for _ in range(3):
        context = client.get(address).context
        seen += [row.number for row in context["rows"]]
        address = reverse("status_customers") + context["older"]
    assert seen == [f"K-{n:03}" for n in range(120)]


def test_lists_ask_few_questions(page: StatusPage, django_assert_max_num_queries: Any) -> None:
    web = make_component(page, "Web")
    for number in range(30):
        make_customer(page, f"K-{number}", f"d{number}.example", server=make_server(page, f"web-{number}", web))
    client = browser("Cam")
    for name in ("status_customers", "status_servers"):
        with django_assert_max_num_queries(16):
            assert client.get(reverse(name)).status_code == 200


def test_a_customer_s_screen_says_what_hits_which_asset(page: StatusPage) -> None:
    web = make_component(page, "Web")
    customer = make_customer(page, "K-1", "a.example", server=make_server(page, "web-1", web))
    make_asset(customer, "elsewhere", kind="account")
    make_public_incident(page, components={web: "major_outage"}, name="Disks fail")
    shown = browser("Cam").get(reverse("status_customer", args=[customer.pk]))
    assert [(asset.name, [hit.name for hit in hits]) for asset, hits in shown.context["assets"]] == [
        ("elsewhere", []),
        ("a.example", ["Disks fail"]),
    ]
    assert "Disks fail" in text(shown)
    assert "Hit" in text(browser("Mia").get(reverse("status_servers")))


def test_a_link_is_issued_changed_and_taken_back(page: StatusPage) -> None:
    customer, client = make_customer(page, "K-1"), browser("Cam")
    address, shown = reverse("status_customer_link", args=[customer.pk]), reverse("status_customer", args=[customer.pk])
    assert "Issue the link" in text(client.get(shown))
    links = []
    for move in ("issue", "issue", "rotate"):
        client.post(address, {"move": move})
        links.append(client.get(shown).context["link"])
    assert links[0] == links[1] != links[2]
    assert links[2].startswith("http://testserver/status/customers/")
    client.post(address, {"move": "withdraw"})
    assert client.get(shown).context["link"] == ""
    client.post(address, {"move": "explode"})
    verbs = [entry.verb for entry in entries(page.subject) if "link" in entry.verb]
    assert verbs == ["status.customer_link_issued", "status.customer_link_rotated", "status.customer_link_withdrawn"]
    secret = links[0].split("/")[-2]
    assert secret not in str([entry.payload for entry in entries(page.subject)])


def test_a_small_file_is_taken_in_at_once(page: StatusPage) -> None:
    shown = upload(page, "K-1,Bakery,,,,,,,", "K-2,,,,,,,,")
    assert "2 new customers" in text(shown)
    assert Customer.objects.count() == 2
    assert bytes(CustomerImport.objects.get().content) == b""


def test_a_bad_file_says_its_lines_and_changes_nothing(page: StatusPage) -> None:
    shown = text(upload(page, "K-1,Fine,,,,,,,", "K-2,,nonsense,,,,,,"))
    assert "no e-mail address" in shown
    assert not Customer.objects.exists()
    assert CustomerImport.objects.get().state == "refused"
    refused = upload(page, head="shoe size")
    assert (refused.status_code, "must name the columns" in text(refused)) == (422, True)
    assert CustomerImport.objects.count() == 1


def test_what_would_be_removed_is_shown_first(page: StatusPage) -> None:
    take_in(page, ["K-1,,,,,domain,a.example,,", "K-2,,,,,,,,"])
    client = browser()
    shown = upload(page, "K-3,,,,,,,,", replace=True, client=client)
    assert "2 removed customers" in text(shown)
    assert "1 removed asset" in text(shown)
    assert sorted(Customer.objects.values_list("number", flat=True)) == ["K-1", "K-2"]
    row = CustomerImport.objects.get()
    done = client.post(reverse("status_import_decide", args=[row.pk]), {"move": "go"}, follow=True)
    assert "taken in" in text(done)
    assert list(Customer.objects.values_list("number", flat=True)) == ["K-3"]
    client.post(reverse("status_import_decide", args=[row.pk]), {"move": "go"})
    assert CustomerImport.objects.get().state == "done"


def test_a_file_that_waits_can_be_dropped_and_is_forgotten_after_a_week(page: StatusPage) -> None:
    client = browser()
    upload(page, "K-1,,,,,,,,", replace=True, client=client)
    row = CustomerImport.objects.get()
    client.post(reverse("status_import_decide", args=[row.pk]), {"move": "drop"})
    assert CustomerImport.objects.get().state == "dropped"
    assert "not wait" in text(client.post(reverse("status_import_decide", args=[row.pk]), {"move": "go"}, follow=True))
    upload(page, "K-1,,,,,,,,", replace=True, client=client)
    run_once("customer_imports", now=clock.now() + UNANSWERED_FOR)
    assert CustomerImport.objects.filter(state="dropped", content=b"").count() == 2
    assert not Customer.objects.exists()


def test_a_large_file_is_read_by_the_engine(page: StatusPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports_file, "AT_ONCE_BYTES", 10)
    shown = upload(page, *[f"K-{n},,,,,,,," for n in range(30)])
    assert "<progress" in text(shown)
    assert not Customer.objects.exists()
    assert run_once("customer_imports", now=clock.now()) == 1
    row = CustomerImport.objects.get()
    assert (row.state, row.read_rows, Customer.objects.count()) == ("done", 30, 30)
    run_import(import_id=row.pk, now=clock.now())
    assert [entry.verb for entry in entries(page.subject)].count("status.customers_imported") == 1


def test_a_file_is_worked_on_by_one_engine_and_taken_over_from_a_dead_one(
    page: StatusPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports_file, "AT_ONCE_BYTES", 10)
    upload(page, "K-1,,,,,,,,")
    now = clock.now()
    CustomerImport.objects.update(lease_until=now + (UNANSWERED_FOR / 1000))
    assert run_once("customer_imports", now=now) == 0
    assert run_once("customer_imports", now=now + UNANSWERED_FOR / 999) == 1
    assert Customer.objects.count() == 1


def test_a_file_that_is_too_large_is_refused(page: StatusPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("statuspage.customers.operations.upload.MOST_BYTES", 2**20)
    refused = upload(page, "x" * 2**20)
    assert (refused.status_code, "larger than 1 MB" in text(refused)) == (422, True)
    assert not CustomerImport.objects.exists()


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=x", "'", "=cmd|' /C calc'!A0")


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_guarded_and_comes_back(formula: str) -> None:
    assert guarded(formula)[0] == "'"
    assert unguarded(guarded(formula)) == formula


def test_what_was_exported_comes_in_again_unchanged_and_holds_no_formula(page: StatusPage) -> None:
    web = make_component(page, "=Web")
    server = make_server(page, "@web-1", web)
    customer = make_customer(page, "=1+1", "a.example", server=server, name="+Bakery", email="it@a.example")
    make_asset(customer, "-account", kind="account", components=[web])
    make_customer(page, "K-2", name='Quote " and; comma,')
    client = browser()
    given = {"page": page.pk, "what": "customers"}
    answer = client.post(reverse("status_export"), given)
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == 4
    assert [field for row in rows for field in row if field.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    before = sorted(Asset.objects.values_list("name", "server", "components"))
    outcome = take_in(page, io.BytesIO(content), replace=True)
    assert not any(outcome.counts.values())
    assert sorted(Asset.objects.values_list("name", "server", "components")) == before
    servers = client.post(reverse("status_export"), {"page": page.pk, "what": "servers"})
    assert b"'@web-1" in b"".join(servers.streaming_content)  # type: ignore[attr-defined]
    assert [entry.verb for entry in entries(page.subject)][-1] == "status.servers_exported"


def test_scripts_in_customers_are_text_on_every_screen(page: StatusPage) -> None:
    script = "<script>alert(1)</script>"
    customer = make_customer(page, script, name=script, server=make_server(page, script, make_component(page, script)))
    make_asset(customer, script, kind="account", server=Server.objects.get())
    give_link(customer)
    client = browser()
    upload(page, f'"{script}",,nonsense,,,,,,', client=client)
    names = ["status_customers", "status_servers", "status_import"]
    addresses = [*map(reverse, names), reverse("status_customer", args=[customer.pk])]
    addresses.append(reverse("status_imported", args=[CustomerImport.objects.get().pk]))
    for address in addresses:
        assert "<script>alert" not in client.get(address).content.decode()


def test_the_command_line_takes_files_in(page: StatusPage, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("customer,name\nK-1,Bakery\nK-2,Brewery\n")
    call_command("import_customers", str(file))
    assert "2 customers new" in capsys.readouterr().out
    file.write_text("customer,name\nK-1,Bakery\n")
    with pytest.raises(CommandError, match="--yes"):
        call_command("import_customers", str(file), "--replace")
    assert Customer.objects.count() == 2
    call_command("import_customers", str(file), "--replace", "--yes")
    assert Customer.objects.count() == 1
    file.write_text("customer,email\nK-1,nonsense\n")
    with pytest.raises(CommandError, match="line 2: email"):
        call_command("import_customers", str(file))
    with pytest.raises(CommandError, match="no status page “other”"):
        call_command("import_customers", str(file), "--page", "other")
    with pytest.raises(CommandError, match="can't be read"):
        call_command("import_customers", str(tmp_path / "missing.csv"))
    assert clock.now() > NOW
