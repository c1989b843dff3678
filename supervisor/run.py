"""`bin/run`: everything of one checkout, with the demonstration company."""

from __future__ import annotations

import http.client
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NoReturn

from supervisor import commands
from supervisor.configuration import (
    Addresses,
    Servers,
    choose_addresses,
    demonstration_settings,
    product_environment,
    server_settings,
    shared_with_others,
    simulator_environment,
)
from supervisor.demonstration import Demonstration
from supervisor.embedded import DATABASE, PATIENCE_S, remove_data
from supervisor.family import Family, StopRequested
from supervisor.journal import Journal
from supervisor.lock import AlreadyHeld, held, holder
from supervisor.ports import LOOPBACK
from supervisor.private_file import read_private, write_private
from supervisor.tree import Tree

LOCK: Final = "supervisor.lock"
RUNNING: Final = "run.json"
"""Under `var/`: the settings of the start that runs, for commands that join it; gone when it ends."""
READY_WITHIN_S: Final = 60.0
STAGES: Final = (
    (commands.APPLICATION, 5.0),
    (("simulator", *commands.SERVERS), 4.0),
)
"""What ends together, last started first, and the seconds it has: in all less than the ten that a stop may take."""


def run(root: Path, *, reset: bool) -> int:
    """Run until a signal ends it; return the exit status."""
    tree = Tree.at(root, var=var_folder(root))
    with ExitStack() as stack:
        try:
            stack.enter_context(held(tree.var / LOCK, purpose="run", wait=holder(tree.var / LOCK) == "manage"))
        except AlreadyHeld:
            url = read_private(tree.var / "demo.json").get("url", "an address it will print soon")
            sys.stderr.write(f"Muster of this folder runs already: {url}\n")
            return 1
        (tree.var / RUNNING).unlink(missing_ok=True)
        if reset:
            remove_data(tree)
        journal = Journal()
        family = Family(journal)
        try:
            _start(tree, family, journal)
        except StopRequested as signalled:
            journal.line("muster", f"stopping because of {signalled}")
            return 0
        finally:
            family.changed = lambda: None
            (tree.var / RUNNING).unlink(missing_ok=True)
            for kinds, patience_s in STAGES:
                family.stop(kinds, patience_s=patience_s)
            family.close()


def var_folder(root: Path) -> Path:
    """Return the folder for what the checkout makes: setting VAR_DIR, or `var` in it."""
    return Path(os.environ.get("VAR_DIR") or root / "var").expanduser().absolute()


def _start(tree: Tree, family: Family, journal: Journal) -> NoReturn:
    """Start everything in order and keep it; returns only by an exception."""
    addresses = choose_addresses()
    servers, settings = server_settings(tree)
    settings |= demonstration_settings(tree, addresses)
    env = product_environment(tree, servers, settings)
    _start_servers(servers, family)
    if addresses.simulator:
        family.start(commands.simulator(tree, simulator_environment(tree, addresses, env)))
    once = [("migrate", "--no-input"), ("collectstatic", "--no-input", "--verbosity", "0")]
    family.finish([commands.administration(tree, env, *words) for words in once])
    family.finish([commands.administration(tree, env, "load_demonstration")])
    demonstration = Demonstration.read(tree, addresses, env)
    demonstration.publish(family.pids())
    family.changed = lambda: demonstration.publish(family.pids())
    write_private(tree.var / RUNNING, shared_with_others(settings))
    for command in commands.application(tree, env, addresses):
        family.start(command)
    family.wait_until(lambda: _is_ready(addresses), what="The first page", patience_s=READY_WITHIN_S)
    journal.write(demonstration.welcome())
    family.wait_for_ever()


def _start_servers(servers: Servers, family: Family) -> None:
    """Start the embedded servers side by side and wait until both answer."""
    started = {"postgres": servers.postgres, "valkey": servers.valkey}
    for name, server in started.items():
        if server:
            server.prepare()
            family.start(commands.server(name, server))
    for server in started.values():
        if server:
            family.wait_until(server.is_ready, what=f"Starting {server.title}", patience_s=PATIENCE_S)
    if servers.postgres:
        servers.postgres.create_database(DATABASE)


def _is_ready(addresses: Addresses) -> bool:
    """Tell whether the web answers that it is ready."""
    connection = http.client.HTTPConnection(LOOPBACK, addresses.web_port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()
