"""A real Prometheus Alertmanager that tells the product by both ways it knows."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from supervisor.ports import free_port

PATIENCE_S: Final = 20.0


class Alertmanager:
    """Takes alerts as Prometheus sends them; the label `via` chooses the receiver."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._started: dict[str, str] = {}

    def fire(self, name: str, *, via: str) -> None:
        """Begin a condition of severity error."""
        self._started[name] = datetime.now(UTC).isoformat()
        self._send(name, via, {"endsAt": (datetime.now(UTC) + timedelta(hours=1)).isoformat()})

    def end(self, name: str, *, via: str) -> None:
        """End a condition that was begun."""
        self._send(name, via, {"endsAt": datetime.now(UTC).isoformat()})

    def _send(self, name: str, via: str, times: dict[str, str]) -> None:
        alert = {
            "labels": {"alertname": name, "severity": "error", "instance": "db-3", "via": via},
            "annotations": {"summary": f"{name} on db-3"},
            "startsAt": self._started[name],
            **times,
        }
        httpx.post(f"{self.url}/api/v2/alerts", json=[alert], timeout=10, trust_env=False).raise_for_status()


def configuration(*, webhook_url: str, events_url: str, routing_key: str) -> dict[str, Any]:
    """Return Alertmanager's configuration; it waits for nothing, so that a test need not either."""
    return {
        "route": {
            "receiver": "webhook",
            "group_by": ["alertname"],
            "group_wait": "0s",
            "group_interval": "1s",
            "routes": [{"receiver": "pagerduty", "matchers": ['via="pagerduty"']}],
        },
        "receivers": [
            {"name": "webhook", "webhook_configs": [{"url": webhook_url, "send_resolved": True}]},
            {
                "name": "pagerduty",
                "pagerduty_configs": [{"url": events_url, "routing_key": routing_key, "send_resolved": True}],
            },
        ],
    }


@contextmanager
def running(binary: str, config: dict[str, Any], *, folder: Path) -> Iterator[Alertmanager]:
    """Run it without a cluster, its data under `folder`, until the block ends."""
    file = folder / "alertmanager.yml"
    file.write_text(json.dumps(config))  # JSON is YAML
    url = f"127.0.0.1:{free_port()}"
    words = [
        binary,
        f"--config.file={file}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address={url}",
        "--cluster.listen-address=",
    ]
    log = folder / "log"
    with log.open("wb") as out, subprocess.Popen(words, stdout=out, stderr=subprocess.STDOUT) as process:
        try:
            _wait_until_ready(f"http://{url}", process, log)
            yield Alertmanager(f"http://{url}")
        finally:
            process.terminate()


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            httpx.get(f"{url}/-/ready", trust_env=False).raise_for_status()
        except httpx.HTTPError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        else:
            return
