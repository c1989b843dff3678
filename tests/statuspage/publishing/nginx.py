"""nginx as `deploy/nginx.conf` sets it up for the status page's own origin, on a folder and port of a test's own."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from supervisor.ports import free_port
from tests.programs import program

SHIPPED = Path(__file__).resolve().parents[3] / "deploy" / "nginx.conf"
MIME_TYPES = Path("/etc/nginx/mime.types")


def status_site(*, root: Path, port: int, muster: str) -> str:
    """Return the shipped lines about the status page's own origin, without TLS, for a folder and a port."""
    text = SHIPPED.read_text()
    maps = "".join(re.findall(r"^map \$uri \$status_.*?^}\n", text, re.MULTILINE | re.DOTALL))
    server = next(block for block in re.split(r"(?m)^(?=server \{)", text) if "server_name status.example.com" in block)
    server = re.sub(r"(?m)^ *ssl_.*\n", "", server).replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port};")
    server = server.replace("/var/lib/muster/site/status", f'"{root}"').replace("http://muster_web", muster)
    assert str(root) in server
    return maps + server


@contextlib.contextmanager
def running_nginx(*, root: Path, folder: Path, muster: str = "http://127.0.0.1:9") -> Iterator[str]:
    """Run nginx with one process on the published folder `root`; yields its address. Its own files go to `folder`."""
    nginx, port = program("nginx", package="nginx-light"), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    user = "user root;" if os.geteuid() == 0 else ""  # a test's folders are closed to others
    (folder / "nginx.conf").write_text(
        f"{user} worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/errors; events {{}}\n"
        f"http {{ access_log off; include {MIME_TYPES}; default_type application/octet-stream;\n"
        f"client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};"
        f" uwsgi_temp_path {folder}; scgi_temp_path {folder};\n{status_site(root=root, port=port, muster=muster)} }}\n"
    )
    process = subprocess.Popen([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        address = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{address}/generation.json", timeout=2, trust_env=False)
                break
            time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(10)
