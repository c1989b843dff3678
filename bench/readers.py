"""Readers of files over HTTP, as many and as quick as this machine gives: `python -m bench.readers PORT PATH SECONDS`.

One kept connection and one process each, so that the readers' own work is the same whichever server answers them.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from typing import Final

from bench.product import ROOT

READERS: Final = 4


def rate(port: int, path: str, *, seconds: float) -> float:
    """Return the answers per second that all readers together got from 127.0.0.1; raises SystemExit for a bad one."""
    command = [sys.executable, "-m", "bench.readers", str(port), path, str(seconds)]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(READERS)]
    rates = []
    for each in running:
        said, _ = each.communicate()
        if each.returncode:
            raise SystemExit(f"Reading {path} failed.")
        rates.append(float(said))
    return sum(rates)


def read(port: int, path: str, seconds: float) -> float:
    """Ask again and again on one connection; return the answers per second."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n".encode()
    answers = 0
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        size = _size(line, request)
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            for _ in range(20):
                line.sendall(request)
                left = size
                while left > 0:
                    left -= len(line.recv(1 << 20))
                answers += 1
        return answers / (time.monotonic() - began)


def _size(line: socket.socket, request: bytes) -> int:
    """Ask once and return the bytes of the whole answer, which stays the same from one to the next."""
    line.sendall(request)
    got = b""
    while b"\r\n\r\n" not in got:
        got += line.recv(1 << 20)
    head, _, _ = got.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(head.decode(errors="replace"))
    lengths = [row for row in head.lower().split(b"\r\n") if row.startswith(b"content-length:")]
    whole = len(head) + 4 + int(lengths[0].split(b":")[1])
    while len(got) < whole:
        got += line.recv(1 << 20)
    return whole


if __name__ == "__main__":
    sys.stdout.write(str(read(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]))))
