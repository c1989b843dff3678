"""Real monitoring tools open an incident, page somebody, and end both: what they think they talk to is another product.

Alertmanager is Debian's, once by its webhook and once by its PagerDuty receiver; the client is PagerDuty's own. Shell
jobs report with curl, as the screens tell them to.
"""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from pagerduty import EventsApiV2Client

from tests.integration import alertmanager, tls
from tests.integration.alertmanager import Alertmanager
from tests.product import Product, moment, running_product
from tests.programs import program

JOB_LIMIT_S: Final = 60
KEPT_BYTES: Final = 10_000


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    """One product that all tools of this file talk to."""
    with running_product() as product:
        yield product


@pytest.fixture(scope="module")
def tool(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alertmanager]:
    """A running Alertmanager that knows two ways to the product."""
    binary = program("prometheus-alertmanager", package="prometheus-alertmanager")
    config = alertmanager.configuration(
        webhook_url=f"{product.url}/integrations/alertmanager/{product.facts['integration_keys']['alertmanager']}",
        events_url=f"{product.url}/v2/enqueue",
        routing_key=product.facts["routing_key"],
    )
    with alertmanager.running(binary, config, folder=tmp_path_factory.mktemp("alertmanager")) as tool:
        yield tool


@pytest.fixture
def client(product: Product, tmp_path: Path) -> Iterator[EventsApiV2Client]:
    """PagerDuty's client, which insists on https: it trusts the authority of this test."""
    trusted, served = tls.write_certificates(tmp_path)
    port = urlsplit(product.url).port
    assert port
    with (
        tls.in_front_of(port, served=served) as url,
        EventsApiV2Client(
            product.facts["routing_key"],
            base_url=url,
            verify=ssl.create_default_context(cafile=str(trusted)),
            trust_env=False,
        ) as client,
    ):
        yield client


def pages_until_it_is_over(
    product: Product, *, about: str, begin: Callable[[], object], end: Callable[[], object]
) -> None:
    """Check that a condition opens one incident and rings the engineer on call, and that its end ends both."""
    phone = product.people[product.on_call()]["phone"]
    begin()

    def opened() -> list[dict[str, str]]:
        return [each for each in product.items("/incidents?status=open") if about in each["title"]]

    (incident,) = product.wait(opened, what="Opening an incident")
    ringing = product.wait(
        lambda: [c for c in product.phones.all("calls", to=phone, state="ringing") if about in spoken_page(product)],
        what="The call",
    )
    (page,) = product.items(f"/pages?incident={incident['id']}")
    assert page["state"] == "paging"
    end()
    product.wait(
        lambda: product.get(f"/incidents/{incident['id']}")["status"] == "resolved", what="The end of the incident"
    )
    (page,) = product.items(f"/pages?incident={incident['id']}")
    assert (page["state"], page["cancel_reason"]) == ("cancelled", "resolved")
    product.wait(lambda: product.phones.all("calls", to=phone, state="canceled"), what="The end of the call")
    assert not opened()
    assert ringing


def spoken_page(product: Product) -> str:
    """Return the words of the texts that went out beside the calls."""
    return " ".join(message["text"] for message in product.phones.all("messages"))


@pytest.mark.parametrize(("via", "name"), [("webhook", "ReplicationStopped"), ("pagerduty", "BackupDiskFull")])
def test_alertmanager_opens_an_incident_pages_and_resolves_it(
    product: Product, tool: Alertmanager, via: str, name: str
) -> None:
    pages_until_it_is_over(
        product, about=name, begin=lambda: tool.fire(name, via=via), end=lambda: tool.end(name, via=via)
    )


def test_pagerdutys_own_client_opens_an_incident_pages_and_resolves_it(
    product: Product, client: EventsApiV2Client
) -> None:
    keys: list[str] = []

    def begin() -> None:
        keys.append(client.trigger("Mail queue is stuck", "mx-2", severity="error"))
        client.acknowledge(keys[0])

    pages_until_it_is_over(product, about="Mail queue is stuck", begin=begin, end=lambda: client.resolve(keys[0]))
    (alert,) = [each for each in product.items("/alerts") if each["dedup_key"] == keys[0]]
    assert alert["state"] == "resolved"


