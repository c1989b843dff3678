"""Programs that some tests need beside Python: a browser, a monitoring tool."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"
"""Searched after PATH, which often lacks them for ordinary users."""


def program(name: str, *, package: str) -> str:
    """Return the path of a program; without it the test is skipped, naming the Debian `package` that brings it.

    With REQUIRE_INTEGRATION=1 as root on Debian, where it could have been installed, its absence is a failure.
    """
    found = shutil.which(name) or shutil.which(name, path=SYSTEM_FOLDERS)
    return found or missing(name, package=package)


def missing(name: str, *, package: str) -> NoReturn:
    """Leave a test because `name` is not there; as `program` does."""
    could_be_installed = os.geteuid() == 0 and Path("/usr/bin/apt-get").exists()
    if os.environ.get("REQUIRE_INTEGRATION") == "1" and could_be_installed:
        pytest.fail(f"{name} is missing: apt-get install {package}", pytrace=False)
    pytest.skip(f"{name} is missing: apt-get install {package}")
