"""Secrets, locks and names under `var/`."""

from __future__ import annotations

import multiprocessing
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from supervisor.errors import StartRefused
from supervisor.keys import made_secrets
from supervisor.lock import AlreadyHeld, held, holder
from supervisor.ports import wanted_port
from supervisor.private_file import read_private, write_private
from supervisor.tree import Tree


def test_secrets_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    first = made_secrets(tmp_path / "secrets.json")
    assert made_secrets(tmp_path / "secrets.json") == first
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    Fernet(first["SECRETS_KEYS"])
    assert len(first["TWILIO_ACCOUNT_SID"]) == 34


def test_a_kept_secret_outlives_a_new_one(tmp_path: Path) -> None:
    write_private(tmp_path / "secrets.json", {"SECRET_KEY": "kept"})
    assert made_secrets(tmp_path / "secrets.json")["SECRET_KEY"] == "kept"
    assert made_secrets(tmp_path / "secrets.json")["TWILIO_AUTH_TOKEN"]


def test_a_damaged_secrets_file_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text('{"SECRET_KEY": ')
    with pytest.raises(StartRefused, match=r"secrets\.json is damaged"):
        made_secrets(tmp_path / "secrets.json")
    assert (tmp_path / "secrets.json").read_text() == '{"SECRET_KEY": '


def test_a_failed_write_leaves_the_old_file_whole(tmp_path: Path) -> None:
    write_private(tmp_path / "demo.json", {"url": "old"})
    with pytest.raises(TypeError):
        write_private(tmp_path / "demo.json", {"url": object()})
    assert read_private(tmp_path / "demo.json") == {"url": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["demo.json"]


def test_one_lock_has_one_holder_and_tells_its_purpose(tmp_path: Path) -> None:
    assert not holder(tmp_path / "lock")
    with held(tmp_path / "lock", purpose="run", wait=False):
        assert holder(tmp_path / "lock") == "run"
        with pytest.raises(AlreadyHeld), held(tmp_path / "lock", purpose="run", wait=False):
            pass
        assert holder(tmp_path / "lock") == "run"
    assert not holder(tmp_path / "lock")


@pytest.mark.parametrize("wrong", ["0", "65536", "-1", "http", "8000.5", "\uff18\uff10\uff10\uff10"])
def test_a_wrong_port_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("PORT", wrong)
    with pytest.raises(StartRefused, match="PORT must be a port"):
        wanted_port("PORT", 8000)


def _identity(var: str) -> str:
    from supervisor.tree import _identity

    return _identity(Path(var) / "instance")


def test_two_starts_at_once_agree_on_the_name_of_the_checkout(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        names = pool.map(_identity, [str(tmp_path)] * 16, chunksize=1)
    assert len(set(names)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["instance"]


def test_a_damaged_name_is_refused_before_it_leads_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "instance").write_text("../../etc\n")
    with pytest.raises(StartRefused, match="Remove the file"):
        Tree.at(tmp_path, var=tmp_path)
