"""Each folder of a channel can be deleted: the product starts, and readiness names who still relied on it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path
from typing import Final

import pytest

from incidents.readiness.channels import check_channels
from notifications import channels
from notifications.channels import registry
from notifications.channels.registry import all_carriers, all_channels
from notifications.models import ContactMethod
from tests.builders import make_person

ROOT: Final = Path(__file__).resolve().parents[3]
FOLDERS: Final = sorted(
    path.name for path in (ROOT / "notifications" / "channels").iterdir() if (path / "__init__.py").exists()
)
LEFT_OUT: Final = frozenset({".venv", ".git", "var", "tests", "notifications"})
HOUSE: Final = [path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name not in ("tests", "var")]
GO_WITH_IT: Final = defaultdict(
    tuple,
    # Calls of that carrier: joined only where it is installed. A command is loaded when somebody types it.
    twilio=("rooms/bridge/", "rooms/calls/"),
    push=("notifications/management/commands/push_key.py",),
)
STARTS: Final = """
import django
django.setup()
from django.urls import get_resolver
from notifications.channels.registry import all_channels, prepare_all
get_resolver().url_patterns
prepare_all()
print(*(each.kind for each in all_channels()))
"""


def tree_without(folders: Collection[str], place: Path) -> Path:
    """Make a checkout in which some channels' folders are missing; everything else leads to this one."""
    place.mkdir()
    (place / ".venv").symlink_to(ROOT / ".venv")
    for path in ROOT.iterdir():
        if path.name not in LEFT_OUT:
            (place / path.name).symlink_to(path)
    kept = place / "notifications" / "channels"
    kept.mkdir(parents=True)
    for path in (ROOT / "notifications").iterdir():
        if path.name not in ("channels", "__pycache__"):
            (place / "notifications" / path.name).symlink_to(path)
    for path in (ROOT / "notifications" / "channels").iterdir():
        if path.name not in (*folders, "__pycache__"):
            (kept / path.name).symlink_to(path)
    return place


@pytest.mark.parametrize("folder", FOLDERS)
def test_nothing_elsewhere_needs_the_folder(folder: str) -> None:
    needs = re.compile(rf"notifications\.channels(\.| import .*\b){folder}\b")
    found = {
        path.relative_to(ROOT).as_posix()
        for house in HOUSE
        for path in (ROOT / house).rglob("*.py")
        if needs.search(path.read_text(encoding="utf-8"))
    }
    outside = {
        path for path in found if not path.startswith((f"notifications/channels/{folder}/", *GO_WITH_IT[folder]))
    }
    assert outside == set()


@pytest.mark.parametrize("folders", [["twilio"], ["slack"], [name for name in FOLDERS if name != "email"]])
def test_the_product_starts_without(folders: list[str], tmp_path: Path) -> None:
    tree = tree_without(folders, tmp_path / "tree")
    environment = {**os.environ, "PYTHONPATH": str(tree), "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-c", STARTS]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    left = {each.kind for each in all_carriers() if type(each).__module__.split(".")[2] not in folders}
    assert left
    assert set(done.stdout.split()) == left


@pytest.mark.django_db
@pytest.mark.parametrize("folder", FOLDERS)
def test_who_relied_on_it_is_told(folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {each.kind for each in all_channels()}
    for kind in before:
        ContactMethod.objects.create(person=make_person("Ada", methods=[]), channel=kind, address="hers")
    for path in (ROOT / "notifications" / "channels").iterdir():
        if path.name not in (folder, "__pycache__") and path.is_dir():
            (tmp_path / path.name).symlink_to(path)
    monkeypatch.setattr(channels, "__path__", [str(tmp_path)])
    registry._discovered.cache_clear()
    try:
        missing = before - {each.kind for each in all_channels()}
        told = {each.subject: each.sentence for each in check_channels() if each.check == "no_channel"}
    finally:
        monkeypatch.undo()
        registry._discovered.cache_clear()
    assert set(told) == {f"channel:{kind}" for kind in missing}
    assert all("not installed" in sentence for sentence in told.values())
