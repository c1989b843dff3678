"""Lists of hosts in every format, what is refused, and what a fill changes."""

from __future__ import annotations

import ipaddress
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from eap.hosts import find, hosts_of
from eap.models import Inventory, InventoryHost
from eap.operations.automation.refresh_inventory import ENGINE, refresh_inventory
from eap.operations.automation.save_inventory import fill_inventory, remove_inventory, save_inventory
from eap.rules.inventory import FoundHost, read_hosts
from engine.duties import run_once
from ledger.actor import Actor
from ledger.models import Entry
from tests.builders import NOW, make_person
from web.errors import BadInput

CSV = b"name,address,groups,drill,rack\nweb1,10.0.0.1,web shared,,r1\nweb2,10.0.0.2,web,yes,\n"
INI = b"""
# our own
[web]
web[01:03].example ansible_host=10.0.0.9 ansible_port=2222
[db]
db1 role='the primary'
[db:vars]
backup=nightly
[production:children]
web
db
"""
TREE = b"""
all:
  vars: {dc: ams}
  children:
    production:
      children:
        web:
          hosts:
            web1: {ansible_host: 10.0.0.1, weight: 3, ssl: true}
            web2:
    drill:
      hosts: {lab1: {}}
"""
DYNAMIC = json.dumps(
    {
        "web": {"hosts": ["web1", "web2"], "vars": {"tier": "front"}},
        "drill": ["lab1"],
        "_meta": {"hostvars": {"web1": {"ansible_host": "10.0.0.1"}}},
    }
).encode()


def as_dict(hosts: list[FoundHost]) -> dict[str, FoundHost]:
    return {host.name: host for host in hosts}


def test_csv_in_either_separator() -> None:
    for content in (CSV, CSV.replace(b",", b";"), b"\xef\xbb\xbf" + CSV):
        found = as_dict(read_hosts(content, filename="hosts.csv"))
        assert found["web1"].address == "10.0.0.1"
        assert found["web1"].groups == {"web", "shared"}
        assert found["web1"].variables == {"rack": "r1"}
        assert (found["web1"].drill, found["web2"].drill) == (False, True)


def test_ansibles_ini_with_ranges_variables_and_children() -> None:
    found = as_dict(read_hosts(INI))
    assert sorted(found) == ["db1", "web01.example", "web02.example", "web03.example"]
    assert found["web02.example"].address == "10.0.0.9"
    assert found["web02.example"].variables == {"port": "2222"}
    assert found["web02.example"].groups == {"web", "production"}
    assert found["db1"].variables == {"role": "the primary", "backup": "nightly"}


def test_ansibles_yaml_and_dynamic_inventory() -> None:
    found = as_dict(read_hosts(TREE, filename="hosts.yml"))
    assert found["web1"].groups == {"web", "production"}
    assert found["web1"].variables == {"weight": "3", "ssl": "true", "dc": "ams"}
    assert found["lab1"].drill
    found = as_dict(read_hosts(DYNAMIC))
    assert found["web1"].address == "10.0.0.1"
    assert found["web2"].variables == {"tier": "front"}
    assert found["lab1"].drill


def test_a_plain_list() -> None:
    content = json.dumps([{"name": "a", "groups": ["x"], "variables": {"n": 1}}, "b"]).encode()
    assert [host.name for host in read_hosts(content)] == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "filename", "sentences"),
    [
        (b"name,groups\n-bad,x\nok,y\nok,z\n", "h.csv", ["Line 2: “-bad” is no host name", "Line 4: ok stands here"]),
        (b"host\nweb1\n", "h.csv", ["Line 1: The first line must name the columns"]),
        (b"name\nweb1,extra\n", "h.csv", ["Line 2: 2 values for 1 columns"]),
        (b"a: [1,\nb", "h.yml", ["Line 2:"]),
        (b"[{", "h.json", ["Line 1: This is no JSON"]),
        (b"\xff\xfe", "h.csv", ["not UTF-8"]),
        (b"", "h.ini", ["names no host"]),
        (b"web1 'open\n", "h.ini", ["Line 1: A quotation mark"]),
        (b"[[[[[[[[[[" * 20_000, "h.json", ["nested"]),
        (b"name,address\nweb1,10.0.0.1 or so\n", "h.csv", ["web1: “10.0.0.1 or so” is no address"]),
        (b'[{"name": "web1", "address": "a\\u0000b"}]', "h.json", ["web1: “a\ufffdb” is no address"]),
        (b"name,address\nweb1," + b"a" * 254 + b"\n", "h.csv", ["is no address"]),
        (b'["a\\u0000b"]', "h.json", ["is no host name"]),
    ],
)
def test_a_bad_file_names_its_lines(content: bytes, filename: str, sentences: list[str]) -> None:
    with pytest.raises(BadInput) as caught:
        read_hosts(content, filename=filename)
    for sentence in sentences:
        assert sentence in caught.value.sentence


def test_what_nothing_can_store_is_taken_out_of_variables() -> None:
    (host,) = read_hosts(b'[{"name": "web1", "variables": {"note\\u0000": "a\\u0000b", "half": "\\ud800"}}]')
    assert host.variables == {"note\ufffd": "a\ufffdb", "half": "?"}


