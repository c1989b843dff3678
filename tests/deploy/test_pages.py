"""What the pages for people promise is there: settings, commands, linked pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def test_the_settings_described_are_those_that_are_read() -> None:
    read = set(re.findall(r'read\.\w+\("([A-Z_]+)"', (ROOT / "config" / "settings.py").read_text()))
    rows = re.findall(r"^\| (`[A-Z].*?) \|", README, re.MULTILINE)
    described = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert described == read


def test_the_commands_described_exist() -> None:
    pages = "".join(page.read_text() for page in PAGES if page.name != "CHANGELOG.md")
    table = README.partition("| command | what it does |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (.*?) \|", table, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([a-z_]+)[ `]", row)}
    named |= set(re.findall(r"bin/manage ([a-z_]+)", pages))
    assert named
    assert named - set(get_commands()) == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#\s]*)(#[^)]*)?\)", page.read_text())
    missing = [path for path, _ in targets if path and not (page.parent / path).exists()]
    assert missing == []
    for path, anchor in targets:
        if anchor:
            text = (page.parent / path).read_text() if path else page.read_text()
            headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
            assert anchor[1:] in {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
