"""The settings that every child of one start shares: the caller's own first, ours where he says nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from supervisor.embedded import DATABASE, embedded_postgres, embedded_valkey, is_given
from supervisor.errors import StartRefused
from supervisor.keys import made_secrets
from supervisor.ports import LOOPBACK, free_port, is_free, port_of, port_or_free, wanted_port
from supervisor.postgres import Postgres
from supervisor.tree import Tree
from supervisor.valkey import Valkey

SETTINGS: Final = (
    "SECRET_KEY", "SECRETS_KEYS", "PORT", "PUBLIC_URL", "STREAM_URL", "STATUS_URL", "ALLOWED_HOSTS", "TRUSTED_PROXIES",
    "DATABASE_URL", "LISTEN_DATABASE_URL", "REDIS_URL", "EMAIL_URL", "EMAIL_FROM",
    "EMAIL_PROVIDER", "EMAIL_PROVIDER_SETTINGS", "EMAIL_WEBHOOK_SECRET", "EMAIL_REPLY_TO", "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_OLD", "TWILIO_WEBHOOK_KEYS", "TWILIO_FROM", "TWILIO_API_URL",
    "TWILIO_MACHINE_DETECTION", "DELIVERY_RETENTION_DAYS",
    "CHANNEL_PROVIDERS", "CHANNEL_RATES",
    "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL",
    "VONAGE_API_KEY", "VONAGE_API_SECRET", "VONAGE_APPLICATION_ID", "VONAGE_PRIVATE_KEY", "VONAGE_SIGNATURE_SECRET",
    "VONAGE_SIGNATURE_METHOD", "VONAGE_FROM", "VONAGE_MACHINE_DETECTION", "VONAGE_API_URL",
    "SMS_HTTP_URL", "SMS_HTTP_METHOD", "SMS_HTTP_HEADERS", "SMS_HTTP_BODY", "SMS_HTTP_FROM", "SMS_HTTP_SUCCESS",
    "APPRISE_SERVICES",
    "ACTION_HTTP_HOSTS", "ACTION_SCRIPTS_DIR", "ACTION_SECRETS_DIR", "ACTION_KNOWN_HOSTS", "ACTION_LOCAL_DIRS",
    "RESET_FILES_DIR",
    "STATUS_PUBLISH_DIR", "WATCHDOG_URL", "OUTBOUND_ALLOW", "VAR_DIR", "LEDGER_ANCHOR_DIR", "EMERGENCY_CONTACTS_FILE",
)  # fmt: skip
"""What `bin/manage` takes over from a running start, each also as NAME_FILE."""
WEB_PORT: Final = 8000
SIMULATED_SLACK: Final = ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET")
SIMULATED_NUMBER: Final = "+12025550100"
"""A number kept for fiction (North American numbering plan, 555-0100 to 555-0199)."""


@dataclass(frozen=True, kw_only=True)
class Servers:
    """What is started here because no setting names another."""

    postgres: Postgres | None
    valkey: Valkey | None


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the processes of one start listen, all on loopback; `simulator` is blank where none is started."""

    web_port: int
    stream_port: int
    simulator_port: int
    mail_port: int
    simulator: str


def server_settings(tree: Tree) -> tuple[Servers, dict[str, str]]:
    """Return the servers to start and the settings that need nothing but them; raises StartRefused."""
    kept = made_secrets(tree.var / "secrets.json")
    servers = Servers(
        postgres=embedded_postgres(tree, password=kept["POSTGRES_PASSWORD"]),
        valkey=embedded_valkey(tree),
    )
    defaults = {"SECRET_KEY": kept["SECRET_KEY"], "SECRETS_KEYS": kept["SECRETS_KEYS"], "VAR_DIR": str(tree.var)}
    if servers.postgres:
        defaults["DATABASE_URL"] = servers.postgres.url(DATABASE)
    if servers.valkey:
        defaults["REDIS_URL"] = servers.valkey.url()
    return servers, _besides_given(defaults)


def choose_addresses() -> Addresses:
    """Choose the ports: the ones asked for, otherwise 8000 for the web and free ones; raises StartRefused."""
    needs_simulator = not (is_given("TWILIO_ACCOUNT_SID") and is_given("EMAIL_URL"))
    simulator_port = port_or_free("SIMULATOR_PORT") if needs_simulator else 0
    return Addresses(
        web_port=wanted_port("PORT", WEB_PORT),
        stream_port=_stream_port(),
        simulator_port=simulator_port,
        mail_port=port_or_free("SIMULATOR_SMTP_PORT") if needs_simulator else 0,
        simulator=f"http://{LOOPBACK}:{simulator_port}" if needs_simulator else "",
    )


