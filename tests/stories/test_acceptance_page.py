"""The page of what we promise to keep names tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = (ROOT / "docs" / "acceptance.md").read_text(encoding="utf-8")
ITEMS: Final = {int(number): text for number, text in re.findall(r"(?ms)^\*\*(\d+)\. (.*?)(?=^\*\*\d|^## |\Z)", PAGE)}
NAMED: Final = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def names_in(file: Path) -> set[str]:
    """Return the names of a file's tests."""
    tree = ast.parse(file.read_text(encoding="utf-8")) if file.exists() else ast.Module(body=[], type_ignores=[])
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_all_forty_are_there() -> None:
    assert sorted(ITEMS) == list(range(1, 41))


def test_each_has_a_test_or_says_what_it_waits_for() -> None:
    assert [number for number, text in ITEMS.items() if not NAMED.search(text) and "*Waits for:*" not in text] == []


def test_every_test_it_names_exists() -> None:
    assert NAMED.findall(PAGE)
    missing = [f"{file}::{name}" for file, name in NAMED.findall(PAGE) if name not in names_in(ROOT / file)]
    assert missing == []
