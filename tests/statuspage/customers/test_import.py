"""Files of customers and servers: what they say happens, a bad one changes nothing and names its lines."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest

from ledger.queries import entries
from statuspage.customers.operations.import_rows import UnfitFile
from statuspage.customers.reading import MOST_ROWS
from statuspage.models import Asset, Customer, Notice, Publisher, Server, StatusPage, Subscriber
from tests.builders import NOW
from tests.statuspage.builders import make_component, make_page
from tests.statuspage.customers.building import HEAD, make_asset, make_customer, make_server, take_in, text_file

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def page() -> StatusPage:
    return make_page()


def faults(page: StatusPage, file: BytesIO, *, replace: bool = False) -> dict[int, str]:
    with pytest.raises(UnfitFile) as refused:
        take_in(page, file, replace=replace)
    return {fault.line: fault.sentence for fault in refused.value.faults}


def test_a_file_becomes_customers_with_their_assets(page: StatusPage) -> None:
    web, mail = make_component(page, "Web hosting"), make_component(page, "Mail")
    server = make_server(page, "web-17", web)
    outcome = take_in(
        page,
        [
            "K-1,Bakery,It@Bakery.example,de,yes,domain,Bakery.example,web-17,",
            "K-1,,,,,account,bakery,,Mail|" + web.pk,
            "K-2,Brewery,,,,,,,",
        ],
    )
    assert outcome.rows == 3
    assert {name: count for name, count in outcome.counts.items() if count} == {
        "customers_new": 2,
        "assets_new": 2,
        "subscribed": 1,
    }
    bakery, brewery = Customer.objects.order_by("number")
    assert (bakery.name, bakery.email, bakery.language, bakery.issued_at) == (
        "Bakery",
        "It@Bakery.example",
        "de",
        None,
    )
    assert (brewery.name, brewery.assets.count()) == ("Brewery", 0)
    account, domain = bakery.assets.order_by("kind")
    assert (domain.name, domain.server) == ("bakery.example", server)
    assert set(account.components.all()) == {web, mail}
    subscriber = Subscriber.objects.get()
    assert (subscriber.address, subscriber.state, subscriber.language, subscriber.customer) == (
        "it@bakery.example",
        "active",
        "de",
        bakery,
    )
    (entry,) = [entry for entry in entries(page.subject) if entry.verb == "status.customers_imported"]
    assert entry.payload["counts"]["customers_new"] == 2


def test_the_same_file_twice_changes_nothing_and_says_so(page: StatusPage) -> None:
    lines = ["K-1,Bakery,it@bakery.example,de,yes,domain,bakery.example,,"]
    take_in(page, lines)
    wanted = Publisher.objects.get().wanted
    outcome = take_in(page, lines, now=LATER)
    assert not any(outcome.counts.values())
    assert Customer.objects.get().updated_at == NOW
    assert Publisher.objects.get().wanted == wanted


def test_what_changed_is_changed_and_what_the_file_does_not_speak_of_stays(page: StatusPage) -> None:
    old, new = make_server(page, "old"), make_server(page, "new")
    customer = make_customer(page, "K-1", "a.example", "b.example", server=old, name="Bakery", email="a@b.example")
    still = make_customer(page, "K-2", "c.example", server=old)
    take_in(page, ["K-1,domain,a.example,new"], head="customer,kind,asset,server", now=LATER)
    assert dict(customer.assets.values_list("name", "server__name")) == {"a.example": "new", "b.example": "old"}
    customer.refresh_from_db()
    still.refresh_from_db()
    assert (customer.name, customer.email, customer.updated_at) == ("Bakery", "a@b.example", LATER)
    assert still.updated_at == NOW
    assert new.assets.count() == 1


def test_replacing_removes_who_and_what_the_file_does_not_name(page: StatusPage) -> None:
    take_in(
        page, ["K-1,,a@a.example,,yes,domain,a.example,,", "K-1,,,,,domain,b.example,,", "K-2,,b@b.example,,yes,,,,"]
    )
    elsewhere = make_customer(make_page("Other", slug="other"), "K-9", "z.example")
    outcome = take_in(page, ["K-1,,a@a.example,,,domain,a.example,,"], replace=True, now=LATER)
    assert outcome.counts["customers_removed"] == 1
    assert outcome.counts["assets_removed"] == 1
    assert [customer.number for customer in Customer.objects.filter(page=page)] == ["K-1"]
    assert [asset.name for asset in Asset.objects.filter(customer__page=page)] == ["a.example"]
    assert [subscriber.address for subscriber in Subscriber.objects.all()] == ["a@a.example"]
    assert elsewhere.assets.count() == 1
    assert Notice.objects.count() == 0


def test_replacing_customers_by_a_file_without_assets_leaves_assets_alone(page: StatusPage) -> None:
    customer = make_customer(page, "K-1", "a.example")
    take_in(page, ["K-1,Bakery"], head="customer,name", replace=True)
    assert customer.assets.count() == 1


def test_every_line_at_fault_is_named_and_nothing_is_changed(page: StatusPage) -> None:
    make_component(page, "Mail")
    found = faults(
        page,
        text_file(
            "K-1,Fine,,,,,,,",
            ",No number,,,,,,,",
            "K-2,,not an address,,,,,,",
            "K-3,,,xx,,,,,",
            "K-4,,,,maybe,,,,",
            "K-5,,,,,domain,not a domain,,",
            "K-6,,,,,server,x,,",
            "K-7,,,,,domain,,,",
            "K-8,,,,,domain,a.example,web-99,",
            "K-9,,,,,domain,a.example,,Mailing",
            "K-10,too few",
            "K-11,,,,,,,web-1,",
            f"{'x' * 41},,,,,,,,",
        ),
    )
    words = ["", "number", "no e-mail", "none of", "yes nor no", "no domain", "neither domain", "both"]
    words += ["no “web-99”", "no “Mailing”", "2 fields", "give kind and asset", "longer than 40"]
    assert list(found) == list(range(3, 15))
    assert [word for line, word in enumerate(words, start=2) if word not in found.get(line, "")] == []
    assert not Customer.objects.exists()
    assert "status.customers_imported" not in [entry.verb for entry in entries(page.subject)]


def test_what_only_the_lines_together_show_is_named_too(page: StatusPage) -> None:
    found = faults(
        page,
        text_file(
            "K-1,Bakery,,,,domain,a.example,,",
            "K-1,Brewery,,,,domain,a.example,,",
            "K-2,,,,yes,,,,",
            "K-3,,c@c.example,,yes,,,,",
            "K-3,,,,no,,,,",
        ),
    )
    assert set(found) == {3, 4, 6}
    assert "has no e-mail address" in found[4]


def test_the_fifty_first_fault_is_not_looked_for(page: StatusPage) -> None:
    with pytest.raises(UnfitFile) as refused:
        take_in(page, [",,,,,,,,x"] * 200)
    assert len(refused.value.faults) == 51
    assert "mend the lines above" in refused.value.faults[-1].sentence
    assert not Customer.objects.exists()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separators_line_ends_and_byte_order_marks_are_understood(
    page: StatusPage, separator: str, start: bytes, end: str
) -> None:
    lines = ["Customer ,Name", 'K-1,"Bäckerei, ""Nord"""'.replace(",", "\0", 1).replace(",", " ").replace("\0", ",")]
    text = end.join(line.replace(",", separator) for line in lines)
    take_in(page, BytesIO(start + text.encode()))
    assert Customer.objects.get().name == 'Bäckerei  "Nord"'


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"", 1, "empty"),
        (b"\n", 1, "empty"),
        (b"name,email\nx,y\n", 1, "must name the columns"),
        (b"customer,shoe size\n", 1, "“shoe size”"),
        (b"customer,name,name\n", 1, "twice"),
        (b"customer,kind\n", 1, "belong together"),
        (b"customer,server\n", 1, "where an asset lives"),
        (b"customer,name\nK-1,B\xe4ckerei\n", 2, "not UTF-8"),
        (b"customer,name\nK-1,x\nK-2,\0\n", 3, "NUL"),
        (b'customer,name\nK-1,"x\nK-2,y\n', 3, "quotes"),
        (b"customer,name\nK-1," + b"x" * 20_000, 2, "longer than 10,000 bytes"),
        ("customer,name".encode("utf-16"), 1, "not UTF-8"),
        (b"PK\x03\x04\x00\x00", 1, "NUL"),
    ],
)
def test_what_is_no_such_file_is_refused_with_its_line(page: StatusPage, content: bytes, line: int, words: str) -> None:
    found = faults(page, BytesIO(content))
    assert words in found[line]
    assert not Customer.objects.exists()


