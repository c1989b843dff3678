"""Commands on a real OpenSSH server: run, known again, stopped and proved dead."""

from __future__ import annotations

import os
import pwd
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eap.actions.base import Host, Stopped, Trouble, Unknown
from eap.actions.processes import mark_of
from eap.actions.ssh import Ssh, SshInputs
from tests.eap.actions.around import Log, around
from tests.eap.actions.sshd import Server, running
from tests.programs import program


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("sshd")) as found:
        yield found


@pytest.fixture(autouse=True)
def _no_known_hosts(settings: Any, tmp_path: Path) -> None:
    settings.ACTION_KNOWN_HOSTS = tmp_path / "known_hosts"


def inputs(server: Server, *command: str, **more: Any) -> SshInputs:
    return SshInputs(command=command, user=server.user, key="{secrets.key}", **more)


def secrets(server: Server) -> dict[str, str]:
    return {"key": server.key, "token": "s3cret-t0ken-42"}


def home_of(user: str) -> Path:
    return Path(pwd.getpwnam(user).pw_dir)


def key_of(request: pytest.FixtureRequest) -> str:
    return f"{request.node.name}:{os.getpid()}:{time.time_ns()}"


def test_a_command_runs_and_its_output_and_facts_come_back(server: Server, request: pytest.FixtureRequest) -> None:
    log = Log()
    command = ["sh", "-c", 'echo "hello $1"; echo fact:accounts=42; echo fact:ready=true >&2', "x", "a b; rm $HOME"]
    result = Ssh().apply(
        inputs(server, *command),
        around(log, key=key_of(request), target=server.target(), secrets=secrets(server)),
    )
    assert "hello a b; rm $HOME" in log.lines, "words reach the command as they are"
    assert result.facts == {"exit_status": 0, "output": "hello a b; rm $HOME", "accounts": 42, "ready": True}


def test_the_call_of_a_plans_undo_takes_back(server: Server, request: pytest.FixtureRequest) -> None:
    for more in ({}, {"undo": ("echo", "back")}):
        log, key = Log(), f"{key_of(request)}{len(more)}"
        call = inputs(server, "echo", "off", **more)
        Ssh().undo(call, around(log, key=key, target=server.target(), secrets=secrets(server)))
        assert log.lines == ["back" if more else "off"]


def test_a_failing_command_is_trouble_with_its_last_words(server: Server, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Trouble, match=r"exit status 3 on web1: disk is full") as caught:
        Ssh().apply(
            inputs(server, "sh", "-c", "echo disk is full >&2; exit 3"),
            around(key=key_of(request), target=server.target(), secrets=secrets(server)),
        )
    assert not caught.value.passing


