"""Settings from the environment: each wrong one ends the start with one sentence that begins with its name."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from config import environment as read
from config.environment import WrongSettingError

ROOT = Path(__file__).resolve().parents[2]


def start(*argv: str, **changed: str | None) -> subprocess.CompletedProcess[str]:
    """Run a command with the suite's environment, changed; None takes a variable away."""
    environment = {name: value for name, value in {**os.environ, **changed}.items() if value is not None}
    return subprocess.run(
        [sys.executable, *argv], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", None),
        ("SECRETS_KEYS", None),
        ("SECRETS_KEYS", "too-short"),
        ("DATABASE_URL", None),
        ("DATABASE_URL", "mysql://root@localhost/muster"),
        ("DATABASE_URL", "postgresql://muster@localhost"),
        ("REDIS_URL", "http://localhost"),
        ("CHANNEL_PROVIDERS", "twilio,vonage"),
        ("CHANNEL_RATES", "voice=1"),
        ("CHANNEL_RATES", "voice/twilio=fast"),
        ("PORT", "eight thousand"),
        ("PORT", "70000"),
        ("PUBLIC_URL", "muster.example.com"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("OUTBOUND_ALLOW", "everything"),
        ("EMAIL_URL", "imap://localhost"),
        ("TWILIO_API_URL", "https://api.twilio.com/2010-04-01"),
        ("SLACK_API_URL", "https://slack.com"),
        ("SLACK_API_URL", "https://slack.com/api/?team=1"),
        ("LOG_FORMAT", "xml"),
        ("SECRET_KEY_FILE", "/nowhere/at/all"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str | None
) -> None:
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    with pytest.raises(WrongSettingError) as refused:
        runpy.run_path(str(ROOT / "config" / "settings.py"))
    assert str(refused.value).startswith(name)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("argv", [["manage.py", "check"], ["-c", "import config.wsgi"], ["-c", "import config.celery"]])
def test_every_process_ends_with_that_sentence_and_nothing_else(argv: list[str]) -> None:
    ended = start(*argv, SECRET_KEY=None)
    assert ended.returncode == 1
    assert ended.stderr == (
        "Muster can't start: SECRET_KEY is not set. Set it, or SECRET_KEY_FILE to a file that holds it.\n"
    )


def test_a_secret_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("s" * 60 + "\n")
    ended = start(
        "-c",
        "from config import settings; print(len(settings.SECRET_KEY))",
        SECRET_KEY=None,
        SECRET_KEY_FILE=str(file),
    )
    assert ended.stdout == "60\n"


def test_deploy_checks_are_clean_behind_https() -> None:
    ended = start("manage.py", "check", "--deploy", "--fail-level", "WARNING", PUBLIC_URL="https://muster.example.com")
    assert ended.returncode == 0, ended.stderr


def test_only_the_web_process_limits_its_statements() -> None:
    script = (
        "import django; django.setup(); from django.db import connection; c = connection.cursor();"
        "c.execute('show statement_timeout'); print(c.fetchone()[0]); connection.close()"
    )
    web = start("-c", f"import config.wsgi; {script}")
    other = start("-c", f"import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; {script}")
    assert (web.stdout, other.stdout) == ("10s\n", "0\n"), web.stderr + other.stderr


@pytest.mark.parametrize(
    ("given", "for_redis", "for_celery"),
    [
        ("redis://cache:6379/1", "redis://cache:6379/1", "redis://cache:6379/1"),
        ("rediss://:pw@cache/0", "rediss://:pw@cache/0", "rediss://:pw@cache/0"),
        ("unix:///run/v.sock", "unix:///run/v.sock?db=0", "redis+socket:///run/v.sock?virtual_host=0"),
        ("unix:///run/v.sock?db=3", "unix:///run/v.sock?db=3", "redis+socket:///run/v.sock?virtual_host=3"),
        (
            "redis+socket:///run/v.sock?virtual_host=2",
            "unix:///run/v.sock?db=2",
            "redis+socket:///run/v.sock?virtual_host=2",
        ),
        ("unix://:pw@/run/v.sock?db=1", "unix://:pw@/run/v.sock?db=1", "redis+socket://:pw@/run/v.sock?virtual_host=1"),
    ],
)
def test_a_broker_address_is_written_in_any_form(
    monkeypatch: pytest.MonkeyPatch, given: str, for_redis: str, for_celery: str
) -> None:
    monkeypatch.setenv("BROKER", given)
    assert read.redis_url("BROKER") == for_redis
    assert read.celery_broker_url(for_redis) == for_celery


@pytest.mark.parametrize(
    ("given", "host", "port", "tls", "ssl"),
    [
        ("smtp://mail.example", "mail.example", 25, False, False),
        ("smtp+tls://ada:p%40ss@mail.example:2525", "mail.example", 2525, True, False),
        ("smtps://mail.example", "mail.example", 465, False, True),
    ],
)
def test_mail_is_one_address(
    monkeypatch: pytest.MonkeyPatch, given: str, host: str, port: int, *, tls: bool, ssl: bool
) -> None:
    monkeypatch.setenv("MAIL", given)
    said = read.mail("MAIL", "smtp://x")
    assert (said["EMAIL_HOST"], said["EMAIL_PORT"], said["EMAIL_USE_TLS"], said["EMAIL_USE_SSL"]) == (
        host,
        port,
        tls,
        ssl,
    )
    if "@" in given:
        assert (said["EMAIL_HOST_USER"], said["EMAIL_HOST_PASSWORD"]) == ("ada", "p@ss")


def test_a_database_behind_a_socket_keeps_what_libpq_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB", "postgresql://ada:p%2Fw@/muster?host=%2Frun%2Fpg&sslmode=disable")
    said = read.database("DB")
    assert (said["HOST"], said["USER"], said["PASSWORD"], said["NAME"]) == ("/run/pg", "ada", "p/w", "muster")
    assert said["OPTIONS"] == {"sslmode": "disable"}


def test_keys_are_a_list_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    new, old = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    monkeypatch.setenv("KEYS", f"{new}, {old}")
    assert read.fernet_keys("KEYS") == [new, old]
    monkeypatch.setenv("KEYS", f"{new},nonsense")
    with pytest.raises(WrongSettingError, match="key 2"):
        read.fernet_keys("KEYS")
