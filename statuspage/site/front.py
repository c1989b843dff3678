"""The first page: how things stand, what is open, every component, what is planned, what was."""

from __future__ import annotations

from statuspage.site.chart import charts
from statuspage.site.component_list import groups, rule
from statuspage.site.history import recent
from statuspage.site.html import Pages
from statuspage.site.shown import ShownStretch
from statuspage.site.words import overall


def front(pages: Pages) -> bytes:
    """Return the index of a page in the language that is being spoken."""
    page, teller = pages.page, pages.teller
    return pages.render(
        "statuspage/site/index.html",
        "index.html",
        live=True,
        overall=overall(page.indicator, page.description),
        troubled=sum(each.status not in ("operational", "under_maintenance") for each in page.components),
        shown=len(page.components),
        open_incidents=teller.incidents(page.open_incidents),
        running=teller.incidents(each for each in page.coming if each.status != "scheduled"),
        planned=teller.incidents(each for each in page.coming if each.status == "scheduled"),
        groups=groups(teller, to_home=""),
        rule=rule(page.headline_uptime),
        charts=charts(page.metrics),
        recent=[ShownStretch(each.first, each.last, teller.incidents(each.incidents)) for each in recent(page)],
    )
