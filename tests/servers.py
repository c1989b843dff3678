"""A throw-away PostgreSQL for the run and a Valkey for each process of it; a pytest plugin (`-p tests.servers`).

It runs before Django reads its settings. Nothing of the caller's environment decides which servers the tests touch:
a DATABASE_URL that happens to be exported is never used.
"""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from supervisor.binaries import postgres_binaries, valkey_binary
from supervisor.embedded import start_server
from supervisor.postgres import Postgres
from supervisor.spawn import end
from supervisor.tree import Tree, private_folder
from supervisor.valkey import Valkey

ROOT = Path(__file__).resolve().parent.parent


def throwaway_folder() -> Path:
    """Make a folder for servers with a path short enough for sockets, which the servers' user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="muster-", dir="/tmp"))
    folder.chmod(0o711)
    return folder


def throwaway_postgres(folder: Path) -> Postgres:
    """Describe a PostgreSQL under `folder`, without `fsync`; `start` runs it."""
    tree = Tree.at(ROOT, var=ROOT / "var")
    return Postgres(
        binaries=postgres_binaries(tree),
        data=folder / "postgres",
        sockets=private_folder(folder / "pg", tree.owner),
        owner=tree.owner,
        password=secrets.token_urlsafe(16),
        durable=False,
    )


def throwaway_valkey(folder: Path) -> Valkey:
    """Describe a Valkey under `folder`; `start` runs it."""
    tree = Tree.at(ROOT, var=ROOT / "var")
    return Valkey(
        program=valkey_binary(tree),
        data=folder / "valkey",
        sockets=private_folder(folder / "vk", tree.owner),
        owner=tree.owner,
    )


def start(server: Postgres | Valkey) -> subprocess.Popen[bytes]:
    """Start a server and return it when it answers; its log is `<data>.log`."""
    return start_server(server, log=server.data.with_name(f"{server.data.name}.log"))


def settings_for_tests(folder: Path) -> dict[str, str]:
    """Return what every process of the suite needs in its environment besides the servers."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "SECRETS_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "VAR_DIR": str(folder / "var"),
        "PUBLIC_URL": "http://testserver",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "0" * 32,
        "TWILIO_FROM": "+15005550006",
        "CHANNEL_RATES": "voice/twilio=0",  # tests of pacing set a rate; the others move their clocks as they like
        "TWILIO_API_URL": "http://127.0.0.1:9",  # the discard port: nobody answers
        "EMAIL_URL": "smtp://127.0.0.1:9",
    }


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Start the servers around pytest-django's own set-up, which needs their addresses."""
    folder = throwaway_folder()
    early_config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    if "PYTEST_XDIST_WORKER" not in os.environ:
        (folder / "var" / "static").mkdir(parents=True)
        postgres = throwaway_postgres(folder)
        _keep(early_config, postgres)
        postgres.create_database("muster")
        os.environ.update(settings_for_tests(folder), DATABASE_URL=postgres.url("muster"))
        for name in [name for name in os.environ if name.endswith("_FILE") and name[:-5] in os.environ]:
            del os.environ[name]
    if "PYTEST_XDIST_WORKER" in os.environ or not early_config.known_args_namespace.numprocesses:
        valkey = throwaway_valkey(folder)
        _keep(early_config, valkey)
        os.environ["REDIS_URL"] = valkey.url()
    else:
        os.environ["REDIS_URL"] = f"unix://{folder}/none"  # the controller runs no test
    yield


def _keep(config: pytest.Config, server: Postgres | Valkey) -> None:
    """Run a server until pytest ends."""
    child = start(server)

    def stop() -> None:
        end(child, first=server.stop_signal, patience_s=5)

    config.add_cleanup(stop)
