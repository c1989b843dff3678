"""The command line of every process."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final

from supervisor.child import Command
from supervisor.configuration import Addresses
from supervisor.ports import LOOPBACK
from supervisor.postgres import ENVIRONMENT, Postgres
from supervisor.tree import Tree
from supervisor.valkey import Valkey

WEB_THREADS: Final = 8
"""Each keeps a database connection. Two cores gain nothing from more: the rest wait in the server's queue."""
WORKER_THREADS: Final = {"page": 16, "chat,bulk": 8}
"""Threads by the queues that one worker process takes; a call to a provider is mostly waiting."""
SERVERS: Final = ("postgres", "valkey")
APPLICATION: Final = ("web", "stream", "worker", "engine")


def server(name: str, described: Postgres | Valkey) -> Command:
    """Return the command of an embedded server. It is asked to end even when the supervisor was killed."""
    return Command(
        name=name,
        kind=name,
        argv=described.command(),
        env=ENVIRONMENT,
        cwd=described.data,
        owner=described.owner,
        stop_signal=described.stop_signal,
        death_signal=described.stop_signal,
    )


def administration(tree: Tree, env: Mapping[str, str], *words: str) -> Command:
    """Return a run of `manage.py`."""
    argv = [sys.executable, str(tree.root / "manage.py"), *words]
    return Command(name=words[0].split("_")[0], kind="once", argv=argv, env=env, cwd=tree.root)


def simulator(tree: Tree, env: Mapping[str, str]) -> Command:
    """Return the provider's stand-in."""
    return Command(name="simulator", kind="simulator", argv=[sys.executable, "-m", "simulator"], env=env, cwd=tree.root)


def application(tree: Tree, env: Mapping[str, str], addresses: Addresses) -> list[Command]:
    """Return the product's own processes in the order of their start; the web comes last, when all else is there."""
    workers = [_worker(tree, env, queues=queues, threads=threads) for queues, threads in WORKER_THREADS.items()]
    engine = [sys.executable, str(tree.root / "manage.py"), "run_engine"]
    return [
        Command(name="engine", kind="engine", argv=engine, env=env, cwd=tree.root),
        *workers,
        *_slack(tree, env),
        _granian(tree, env, name="stream", target="web.stream:application", port=addresses.stream_port),
        _granian(tree, env, name="web", target="config.wsgi:application", port=addresses.web_port),
    ]


def _slack(tree: Tree, env: Mapping[str, str]) -> list[Command]:
    """Return the process that hears Slack's sockets, where its token is set; without it Slack calls the web."""
    if not (env.get("SLACK_APP_TOKEN") or env.get("SLACK_APP_TOKEN_FILE")):
        return []
    argv = [sys.executable, str(tree.root / "manage.py"), "run_slack"]
    return [Command(name="slack", kind="worker", argv=argv, env=env, cwd=tree.root)]


def _granian(tree: Tree, env: Mapping[str, str], *, name: str, target: str, port: int) -> Command:
    argv = [sys.executable, "-m", "granian", "--host", LOOPBACK, "--port", str(port), "--workers", "1"]
    argv += ["--http", "1", "--no-ws", "--log-level", "error", "--workers-kill-timeout", "3"]
    if name == "web":
        # A thread that idles keeps its database connection, so that a quiet night does not slow the first request.
        argv += [
            "--interface",
            "wsgi",
            "--blocking-threads",
            str(WEB_THREADS),
            "--blocking-threads-idle-timeout",
            "600",
        ]
    else:
        argv += ["--interface", "asgi"]
    return Command(name=name, kind=name, argv=[*argv, target], env=env, cwd=tree.root)


def _worker(tree: Tree, env: Mapping[str, str], *, queues: str, threads: int) -> Command:
    name = queues.partition(",")[0]
    # Django's checks load every page of the site, 13 MiB that a worker never uses.
    # As root only the servers drop to another user; Celery's warning about it would hide the sign-in address.
    quiet = ["-W", "ignore:You're running the worker with superuser"]
    argv = [sys.executable, *quiet, "-m", "celery", "--quiet", "-A", "config", "--skip-checks", "worker"]
    argv += [
        "--pool",
        "threads",
        "--concurrency",
        str(threads),
        "-Q",
        queues,
        "-n",
        f"{name}@%h",
        "--loglevel",
        "WARNING",
    ]
    argv += ["--without-gossip", "--without-mingle", "--without-heartbeat"]  # the workers need nothing of each other
    return Command(name=f"worker-{name}", kind="worker", argv=argv, env=env, cwd=tree.root)
