"""A web server for each test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.eap.webserver.world import World, making_world
from tests.programs import program


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> Iterator[World]:
    """Yield a web server; work on this machine is allowed in its folder and nowhere else."""
    program("gpg", package="gpg")
    folder = Path(tempfile.mkdtemp(prefix="muster-web-", dir="/tmp"))
    folder.chmod(0o755)
    settings.VAR_DIR = tmp_path / "var"
    try:
        with making_world(folder, f"site_{os.getpid()}") as made:
            settings.ACTION_LOCAL_DIRS = [str(folder), str(Path(str(made.database["programs"])).parent)]
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)
