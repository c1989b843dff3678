"""With every process of Muster, its broker and its database gone, customers still read the page and hear news."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from tests.statuspage.publishing.nginx import running_nginx
from tests.supervisor.start import Start, eventually

READ = ("", "api/v2/summary.json", "api/v2/status.json", "api/v2/components.json", "api/v2/incidents.json",
        "history.atom", "history.rss", "history.json", "maintenance.ics", "history.html", "widget.html")  # fmt: skip


@pytest.fixture
def start() -> Iterator[Start]:
    """Make a product in a folder of its own; the tests start and kill it."""
    start = Start()
    try:
        yield start
    finally:
        start.remove()


def tree(start: Start) -> Path:
    """Return where it publishes."""
    return start.var / "status"


def generation(start: Start) -> int:
    """Return what the folder holds."""
    try:
        return int(json.loads((tree(start) / "generation.json").read_text())["generation"])
    except FileNotFoundError:
        return 0


def published(start: Start) -> bool:
    """Tell whether the demonstration's page is there."""
    return (tree(start) / "index.html").exists()


def kill_everything(start: Start) -> None:
    """Kill every process at once, servers included, as a power cut does."""
    family = start.family()
    names = " ".join(" ".join(each.cmdline()) for each in family)
    for part in ("run_engine", "config.wsgi", "celery", "postgres", "valkey"):
        assert part in names, f"{part} does not run"
    for each in family:
        each.kill()
    _, alive = psutil.wait_procs(family, timeout=20)
    assert not alive
    assert start.process
    start.process.wait(20)


def script(start: Start, *arguments: str) -> str:
    """Run the script that lies in the published folder."""
    said = subprocess.run(
        [sys.executable, "-I", "-S", str(tree(start) / ".emergency/emergency_status.py"), str(tree(start)), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    return said.stdout


def test_customers_read_and_hear_while_all_is_down(start: Start, tmp_path: Path) -> None:
    start.up()
    eventually(lambda: published(start), within_s=60, what="Publishing")
    url = start.facts()["status_page"]
    assert httpx.get(url, trust_env=False).status_code == 200
    kill_everything(start)
    with pytest.raises(httpx.TransportError):
        httpx.get(url, trust_env=False, timeout=2)

    with (
        running_nginx(root=tree(start), folder=tmp_path / "nginx") as address,
        httpx.Client(base_url=address, trust_env=False) as reader,
    ):
        for path in READ:
            assert reader.get(f"/{path}").status_code == 200, path
        before = generation(start)
        component = next(
            each for each in reader.get("/api/v2/components.json").json()["components"] if not each["group"]
        )
        said = script(
            start,
            *(
                "--stage",
                "investigating",
                "--name",
                "Our data centre is dark",
                "--text",
                "All of it. Next word at noon.",
            ),
            *("--component", f"{component['id']}=major_outage", "--by", "Otto, by phone light"),
        )
        incident = re.search(r"id is ([a-z0-9]{12})", said)
        assert incident, said
        for path in ("", "api/v2/summary.json", "api/v2/incidents/unresolved.json", "history.atom", "history.rss"):
            assert "Our data centre is dark" in reader.get(f"/{path}").text, path
        assert reader.get("/api/v2/status.json").json()["status"]["indicator"] != "none"
        assert "All of it." in reader.get(f"/incidents/{incident[1]}.html").text
        assert generation(start) == before + 1

        start.up()
        eventually(lambda: generation(start) > before + 1, within_s=60, what="Publishing again")
        with psycopg.connect(start.facts()["database_url"]) as connection:
            rows: list[Any] = connection.execute(
                "SELECT p.name, u.stage, u.drafted_by_name, u.texts->>'en' FROM statuspage_statusupdate u"
                " JOIN statuspage_publicincident p ON p.id = u.public_incident_id WHERE u.journal_id IS NOT NULL"
            ).fetchall()
        assert rows == [
            ("Our data centre is dark", "investigating", "Otto, by phone light", "All of it. Next word at noon.")
        ]
        for path in ("", "api/v2/incidents/unresolved.json", "history.atom", f"incidents/{incident[1]}.html"):
            assert "Our data centre is dark" in reader.get(f"/{path}").text, "nothing is overwritten"
        at = next(
            each for each in reader.get("/api/v2/components.json").json()["components"] if each["id"] == component["id"]
        )
        assert at["status"] == "major_outage"


def test_whatever_is_killed_the_page_is_whole(start: Start) -> None:
    """The engine dies again and again while it publishes; readers never see a half page, and it is fresh soon after."""
    start.up()
    eventually(lambda: published(start), within_s=60, what="Publishing")
    with httpx.Client(trust_env=False, timeout=10) as reader:
        url = start.facts()["status_page"]
        for _ in range(4):
            before = generation(start)
            with psycopg.connect(start.facts()["database_url"]) as connection:
                connection.execute("UPDATE statuspage_publisher SET wanted = wanted + 1")
            (engine,) = start.facts()["pids"]["engine"]
            psutil.Process(engine).kill()
            page = reader.get(url).text
            assert page.rstrip().endswith("</html>")
            reader.get(f"{url}api/v2/summary.json").raise_for_status().json()
            eventually(lambda before=before: generation(start) > before, within_s=40, what="Publishing again")  # type: ignore[misc]