def test_pagerdutys_own_client_announces_a_change_that_opens_nothing(
    product: Product, client: EventsApiV2Client
) -> None:
    client.send_change_event({"summary": "Kernel of hall 2 updated", "source": "deploy"})
    (kept,) = [each for each in product.items("/events") if "Kernel of hall 2 updated" in str(each["raw"])]
    assert (kept["action"], kept["alert_id"]) == ("change", None)


def run_job(script: str) -> str:
    """Run a job as cron does; return what it says."""
    program("curl", package="curl")
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, timeout=JOB_LIMIT_S, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def newest(product: Product, heartbeat: dict[str, Any]) -> dict[str, Any]:
    """Return a job's last report."""
    return product.items(f"/heartbeats/{heartbeat['id']}/pings")[0]


def test_a_job_reports_its_start_its_output_and_its_exit_status(product: Product) -> None:
    made = product.post("/heartbeats", {"name": "Log rotation", "period_s": 3600, "severity": "info"})
    curl, url = "curl -fsS -m 30", made["ping_url"]
    assert run_job(f"{curl} {url}/start; {curl} -I {url}/start").startswith("OKHTTP/1.1 200")
    whole = 3_000_000
    assert run_job(f"head -c {whole} /dev/zero | tr '\\0' x | {curl} --data-binary @- {url}/0") == "OK"
    last = newest(product, made)
    assert (last["signal"], last["exit_status"], last["body_cut"]) == ("success", 0, True)
    assert last["body"] == "x" * KEPT_BYTES
    assert last["duration_ms"] > 0
    # The connection is kept: what was thrown away of one body is not taken for the next report.
    assert run_job(f"printf 'a\\000b' | {curl} --data-binary @- {url} --next -fsS {url}/1") == "OKOK"
    after, before = product.items(f"/heartbeats/{made['id']}/pings")[:2]
    assert (before["body"], after["exit_status"], after["body"]) == ("a\ufffdb", 1, "")


def test_a_job_that_stays_away_rings_and_is_silent_when_it_is_back(product: Product) -> None:
    made = product.post("/heartbeats", {"name": "Mail archive", "period_s": 3600, "service": "email"})
    run_job(f"curl -fsS {made['ping_url']}")
    product.write("UPDATE intake_heartbeat SET next_look_at = clock_timestamp() WHERE id = %s", int(made["id"]))
    incidents = "/incidents?status=open"
    (incident,) = product.wait(
        lambda: [each for each in product.items(incidents) if "Mail archive" in each["title"]], what="An incident"
    )
    phone = product.people[product.on_call()]["phone"]
    product.wait(lambda: product.phones.all("calls", to=phone, state="ringing"), what="The call")
    run_job(f"curl -fsS {made['ping_url']}")
    product.wait(lambda: product.get(f"/incidents/{incident['id']}")["status"] == "resolved", what="Its end")
    product.wait(lambda: not product.phones.all("calls", state="ringing"), what="Hanging up")
    assert product.get(f"/heartbeats/{made['id']}")["state"] == "up"


def test_the_demonstration_waits_for_its_nightly_backup(product: Product) -> None:
    (backup,) = [each for each in product.items("/heartbeats") if each["name"].startswith("Nightly backup")]
    assert (backup["cron"], backup["time_zone"], backup["grace_s"]) == ("0 6 * * *", "UTC", 1800)
    assert moment(backup["late_at"]) - moment(backup["expected_at"]) == timedelta(minutes=30)
    assert run_job(f"curl -fsS {product.url}/ping/{product.facts['heartbeat_key']}") == "OK"
    assert moment(newest(product, backup)["at"]) > moment(backup["last_ping_at"])
