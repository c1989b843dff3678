"""What goes to the web server: the standard library's Python of 2020, and nothing secret in its words."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eap.actions.webserver.bundle import BOOT, PACKAGE, WORDS, modules

SOURCES = {name: source for name, (_is_package, source) in json.loads(modules()).items()}


def test_the_program_stands_alone(tmp_path: Path) -> None:
    """The program runs where nothing of Muster is installed, on the standard library, and says what it lacks."""
    alone = tmp_path / "alone"
    alone.mkdir()
    python = shutil.which("python3", path="/usr/bin:/bin") or sys.executable
    answer = subprocess.run(
        [python, *WORDS[1:]],
        input=modules() + "\n" + json.dumps({"verb": "restore"}),
        capture_output=True,
        text=True,
        check=False,
        cwd=alone,
    )
    assert "KeyError" in answer.stderr, "it began to read the request"
    assert "ModuleNotFoundError" not in answer.stderr
    assert {name for name in SOURCES if not name.startswith("eap.actions.webserver.host")} == {
        "eap", "eap.actions", "eap.actions.webserver",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_it_is_python_3_9_and_imports_nothing_but_itself_and_the_standard_library(name: str) -> None:
    tree = ast.parse(SOURCES[name], feature_version=(3, 9))
    found = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    found |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    foreign = {
        each for each in found if not each.startswith(PACKAGE) and each.partition(".")[0] not in sys.stdlib_module_names
    }
    assert foreign == set()


def test_an_older_python_says_so() -> None:
    ancient = BOOT.replace("sys.version_info < (3, 9)", "sys.version_info < (99,)")
    answer = subprocess.run([sys.executable, "-c", ancient], input="", capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stderr.startswith("Python 3.9 or newer is needed; this is 3.")
