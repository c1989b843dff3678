"""What other sites embed: a script of one file without cookies, and a page for a frame."""

from __future__ import annotations

import json
from typing import Final

from django.utils.translation import gettext as _

from statuspage.site.assets import source
from statuspage.site.html import Pages
from statuspage.site.words import IMPACT, OVERALL, overall

TEXTS: Final = b"/*texts*/{}"


def script(languages: list[Pages]) -> bytes:
    """Return the script with its texts in every language of the page."""
    texts = {}
    for pages in languages:
        with pages.speaking():
            texts[pages.language] = {
                "overall": {said: str(told.word) for said, told in OVERALL.items()},
                "impact": {name: str(told.word) for name, told in IMPACT.items()},
                "more": _("See the status page"),
                "stale": _("Not updated for a while"),
            }
    own = languages[0].language
    # Inside a script "<" could end it where somebody pastes the file into a page.
    given = json.dumps({"own": own, "languages": texts}, ensure_ascii=True).replace("<", "\\u003c")
    return source("widget.js").replace(TEXTS, given.encode())


def frame(pages: Pages) -> bytes:
    """Return the page for a frame, in the language being spoken."""
    page = pages.page
    return pages.render(
        "statuspage/site/widget.html",
        "widget.html",
        live=True,
        overall=overall(page.indicator, page.description),
        open_incidents=pages.teller.incidents(page.open_incidents),
    )
