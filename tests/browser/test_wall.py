"""The big screen, in a real browser."""

from __future__ import annotations

from typing import Any, Final

import pytest
from playwright.sync_api import expect

from engine import clock
from engine.duties import run_once
from tests.browser.conftest import DESK, PHONE, OpenPage, accessibility_faults
from tests.browser.test_bridge import kept
from tests.incidents.builders import make_company, make_incident

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
    pytest.mark.usefixtures("stream"),
]
WALL: Final = {"width": 2560, "height": 1440}


def test_it_grows_with_the_screen_and_fits_each(open_page: OpenPage) -> None:
    company = make_company()
    now = clock.now()
    make_incident(now=now)
    make_incident("Mail is late", severity=3, now=now)
    for name in ("pages", "musters"):
        run_once(name, now=now)
    heights = []
    sizes: list[tuple[Any, str]] = [(PHONE, "dark"), (DESK, "light"), (WALL, "dark")]
    for size, scheme in sizes:
        page = open_page("/wall/", person=company.otto, size=size, scheme=scheme)
        expect(page.get_by_role("heading", name="2 open incidents")).to_be_visible()
        expect(page.get_by_role("navigation")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert accessibility_faults(page) == []
        kept(page, f"wall-{size['width']}-{scheme}")
        heights.append(page.get_by_role("heading", name="Mail is late").bounding_box()["height"])  # type: ignore[index]
    assert heights[2] > 1.5 * heights[1]