def test_lines_are_counted_as_editors_count_them(page: StatusPage) -> None:
    found = faults(page, BytesIO(b'customer,name\n\n"K-1","two\nlines"\n\n,x\n'))
    assert found == {3: "name: holds a line break or a control character.", 6: "customer: the number is missing."}


def test_more_lines_than_allowed_are_refused(page: StatusPage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_ROWS == 200_000
    monkeypatch.setattr("statuspage.customers.reading.MOST_ROWS", 3)
    assert "more than 3 lines" in faults(page, text_file(*[f"K-{n}" for n in range(4)], head="customer"))[5]


def test_a_component_s_name_that_several_have_is_refused(page: StatusPage) -> None:
    from tests.statuspage.builders import make_group

    make_component(page, "Mail", group=make_group(page, "North"))
    second = make_component(page, "Mail", group=make_group(page, "South"))
    assert "Write the id" in faults(page, text_file("K-1,,,,,domain,a.example,,Mail"))[2]
    take_in(page, [f"K-1,,,,,domain,a.example,,{second.pk}"])
    assert list(Asset.objects.get().components.all()) == [second]


def test_a_server_of_another_page_is_none_of_this_one(page: StatusPage) -> None:
    make_server(make_page("Other", slug="other"), "web-17")
    assert "no “web-17”" in faults(page, text_file("K-1,,,,,domain,a.example,web-17,"))[2]


def test_domains_are_kept_as_browsers_know_them(page: StatusPage) -> None:
    take_in(page, ["K-1,,,,,domain,https://Bücher.Example./shop,,", "K-1,,,,,account,Web_42,,"])
    assert set(Asset.objects.values_list("name", flat=True)) == {"xn--bcher-kva.example", "Web_42"}


def test_servers_come_with_their_components_and_go_by_replacing(page: StatusPage) -> None:
    web, mail = make_component(page, "Web hosting"), make_component(page, "Mail")
    head = "server,components"
    assert take_in(page, ["web-1,Web hosting", "web-2,Web hosting|Mail", "mail-1,"], head=head).counts == {
        "servers_new": 3,
        "servers_linked": 2,
    }
    assert set(Server.objects.get(name="web-2").components.all()) == {web, mail}
    outcome = take_in(page, ["web-1,Web hosting", "web-2,Mail"], head=head, replace=True, now=LATER)
    assert outcome.counts == {"servers_new": 0, "servers_linked": 1, "servers_removed": 1}
    assert Server.objects.get(name="mail-1").archived_at == LATER
    assert list(Server.objects.get(name="web-2").components.all()) == [mail]
    assert take_in(page, ["mail-1,Mail"], head=head).counts == {"servers_new": 1, "servers_linked": 1}
    assert Server.objects.get(name="mail-1").archived_at is None


def test_a_server_that_assets_live_on_does_not_go(page: StatusPage) -> None:
    make_customer(page, "K-1", "a.example", server=make_server(page, "web-1"))
    found = faults(page, text_file("web-2,", "web-2,", head="server,components"), replace=True)
    assert "“web-1” is missing" in found[1]
    assert "stands in line 2 already" in found[3]
    assert [server.name for server in Server.objects.filter(archived_at=None)] == ["web-1"]


def test_whoever_ended_their_subscription_is_not_taken_back_by_a_file(page: StatusPage) -> None:
    lines = ["K-1,,a@a.example,,yes,,,,"]
    take_in(page, lines)
    Subscriber.objects.update(state="ended")
    take_in(page, lines, now=LATER)
    assert Subscriber.objects.get().state == "ended"


def test_who_hears_everything_keeps_hearing_everything(page: StatusPage) -> None:
    Subscriber.objects.create(
        page=page, channel="email", address="a@a.example", state="active", asked_at=NOW, created_at=NOW
    )
    outcome = take_in(page, ["K-1,,a@a.example,,yes,,,,"])
    assert (outcome.counts["subscribed"], Subscriber.objects.get().customer) == (0, None)


def test_no_ends_a_customer_s_own_subscription(page: StatusPage) -> None:
    take_in(page, ["K-1,,a@a.example,,yes,,,,"])
    assert take_in(page, ["K-1,,a@a.example,,no,,,,"]).counts["unsubscribed"] == 1
    assert Subscriber.objects.get().state == "ended"


def test_a_new_address_takes_the_subscription_along(page: StatusPage) -> None:
    take_in(page, ["K-1,,old@a.example,,yes,,,,"])
    take_in(page, ["K-1,,new@a.example,,,,,,"])
    assert Subscriber.objects.get().address == "new@a.example"


def test_one_address_of_many_customers_subscribes_once(page: StatusPage) -> None:
    take_in(page, [f"K-{n},,agency@a.example,,yes,,,," for n in range(3)])
    assert Subscriber.objects.get().address == "agency@a.example"


def test_an_asset_s_components_follow_the_file(page: StatusPage) -> None:
    web, mail = make_component(page, "Web hosting"), make_component(page, "Mail")
    customer = make_customer(page, "K-1")
    asset = make_asset(customer, "a.example", components=[web])
    other = make_asset(customer, "b.example", components=[web])
    take_in(page, ["K-1,,,,,domain,a.example,,Mail"], now=LATER)
    assert (list(asset.components.all()), list(other.components.all())) == ([mail], [web])
    customer.refresh_from_db()
    assert customer.updated_at == LATER
    assert HEAD.endswith("components")
