"""The web server: stopped so that requests under way may end, proved to be gone; started once its files are good."""

from __future__ import annotations

import os
import socket
import time

from eap.actions.webserver.host import programs
from eap.actions.webserver.host.request import Web
from eap.actions.webserver.host.trouble import Trouble, say

LOOK_EVERY = 0.1


def stop(web: Web) -> None:
    """Stop it by `-s quit`, and after `patience` seconds by `-s stop`; returns when its pid file is gone and its port
    refuses. Stopped already, it does nothing."""
    for how, seconds in (("quit", web.patience), ("stop", 15)):
        if _pid(web) and _lives(_pid(web)):
            try:
                programs.run([web.program, "-c", web.conf, "-s", how])
            except Trouble:
                if _pid(web) and _lives(_pid(web)):
                    raise
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            if not web.pid_file.exists() and not answers(web):
                return
            if _pid(web) and not _lives(_pid(web)):
                web.pid_file.unlink(missing_ok=True)  # left behind by one that was killed
            time.sleep(LOOK_EVERY)
        if how == "quit" and web.pid_file.exists():
            say(f"Requests took longer than {web.patience} s; they are cut off.")
    held = "its pid file is still there" if web.pid_file.exists() else f"something still answers on port {web.port}"
    raise Trouble(f"The web server does not stop: {held}.")


def start(web: Web) -> None:
    """Start it after `-t` said that its configuration is good; returns when it answers. Running already, it does
    nothing."""
    programs.run([web.program, "-t", "-q", "-c", web.conf])
    settles_at = time.monotonic() + 5
    while answers(web) and not _lives(_pid(web)) and time.monotonic() < settles_at:
        time.sleep(LOOK_EVERY)  # it was just started, and has not written its pid file yet
    if not (_lives(_pid(web)) and answers(web)):
        words = ["systemctl", "start", web.unit] if web.unit else [web.program, "-c", web.conf]
        # It stays: stopping this call must neither find nor end it.
        programs.run(words, outlives=True)
    ends_at = time.monotonic() + 30
    while not (answers(web) and _lives(_pid(web))):
        if time.monotonic() > ends_at:
            raise Trouble(f"The web server was started and does not answer on port {web.port}.", passing=True)
        time.sleep(LOOK_EVERY)


def answers(web: Web) -> bool:
    """Tell whether somebody listens on its port."""
    try:
        socket.create_connection((web.host, web.port), timeout=3).close()
    except OSError:
        return False
    return True


def _pid(web: Web) -> int:
    try:
        return int(web.pid_file.read_text("ascii").strip() or 0)
    except (OSError, ValueError):
        return 0


def _lives(pid: int) -> bool:
    if pid <= 1:
        return False
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
