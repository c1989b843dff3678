"""Staff: files in and out, forgetting an address, the list, bounces."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from engine import clock
from ledger.actor import Actor
from ledger.models import Entry
from people.models import Role
from statuspage.models import Notice, StatusPage, Subscriber
from statuspage.public_forms import Limits, count_use
from statuspage.subscribers.csv_files import Counts, export_subscribers, import_subscribers
from statuspage.subscribers.csv_rows import MOST_BYTES, UnfitFile
from statuspage.subscribers.erasing import erase
from statuspage.subscribers.pruning import prune
from statuspage.subscribers.quarantine import note_bounces
from tests.builders import NOW, make_person
from tests.statuspage.builders import make_component, make_page, make_public_incident
from tests.statuspage.subscribers.subscribing import make_subscriber, prepare

pytestmark = pytest.mark.django_db(transaction=True)


def bring(page: StatusPage, text: str | bytes) -> Counts:
    content = text if isinstance(text, bytes) else text.encode()
    with transaction.atomic():
        return import_subscribers(page=page, content=content, by=Actor.system(), now=NOW)


def signed_in(role: Role = Role.ADMINISTRATOR) -> Client:
    client = Client()
    client.force_login(make_person("Alma", role=role))
    return client


def test_a_file_adds_and_changes_and_takes_nobody_back() -> None:
    page = make_page(languages=["de"])
    web = make_component(page, "Web")
    make_subscriber(page, "known@customer.example")
    make_subscriber(page, "left@customer.example", state="ended")
    done = bring(
        page,
        "\ufeffChannel;Address;Language;Minimum_impact;Components;Contact\r\n"
        "email;New@Customer.Example;de;major;WEB;\r\n"
        "email;known@customer.example;;minor;;\r\n"
        ";left@customer.example;;;;\r\n"
        "sms;+1 206 555 0142;;;;\r\n"
        "webhook;https://hook.customer.example/x;;;;ada@customer.example\r\n",
    )
    assert done == Counts(added=3, changed=1, left=1)
    new = Subscriber.objects.get(address="new@customer.example")
    assert (new.state, new.language, new.minimum_impact, list(new.components.all())) == ("active", "de", "major", [web])
    assert Subscriber.objects.get(address="known@customer.example").minimum_impact == "minor"
    assert Subscriber.objects.get(address="left@customer.example").state == "ended"
    assert Subscriber.objects.get(channel="webhook").secret
    entry = Entry.objects.get(verb="subscribers.imported")
    assert "customer.example" not in str(entry.payload)


def test_every_wrong_line_is_named_and_nothing_is_kept() -> None:
    page = make_page()
    with pytest.raises(UnfitFile) as refused:
        bring(
            page,
            "channel,address,language,components\n"
            "email,ada@customer.example,,\n"
            "email,nobody,,\n"
            "pigeon,loft 3,,\n"
            "sms,12,,\n"
            "webhook,http://127.0.0.1/,,\n"
            "email,bob@customer.example,xx,\n"
            "email,eve@customer.example,,Nothing\n"
            "email,ada@customer.example,,\n"
            "email,too,many,fields,here\n",
        )
    assert [line for line, _sentence in refused.value.faults] == [3, 4, 5, 6, 7, 8, 9, 10]
    assert "line 2" in dict(refused.value.faults)[9]
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 1),
        (b"name,phone\nx,y\n", 1),
        (b"address\nada@customer.example\n\xff\xfe\n", 3),
        (b"address\n\0\n", 2),
        (b'address\n"ada@customer.example\n', 2),
        (b"address,address\na@b.example,c@d.example\n", 1),
        (b"address\n" + b"x" * MOST_BYTES, 1),
    ],
)
def test_a_file_that_is_none_is_refused(content: bytes, line: int) -> None:
    page = make_page()
    with pytest.raises(UnfitFile) as refused:
        bring(page, content)
    assert refused.value.faults[0][0] == line


def test_what_goes_out_comes_back_and_no_spreadsheet_computes_it() -> None:
    page = make_page()
    web = make_component(page, "Web")
    make_subscriber(page, "=cmd@customer.example", components=[web])
    make_subscriber(page, "+1-x@customer.example", minimum_impact="major")
    make_subscriber(page, "+12065550142", channel="sms")
    make_subscriber(page, "left@customer.example", state="ended")
    content = b"".join(export_subscribers(page))
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == 4
    fields = [field for row in rows for field in row.values()]
    assert not [field for field in fields if field[:1] in ("=", "+", "-", "@", "\t", "\r")]
    other = make_page("Other", slug="other")
    make_component(other, "Web")
    assert bring(page, content) == Counts(added=0, changed=3, left=1)
    Subscriber.objects.all().delete()
    assert bring(page, content).added == 4
    back = {each.address: each for each in Subscriber.objects.all()}
    assert list(back["=cmd@customer.example"].components.all()) == [web]
    assert back["left@customer.example"].state == "ended"
    assert back["+1-x@customer.example"].minimum_impact == "major"


def test_an_erased_address_leaves_a_digest_and_nothing_else() -> None:
    page, other = make_page(), make_page("Other", slug="other")
    make_subscriber(page, "ada@customer.example")
    make_subscriber(other, "ada@customer.example")
    make_subscriber(page, "https://hook.customer.example/", channel="webhook", contact="ada@customer.example")
    make_subscriber(page, "bob@customer.example")
    make_public_incident(page)
    prepare()
    assert Notice.objects.count() == 3
    with transaction.atomic():
        assert erase(address=" Ada@customer.example ", by=Actor.system(), now=NOW) == 3
    assert set(Subscriber.objects.values_list("address", flat=True)) == {"bob@customer.example"}
    assert Notice.objects.count() == 1
    with transaction.atomic():
        assert erase(address="ada@customer.example", by=Actor.system(), now=NOW) == 0
    first, second = Entry.objects.filter(verb="subscriber.erased").order_by("seq")
    assert first.payload["digest"] == second.payload["digest"]
    assert "ada" not in str(first.payload)


def test_bounces_quarantine_everywhere_and_a_person_reactivates() -> None:
    page, other = make_page(), make_page("Other", slug="other")
    for each in (page, other):
        make_subscriber(each, "gone@customer.example")
    assert note_bounces(addresses=["Gone@customer.example", "nobody@customer.example"], now=NOW) == 2
    client = signed_in()
    first = Subscriber.objects.filter(page=page).get()
    assert first.state == "quarantined"
    listed = client.get("/status-pages/subscribers/?state=quarantined").content.decode()
    assert "gone@customer.example" in listed
    client.post(f"/status-pages/subscribers/{first.pk}/reactivate/")
    first.refresh_from_db()
    assert (first.state, first.failures, first.quarantined_at) == ("active", 0, None)
    client.post(f"/status-pages/subscribers/{first.pk}/end/")
    first.refresh_from_db()
    assert first.state == "ended"
    assert Entry.objects.filter(subject=page.subject, verb="subscriber.ended").exists()


def test_the_screens_take_files_and_refuse_too_much() -> None:
    page = make_page()
    client = signed_in()

    def upload(content: bytes) -> Any:
        fields = {"page": page.pk, "file": SimpleUploadedFile("people.csv", content)}
        return client.post("/status-pages/subscribers/import/", fields)

    assert upload(b"address\nada@customer.example\n").status_code == 302
    refused = upload(b"address\nnobody\n")
    assert refused.status_code == 422
    assert "<td>This is not an e-mail address.</td>" in refused.content.decode()
    assert upload(b"address\n" + b"x" * (MOST_BYTES + 1)).status_code == 422
    assert upload(b"").status_code == 422
    out = client.post("/status-pages/subscribers/export/", {"page": page.pk})
    assert b"ada@customer.example" in b"".join(out.streaming_content)  # type: ignore[attr-defined]
    assert Entry.objects.filter(subject=page.subject, verb="subscribers.exported").exists()
    client.post("/status-pages/subscribers/add/", {"page": page.pk, "address": "eve@customer.example"})
    assert Subscriber.objects.get(address="eve@customer.example").state == "pending"
    client.post("/status-pages/subscribers/erase/", {"address": "eve@customer.example"})
    assert not Subscriber.objects.filter(address="eve@customer.example").exists()
    found = client.get("/status-pages/subscribers/?q=ada").content.decode()
    assert "ada@customer.example" in found
    script = client.get("/status-pages/subscribers/", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in script


def test_old_uses_and_letters_and_the_never_confirmed_are_forgotten() -> None:
    page = make_page()
    make_subscriber(page, "never@customer.example", state="pending")
    make_subscriber(page, "ada@customer.example")
    count_use(
        purpose="x", page_id=page.pk, limits=Limits(per_key=1, per_place=1, overall=1), place="p", now=clock.now()
    )
    while prune(now=clock.now() + timedelta(days=60)):
        pass
    assert set(Subscriber.objects.values_list("address", flat=True)) == {"ada@customer.example"}
