"""What an administrator copies from `deploy/` is understood by the programs it is for."""

from __future__ import annotations

import re
import ssl
import subprocess
from pathlib import Path

import pytest

from supervisor.commands import WORKER_THREADS
from supervisor.ports import free_port
from tests.programs import program

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())


def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    analyze = program("systemd-analyze", package="systemd")
    for unit in UNITS:
        # The one thing of the target machine that systemd looks for: the program itself.
        text = unit.read_text().replace("/opt/muster/.venv/bin/python", "/bin/sh")
        (tmp_path / unit.name).write_text(text)
    checked = subprocess.run(
        [analyze, "verify", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in checked.stderr.splitlines() if "muster" in line]
    assert (checked.returncode, ours) == (0, []), checked.stderr


def test_the_target_brings_up_every_service() -> None:
    wanted = set(re.findall(r"muster-[\w-]+\.service", (DEPLOY / "systemd" / "muster.target").read_text()))
    assert wanted == {unit.name for unit in UNITS if unit.suffix == ".service"}


def test_units_containers_and_the_demonstration_take_the_same_queues() -> None:
    units = {each for unit in UNITS for each in re.findall(r"-Q (\S+)", unit.read_text())}
    containers = set(re.findall(r"-Q, \"?([\w,]+?)\"?, -n", (DEPLOY / "compose.yaml").read_text()))
    assert units == containers == set(WORKER_THREADS)


def test_nginx_understands_its_example(tmp_path: Path) -> None:
    nginx = program("nginx", package="nginx-light")
    openssl = program("openssl", package="openssl")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=muster.example.com", "-keyout", "privkey.pem", "-out", "fullchain.pem"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    ssl.create_default_context().load_cert_chain(tmp_path / "fullchain.pem", tmp_path / "privkey.pem")
    text = (DEPLOY / "nginx.conf").read_text().replace("/etc/ssl/muster", str(tmp_path))
    # Checking a configuration opens its ports, and those below 1024 belong to root.
    for port in ("80", "443 ssl"):
        text = text.replace(f"listen {port}", f"listen 127.0.0.1:{free_port()} {port[4:]}")
    (tmp_path / "site.conf").write_text(text)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; include {tmp_path}/site.conf; }}"
    )
    checked = subprocess.run(
        [nginx, "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-g", "daemon off;"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("path", ["/ping/", "/reset/code/"])
def test_addresses_that_open_something_stand_in_no_log_of_nginx(path: str) -> None:
    block = re.search(rf"location {path} {{([^}}]*)}}", (DEPLOY / "nginx.conf").read_text())
    assert block is not None
    assert "access_log off;" in block.group(1)


@pytest.mark.parametrize("name", re.findall(r"^#?([A-Z_]+)=", (DEPLOY / "muster.env").read_text(), re.MULTILINE))
def test_every_setting_of_the_example_is_read(name: str) -> None:
    sources = "".join(path.read_text() for path in (ROOT / "config").glob("*.py"))
    assert f'"{name}"' in sources


def test_the_image_holds_every_app_and_nothing_that_does_not_exist() -> None:
    copied = re.findall(r"^COPY (\w+) \./\w+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert set(copied) == apps | {"config"}