def _stream_port() -> int:
    """Return where the stream listens; behind a reverse proxy that is not what STREAM_URL says."""
    if os.environ.get("STREAM_PORT"):
        return wanted_port("STREAM_PORT", 0)
    named = port_of(os.environ.get("STREAM_URL", ""))
    if named and not is_free(named):
        raise StartRefused(
            f"Port {named} of STREAM_URL is taken. If a reverse proxy listens there, set STREAM_PORT as well."
        )
    return named or free_port()


def demonstration_settings(tree: Tree, addresses: Addresses) -> dict[str, str]:
    """Return the settings of `bin/run` besides `server_settings`: addresses, and the simulator as the provider."""
    kept = made_secrets(tree.var / "secrets.json")
    web = f"http://{LOOPBACK}:{addresses.web_port}"
    defaults = {
        "PORT": str(addresses.web_port),
        "PUBLIC_URL": web,
        "STREAM_URL": f"http://{LOOPBACK}:{addresses.stream_port}",
        "STATUS_URL": f"{os.environ.get('PUBLIC_URL') or web}/status",
        "OUTBOUND_ALLOW": "127.0.0.0/8,::1/128",
    }
    if sys.stdout.isatty():
        # The children write into our pipe and cannot see that a person reads it.
        defaults["LOG_FORMAT"] = "console"
    if addresses.simulator and not is_given("TWILIO_ACCOUNT_SID"):
        defaults |= {
            "TWILIO_ACCOUNT_SID": kept["TWILIO_ACCOUNT_SID"],
            "TWILIO_AUTH_TOKEN": kept["TWILIO_AUTH_TOKEN"],
            "TWILIO_FROM": SIMULATED_NUMBER,
            "TWILIO_API_URL": addresses.simulator,
        }
    if addresses.simulator and not is_given("SLACK_BOT_TOKEN"):
        defaults |= {name: kept[name] for name in SIMULATED_SLACK}
        defaults["SLACK_API_URL"] = f"{addresses.simulator}/slack/api/"
    if addresses.mail_port:
        defaults["EMAIL_URL"] = f"smtp://{LOOPBACK}:{addresses.mail_port}"
    return _besides_given(defaults)


def simulator_environment(tree: Tree, addresses: Addresses, env: Mapping[str, str]) -> dict[str, str]:
    """Return the simulator's environment: it stands apart, so it gets no secret but the pairs made for it."""
    everywhere = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
    kept = made_secrets(tree.var / "secrets.json")
    pair = {name: kept[name] for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", *SIMULATED_SLACK)}
    return {
        **everywhere,
        **pair,
        "PYTHONPATH": str(tree.root),
        "PYTHONUNBUFFERED": "1",
        "PUBLIC_URL": env["PUBLIC_URL"],
        "TWILIO_FROM": env.get("TWILIO_FROM", SIMULATED_NUMBER),
        "SIMULATOR_PORT": str(addresses.simulator_port),
        "SIMULATOR_SMTP_PORT": str(addresses.mail_port),
        "SIMULATOR_DATA": str(tree.var / "simulator"),
        "SIMULATOR_CONTACTS": str(tree.var / "demo-company.json"),
    }


def product_environment(tree: Tree, servers: Servers, settings: dict[str, str]) -> dict[str, str]:
    """Return the whole environment of the product's processes."""
    path = os.environ.get("PATH", os.defpath)
    if servers.postgres:
        # `dbshell` needs the psql of the server's own version.
        path = f"{servers.postgres.binaries}{os.pathsep}{path}"
    return {
        **os.environ,
        **settings,
        "PATH": path,
        "PYTHONPATH": str(tree.root),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        # glibc gives every thread an arena of its own; two serve our few busy threads and halve what they keep.
        "MALLOC_ARENA_MAX": "2",
    }


def shared_with_others(settings: dict[str, str]) -> dict[str, str]:
    """Return what another command needs to work against this start: its settings and the caller's."""
    names = [each for name in SETTINGS for each in (name, f"{name}_FILE")]
    return {name: os.environ[name] for name in names if os.environ.get(name)} | settings


def _besides_given(defaults: dict[str, str]) -> dict[str, str]:
    """Return the defaults that the caller did not set himself."""
    return {name: value for name, value in defaults.items() if not is_given(name)}
