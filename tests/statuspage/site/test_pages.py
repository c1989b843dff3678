"""What the files of a page say."""

from __future__ import annotations

import json

import pytest

from tests.statuspage.site.rich import files_of, rich_page

pytestmark = pytest.mark.django_db


def test_the_page_tells_how_things_stand() -> None:
    files = files_of(rich_page())
    page = files["index.html"].body.decode()
    for mark in ("banner", "incidents"):
        lines = page.splitlines()
        assert lines.index(f"<!--muster:{mark}-->") < lines.index(f"<!--/muster:{mark}-->")
    assert "Partial system outage" in page
    assert '<a href="https://harbor.example/help" rel="nofollow noopener">https://harbor.example/help</a>.' in page
    summary = json.loads(files["api/v2/summary.json"].body)
    assert summary["status"] == {"indicator": "major", "description": "Partial System Outage"}
