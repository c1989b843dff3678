"""Scripts of the allowed folder, as real processes."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from eap.actions.base import Stopped, Trouble
from eap.actions.script import Script, ScriptInputs
from tests.eap.actions.around import Log, around


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.ACTION_SCRIPTS_DIR = tmp_path / "scripts"
    settings.VAR_DIR = tmp_path / "var"
    settings.ACTION_SCRIPTS_DIR.mkdir(mode=0o755)
    return tmp_path / "scripts"


def write(folder: Path, name: str, text: str, mode: int = 0o755) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(mode)
    return path


def test_a_script_runs_with_its_arguments_and_states_facts(folder: Path) -> None:
    write(folder, "count.sh", 'echo "said $1"; echo fact:rows=12')
    log = Log()
    result = Script().apply(ScriptInputs(script="count.sh", arguments=("a; b",)), around(log))
    assert log.lines == ["said a; b"]
    assert result.facts["rows"] == 12


def test_nothing_of_our_environment_leaks_and_secrets_come_by_env(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "the-products-own")
    write(folder, "env.sh", "env; echo token is $TOKEN")
    log = Log()
    Script().apply(
        ScriptInputs(script="env.sh", env={"TOKEN": "{secrets.token}"}),
        around(log, secrets={"token": "abc123xyz"}, drill=True),
    )
    assert not any("the-products-own" in line or "abc123xyz" in line for line in log.lines)
    assert "token is •••" in log.lines
    assert "MUSTER_DRILL=1" in log.lines


@pytest.mark.parametrize("name", ["../evil.sh", "/bin/sh", "a/b", "", ".hidden"])
def test_only_plain_names_are_taken(name: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        ScriptInputs(script=name)


def test_links_foreign_hands_and_what_is_not_executable_are_refused(folder: Path, tmp_path: Path) -> None:
    outside = write(tmp_path, "outside.sh", "echo no")
    (folder / "link.sh").symlink_to(outside)
    write(folder, "open.sh", "echo no", mode=0o777)
    write(folder, "plain.sh", "echo no", mode=0o644)
    for name, sentence in {
        "link.sh": "no plain file",
        "open.sh": "changed by others",
        "plain.sh": "not executable",
        "absent.sh": "There is no script",
    }.items():
        with pytest.raises(Trouble, match=sentence):
            Script().apply(ScriptInputs(script=name), around())


def test_a_stopped_script_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    beat = tmp_path / "beat"
    write(folder, "slow.sh", f"setsid sh -c 'while :; do date +%s%N >{beat}; sleep 0.05; done' &\nsleep 60")
    stop = threading.Event()
    threading.Timer(0.8, stop.set).start()
    with pytest.raises(Stopped) as caught:
        Script().apply(ScriptInputs(script="slow.sh"), around(key=f"k{time.time_ns()}", stopped=stop.is_set))
    assert caught.value.confirmed
    before = beat.read_text()
    time.sleep(0.3)
    assert beat.read_text() == before


def test_a_background_child_does_not_hold_the_step(folder: Path) -> None:
    write(folder, "daemon.sh", "sleep 30 &\necho started")
    began = time.monotonic()
    assert Script().apply(ScriptInputs(script="daemon.sh"), around(key=f"k{time.time_ns()}")).facts["exit_status"] == 0
    assert time.monotonic() - began < 5


def test_a_second_try_with_the_same_key_runs_nothing_again(folder: Path, tmp_path: Path) -> None:
    count = tmp_path / "count"
    write(folder, "once.sh", f"echo x >>{count}; exit 0")
    for _ in range(2):
        Script().apply(ScriptInputs(script="once.sh"), around(key="same"))
    assert count.read_text() == "x\n"
    resumed = Script().resume(ScriptInputs(script="once.sh"), around(key="same"))
    assert resumed is not None
    assert Script().resume(ScriptInputs(script="once.sh"), around(key="other")) is None


def test_verify_and_undo_are_other_arguments(folder: Path) -> None:
    write(folder, "switch.sh", '[ "$1" != broken ] && echo "did $1"')
    call = ScriptInputs(script="switch.sh", arguments=("on",), verify=("is-on",), undo=("off",))
    log = Log()
    Script().apply(call, around(log, key="a"))
    Script().verify(call, around(log, key="a"))
    Script().undo(call, around(log, key="a"))
    assert log.lines == ["did on", "did is-on", "did off"]
    Script().undo(ScriptInputs(script="switch.sh", arguments=("back",)), around(log, key="b"))
    assert log.lines[-1] == "did back", "a plan's own `undo:` call says what takes it back"
    with pytest.raises(Trouble, match="exit status 1"):
        Script().verify(ScriptInputs(script="switch.sh", verify=("broken",)), around())
