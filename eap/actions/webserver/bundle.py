"""The program for the web server as one text: its modules, and a few lines that unpack them in memory over there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

PACKAGE: Final = "eap.actions.webserver.host"
BOOT: Final = """
import sys
if sys.version_info < (3, 9):
    sys.exit("Python 3.9 or newer is needed; this is " + sys.version.split()[0])
import importlib.abc, importlib.util, json
line = sys.stdin.buffer.readline()
modules, text = json.loads(line), sys.stdin.buffer.read()
class Carried(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    def find_spec(self, name, path=None, target=None):
        if name in modules:
            return importlib.util.spec_from_loader(name, self, origin=name, is_package=modules[name][0])
    def get_source(self, name):
        return modules[name][1]
    def is_package(self, name):
        return modules[name][0]
sys.meta_path.insert(0, Carried())
from eap.actions.webserver.host.main import run
run(text)
"""
"""Handed to `python3 -I -B -c`: a constant without anything secret, because others on the host read it."""
WORDS: Final = ("python3", "-I", "-B", "-c", BOOT)


@cache
def modules() -> str:
    """Return the program's modules as one line of JSON: name to (is it a package, its source)."""
    folder = Path(__file__).with_name("host")
    parents = PACKAGE.split(".")
    found: dict[str, tuple[bool, str]] = {".".join(parents[: n + 1]): (True, "") for n in range(len(parents))}
    for path in sorted(folder.glob("*.py")):
        if path.name != "__init__.py":
            found[f"{PACKAGE}.{path.stem}"] = (False, path.read_text("utf-8"))
    return json.dumps(found)


def standard_input(request: Mapping[str, Any]) -> str:
    """Return what the program is given: its modules and the request, secrets included."""
    return f"{modules()}\n{json.dumps(request)}"