def test_an_unknown_host_key_is_refused(server: Server, request: pytest.FixtureRequest) -> None:
    stranger = Host(name="web1", address="127.0.0.1", variables={"port": str(server.port)})
    other = server.target(host_key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDWtF0c1xb0HdzNWl1ZHfWLqNh8yQd0Hb3bKjK3C0Z1k")
    for target in (stranger, other):
        with pytest.raises(Trouble, match="host key of web1 is not known"):
            Ssh().apply(inputs(server, "true"), around(key=key_of(request), target=target, secrets=secrets(server)))


def test_known_hosts_are_read_from_the_file(server: Server, request: pytest.FixtureRequest, settings: Any) -> None:
    settings.ACTION_KNOWN_HOSTS.write_text(f"[127.0.0.1]:{server.port} {server.host_key}\n")
    plain = Host(name="web1", address="127.0.0.1", variables={"port": str(server.port)})
    found = Ssh().apply(inputs(server, "true"), around(key=key_of(request), target=plain, secrets=secrets(server)))
    assert found.facts["exit_status"] == 0


def test_a_wrong_key_is_refused_by_the_server(server: Server, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    keygen = program("ssh-keygen", package="openssh-client")
    subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other")], check=True)
    held = {"key": (tmp_path / "other").read_text()}
    with pytest.raises(Trouble, match="refused the sign-in"):
        Ssh().apply(inputs(server, "true"), around(key=key_of(request), target=server.target(), secrets=held))


def test_a_host_that_is_away_is_passing_trouble(server: Server, request: pytest.FixtureRequest) -> None:
    away = Host(name="gone", address="127.0.0.1", variables={"port": "1", "host_key": server.host_key})
    with pytest.raises(Trouble, match="can't be reached") as caught:
        Ssh().apply(inputs(server, "true"), around(key=key_of(request), target=away, secrets=secrets(server)))
    assert caught.value.passing


def test_secrets_go_by_stdin_and_never_into_the_log_or_the_command(
    server: Server, request: pytest.FixtureRequest
) -> None:
    log = Log()
    Ssh().apply(
        inputs(
            server, "sh", "-c", "read it; echo got $it; cat /proc/$$/cmdline | tr '\\0' ' '", stdin="{secrets.token}\n"
        ),
        around(log, key=key_of(request), target=server.target(), secrets=secrets(server)),
    )
    assert "got •••" in log.lines
    assert not any("s3cret" in line for line in log.lines)
    with pytest.raises(ValueError, match="command line can be read by everybody"):
        inputs(server, "mysql", "-p{secrets.token}")


def test_the_same_key_starts_once_and_the_second_try_reads_the_first_ones_end(
    server: Server, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    key, count = key_of(request), tmp_path / "count"
    command = inputs(server, "sh", "-c", f"echo x >>{count}; exit 0")
    for _ in range(2):
        result = Ssh().apply(command, around(key=key, target=server.target(), secrets=secrets(server)))
        assert result.facts["exit_status"] == 0
    assert count.read_text() == "x\n"


def test_stopped_half_way_everything_it_started_is_dead(
    server: Server, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    key, beat = key_of(request), tmp_path / "beat"
    # A child that ignores TERM, and one that left the session.
    script = f"""(trap '' TERM; while :; do date +%s%N >{beat}; sleep 0.05; done) &
        setsid sh -c 'while :; do date +%s%N >{beat}2; sleep 0.05; done' & wait"""
    stop = threading.Event()
    threading.Timer(1.0, stop.set).start()
    with pytest.raises(Stopped, match="nothing of it runs there any more") as caught:
        Ssh().apply(
            inputs(server, "sh", "-c", script),
            around(key=key, target=server.target(), secrets=secrets(server), stopped=stop.is_set),
        )
    assert caught.value.confirmed
    before = [Path(f"{beat}{each}").read_text() for each in ("", "2")]
    time.sleep(0.4)
    assert [Path(f"{beat}{each}").read_text() for each in ("", "2")] == before, "something still writes"


def test_what_runs_over_its_time_is_stopped(server: Server, request: pytest.FixtureRequest) -> None:
    began = time.monotonic()
    with pytest.raises(Stopped, match="Its time was over") as caught:
        Ssh().apply(
            inputs(server, "sleep", "60"),
            around(key=key_of(request), target=server.target(), secrets=secrets(server), timeout_s=1.5),
        )
    assert caught.value.confirmed
    assert time.monotonic() - began < 12


def test_after_a_crash_the_end_of_the_earlier_try_is_read(
    server: Server, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    key, go = key_of(request), tmp_path / "go"
    command = inputs(server, "sh", "-c", f"while [ ! -e {go} ]; do sleep 0.1; done; exit 0")
    first = threading.Thread(
        target=lambda: Ssh().apply(command, around(key=key, target=server.target(), secrets=secrets(server))),
        daemon=True,
    )
    first.start()
    started = home_of(server.user) / ".muster" / f"{mark_of(key)}.started"
    until = time.monotonic() + 10
    while not started.exists() and time.monotonic() < until:
        time.sleep(0.05)
    threading.Timer(1.0, go.touch).start()
    again = Ssh().resume(command, around(key=key, target=server.target(), secrets=secrets(server)))
    assert again is not None
    assert again.facts["exit_status"] == 0
    first.join(10)


def test_an_earlier_try_that_vanished_is_not_guessed_at(server: Server, request: pytest.FixtureRequest) -> None:
    key = key_of(request)
    folder = home_of(server.user) / ".muster"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / f"{mark_of(key)}.started").touch()
    command = inputs(server, "true")
    look = around(key=key, target=server.target(), secrets=secrets(server))
    assert Ssh().resume(command, look) is None
    with pytest.raises(Unknown, match="how it ended is not known"):
        Ssh().apply(command, look)
    repeatable = inputs(server, "true", repeatable=True)
    assert Ssh().apply(repeatable, look).facts["exit_status"] == 0


def test_never_started_is_certain(server: Server, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Trouble, match="never started") as caught:
        Ssh().resume(
            inputs(server, "true"), around(key=key_of(request), target=server.target(), secrets=secrets(server))
        )
    assert caught.value.passing
    assert not isinstance(caught.value, Unknown)


def test_a_dry_run_counts(server: Server, request: pytest.FixtureRequest) -> None:
    command = inputs(server, "false", dry_run=["sh", "-c", "echo fact:accounts=7; echo would lock 7 accounts"])
    preview = Ssh().plan(command, around(key=key_of(request), target=server.target(), secrets=secrets(server)))
    assert (preview.sentence, preview.counts) == ("would lock 7 accounts", {"accounts": 7})
