"""Clients written for Atlassian's Statuspage read our page as they read Atlassian's.

npm's `statuspage.io` is fetched from the registry by this test and PyPI's `statuspage-prometheus-exporter` is one of
the test requirements; neither is part of the product. Both read what nginx serves from the published folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from django.conf import settings as django_settings

from engine import clock
from statuspage.models import PublicIncident
from statuspage.publishing.publish import publish
from tests.statuspage.builders import make_component, make_group, make_maintenance, make_page, make_public_incident, say
from tests.statuspage.publishing.nginx import running_nginx

pytestmark = pytest.mark.django_db
CLIENT: Final = "statuspage.io@3.3.8"
ASK: Final = """
const {Statuspage} = require('statuspage.io');
const page = new Statuspage('ours');
page.setApiUrl(process.argv[1]);
(async () => console.log(JSON.stringify({
  summary: await page.api.getSummary(),
  status: await page.api.getStatus(),
  components: await page.api.getComponents(),
  incidents: await page.api.incidents.getAll(),
  unresolved: await page.api.incidents.getUnresolved(),
  upcoming: await page.api.scheduledMaintenances.getUpcoming(),
})))().catch((error) => { console.error(error.message); process.exit(1); });
"""


@pytest.fixture
def told(tmp_path: Path) -> Iterator[tuple[str, PublicIncident]]:
    """Publish a page with an open incident, one that is over and maintenance; yields its address and the open one."""
    now = clock.now() - timedelta(minutes=10)
    page = make_page(now=now)
    group = make_group(page, "Hosting")
    web = make_component(page, "Web hosting", group=group, now=now)
    mail = make_component(page, "Mail", now=now)
    over = make_public_incident(page, name="Mail was late", components={mail: "degraded_performance"}, now=now)
    say(over, "resolved", "Mail is on time again.", now=now + timedelta(minutes=1))
    incident = make_public_incident(
        page, name="Websites do not answer", components={web: "major_outage"}, now=now + timedelta(minutes=2)
    )
    say(incident, "identified", "A disk array failed.", now=now + timedelta(minutes=3))
    make_maintenance(page, components={mail: "under_maintenance"}, now=now)
    assert publish(now=clock.now()) is not None
    with running_nginx(root=Path(django_settings.STATUS_PUBLISH_DIR), folder=tmp_path / "nginx") as address:
        yield address, incident


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fetch npm's client into a folder of this run's own."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("npm and node are not installed")
    folder = tmp_path_factory.mktemp("npm")
    (folder / "package.json").write_text('{"name": "tests", "version": "1.0.0", "private": true}')
    try:
        subprocess.run(
            [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", CLIENT],
            cwd=folder, check=True, capture_output=True, text=True, timeout=180,
        )  # fmt: skip
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"npm's registry gave no {CLIENT}: {str(error.stderr or error)[-200:]}")
    return folder


def without_proxies() -> dict[str, str]:
    """Return an environment in which a client goes straight to 127.0.0.1."""
    return {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}


def test_npms_client_reads_it(told: tuple[str, PublicIncident], client: Path) -> None:
    address, incident = told
    said = subprocess.run(
        ["node", "-e", ASK, address],  # noqa: S607 - found above
        cwd=client, env=without_proxies(), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    read: dict[str, Any] = json.loads(said.stdout)
    assert read["status"]["status"] == {"indicator": "major", "description": "Partial System Outage"}
    assert read["summary"]["status"] == read["status"]["status"]
    (open_one,) = read["unresolved"]["incidents"]
    assert (open_one["id"], open_one["name"], open_one["status"]) == (
        incident.pk, "Websites do not answer", "identified",
    )  # fmt: skip
    assert [update["status"] for update in open_one["incident_updates"]] == ["identified", "investigating"]
    assert read["summary"]["incidents"] == [open_one]
    assert [each["name"] for each in read["incidents"]["incidents"]] == ["Websites do not answer", "Mail was late"]
    states = {each["name"]: each["status"] for each in read["components"]["components"]}
    assert states == {"Hosting": "major_outage", "Web hosting": "major_outage", "Mail": "operational"}
    assert [each["name"] for each in read["upcoming"]["scheduled_maintenances"]] == ["Database servers move"]


def test_the_prometheus_exporter_reads_it(told: tuple[str, PublicIncident], tmp_path: Path) -> None:
    address, incident = told
    (tmp_path / "services.json").write_text(
        json.dumps({"harbor": {"url": f"{address}/api/v2/summary.json", "name": "Harbor Hosting"}})
    )
    ended = subprocess.run(
        [sys.executable, "-m", "statuspage_prometheus_exporter.status_monitoring"],
        cwd=tmp_path,
        env={**without_proxies(), "RUN_MODE": "once", "METRICS_TEXTFILE_PATH": str(tmp_path / "metrics.prom")},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    figures = (tmp_path / "metrics.prom").read_text()

    def figure(name: str, **labels: str) -> float:
        for line in figures.splitlines():
            if line.startswith(f"{name}{{") and all(f'{key}="{value}"' in line for key, value in labels.items()):
                return float(line.rpartition(" ")[2])
        raise AssertionError(f"no {name} {labels} in\n{figures}")

    assert figure("statuspage_probe_check", service_name="Harbor Hosting") == 1
    assert figure("statuspage_service_status", service_name="Harbor Hosting") == 0
    assert figure("statuspage_component_status", component_name="Web hosting") == 0
    assert figure("statuspage_component_status", component_name="Mail") == 1
    assert figure("statuspage_incident_info", incident_id=incident.pk, incident_name="Websites do not answer") == 1
    assert figure("statuspage_maintenance_info", maintenance_name="Database servers move") == 1
    at = figure("statuspage_application_timestamp", service_name="Harbor Hosting") / 1000
    assert abs(datetime.now(UTC).timestamp() - at) < 900
