"""`bin/manage`: `manage.py` against the running servers, or against embedded ones that live as long as the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

from supervisor.configuration import Servers, product_environment, server_settings
from supervisor.embedded import DATABASE, is_given, start_server
from supervisor.errors import StartRefused
from supervisor.lock import AlreadyHeld, held, holder
from supervisor.private_file import read_private
from supervisor.run import LOCK, READY_WITHIN_S, RUNNING, var_folder
from supervisor.spawn import end
from supervisor.tree import Tree


def manage(root: Path, words: list[str]) -> int:
    """Run `manage.py` with `words` in the current folder; return its exit status.

    A setting of the caller's environment wins over the one of the running start.
    """
    tree = Tree.at(root, var=var_folder(root))
    lock = tree.var / LOCK
    with ExitStack() as stack:
        while True:
            if holder(lock) in ("run", "starting"):
                _join(tree, words)
            try:
                stack.enter_context(held(lock, purpose="manage", wait=holder(lock) == "manage"))
                break
            except AlreadyHeld:
                continue
        servers, settings = server_settings(tree)
        env = product_environment(tree, servers, settings)
        is_new = _start(tree, servers, stack)
        script = str(root / "manage.py")
        if is_new and words[:1] != ["migrate"]:
            subprocess.run([sys.executable, script, "migrate", "--verbosity", "0"], env=env, check=True)
        # Ctrl-C goes to the whole foreground group: the command decides what it means, the servers wait for it.
        # A handler that does nothing, because an ignored signal would stay ignored in the command.
        signal.signal(signal.SIGINT, lambda *_: None)
        command = subprocess.Popen([sys.executable, script, *words], env=env)
        signal.signal(signal.SIGTERM, lambda *_: command.terminate())
        return command.wait()


def _join(tree: Tree, words: list[str]) -> NoReturn:
    """Become `manage.py` with the settings of the start that runs; waits for one that has just begun."""
    deadline = time.monotonic() + READY_WITHIN_S
    while not (settings := read_private(tree.var / RUNNING)):
        if not holder(tree.var / LOCK):
            raise StartRefused("The bin/run of this folder ended before it was up. Look at its last lines.")
        if time.monotonic() > deadline:
            raise StartRefused("The bin/run of this folder is not up yet. Try again when it says it is ready.")
        time.sleep(0.1)
    joined = {name: value for name, value in settings.items() if not is_given(name.removesuffix("_FILE"))}
    servers, _ = server_settings(tree)
    env = product_environment(tree, servers, joined)
    script = str(tree.root / "manage.py")
    os.execve(sys.executable, [sys.executable, script, *words], env)  # noqa: S606 - our own script, no shell wanted


def _start(tree: Tree, servers: Servers, stack: ExitStack) -> bool:
    """Start the embedded servers until the stack ends; tell whether the database is new."""
    for server in (servers.postgres, servers.valkey):
        if server:
            child = start_server(server, log=tree.state / f"{server.data.name}.log")
            stack.callback(end, child, first=server.stop_signal, patience_s=5)
    return bool(servers.postgres and servers.postgres.create_database(DATABASE))