def test_groups_in_groups_in_groups_belong_to_all_of_them_however_deep() -> None:
    chain = "".join(f"[g{n}:children]\ng{n + 1}\n" for n in range(400))
    circle = "[left:children]\nright\n[right:children]\nleft\n[left]\nodd\n"
    members = "[g400]\n" + "".join(f"web{n}\n" for n in range(500))
    found = {host.name: host for host in read_hosts(f"{chain}{circle}{members}[g0:vars]\ndepth=0\n".encode())}
    assert found["web499"].groups == {f"g{n}" for n in range(401)}
    assert found["web499"].variables == {"depth": "0"}
    assert found["odd"].groups == {"left", "right"}


def fill(inventory: Inventory, content: bytes) -> dict[str, int]:
    with transaction.atomic():
        return fill_inventory(inventory_id=inventory.pk, hosts=read_hosts(content), by=Actor.system(), now=NOW)


def make(name: str = "harbor", **given: Any) -> Inventory:
    with transaction.atomic():
        return save_inventory(name=name, source=given.pop("source", "file"), by=Actor.system(), now=NOW, **given)


@pytest.mark.django_db
def test_filling_adds_changes_and_removes_and_is_in_the_ledger() -> None:
    inventory = make()
    assert fill(inventory, CSV) == {"added": 2, "changed": 0, "removed": 0}
    kept = InventoryHost.objects.get(name="web2").pk
    assert fill(inventory, b"name,groups\nweb2,web\nweb3,web\n") == {"added": 1, "changed": 1, "removed": 1}
    assert InventoryHost.objects.get(name="web2").pk == kept
    assert fill(inventory, b"name,groups\nweb2,web\nweb3,web\n") == {"added": 0, "changed": 0, "removed": 0}
    verbs = list(Entry.objects.filter(subject="settings:inventories").order_by("seq").values_list("verb", flat=True))
    assert verbs == ["inventory.saved", "inventory.filled", "inventory.filled"], "an empty change is none"


@pytest.mark.django_db
def test_hosts_are_found_by_group_inventory_and_name_and_drills_get_only_theirs() -> None:
    inventory = make()
    fill(inventory, CSV)
    assert [host.name for host in hosts_of("web")] == ["web1", "web2"]
    assert [host.name for host in hosts_of("harbor:shared")] == ["web1"]
    assert [host.name for host in find(["harbor", "web1"], drill=False)] == ["web1", "web2"]
    assert [host.name for host in find(["web"], drill=True)] == ["web2"]
    assert find(["shared"], drill=True) == []
    with pytest.raises(ValueError, match="called nowhere"):
        find(["nowhere"], drill=False)
    with transaction.atomic():
        remove_inventory(inventory_id=inventory.pk, by=Actor.system(), now=NOW)
    assert hosts_of("all") == []


class Source(BaseHTTPRequestHandler):
    """Lists hosts to whoever has the token."""

    answer: ClassVar[bytes] = DYNAMIC

    def do_GET(self) -> None:
        fine = self.headers.get("Authorization") == "Bearer t0ken-of-inventory"
        self.send_response(200 if fine else 401)
        self.end_headers()
        self.wfile.write(self.answer if fine else b"no")

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


@pytest.fixture
def source(settings: Any) -> Iterator[str]:
    settings.OUTBOUND_ALLOW = [ipaddress.ip_network("127.0.0.0/8")]
    Source.answer = DYNAMIC
    server = ThreadingHTTPServer(("127.0.0.1", 0), Source)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hosts"
    server.shutdown()
    server.server_close()


@pytest.mark.django_db(transaction=True)
def test_an_address_is_fetched_each_hour_and_a_failure_leaves_the_hosts(source: str, settings: Any) -> None:
    inventory = make(source="http", url=source, token="t0ken-of-inventory")
    assert run_once("inventories", now=NOW) == 1
    assert InventoryHost.objects.count() == 3
    assert run_once("inventories", now=NOW + timedelta(minutes=59)) == 0
    Source.answer = b"<html>"
    assert run_once("inventories", now=NOW + timedelta(minutes=61)) == 1
    inventory.refresh_from_db()
    assert inventory.trouble
    assert InventoryHost.objects.count() == 3
    settings.OUTBOUND_ALLOW = []
    with pytest.raises(BadInput, match="private network"):
        refresh_inventory(inventory_id=inventory.pk, by=ENGINE, now=NOW)


@pytest.mark.django_db
def test_the_screens_import_and_show() -> None:
    browser = Client()
    browser.force_login(make_person("Alma"))
    page = browser.post(reverse("inventory_add"), {"name": "harbor", "source": "file"}, follow=True)
    assert "No host here" in page.content.decode()
    inventory = Inventory.objects.get()
    address = reverse("inventory_fill", args=[inventory.pk])
    page = browser.post(address, {"file": SimpleUploadedFile("hosts.csv", CSV)}, follow=True)
    assert "2 added, 0 changed, 0 removed" in page.content.decode()
    assert "web1" in browser.get(reverse("inventory", args=[inventory.pk]), {"q": "shared"}).content.decode()
    page = browser.post(
        address,
        {"file": SimpleUploadedFile("hosts.csv", b"name\n-bad\n")},
        follow=True,
        headers={"referer": "http://testserver" + reverse("inventory", args=[inventory.pk])},
    )
    assert "Line 2" in page.content.decode()
    assert inventory.hosts.count() == 2
