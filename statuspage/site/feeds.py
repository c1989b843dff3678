"""Atom, RSS and JSON Feed of everything that was said: an entry for each incident, moved up by each update."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.html import escape

from statuspage.site import body
from statuspage.site.html import Pages
from statuspage.site.shown import ShownIncident

LIMIT: Final = 50


class Atom(Atom1Feed):
    """An Atom feed with the mark behind which the emergency script puts its entry."""

    def write_items(self, handler: Any) -> None:
        """Write the mark, then the entries."""
        handler.ignorableWhitespace("\n<!--muster:entries-->\n")
        super().write_items(handler)


class Rss(Rss201rev2Feed):
    """An RSS feed with the mark behind which the emergency script puts its item."""

    def write_items(self, handler: Any) -> None:
        """Write the mark, then the items."""
        handler.ignorableWhitespace("\n<!--muster:items-->\n")
        super().write_items(handler)


def feeds(pages: Pages) -> Iterator[tuple[str, str, bytes]]:
    """Yield path, content type and body of each feed, in the language that is being spoken."""
    page, teller = pages.page, pages.teller
    newest = sorted(
        (*page.incidents, *page.maintenances), key=lambda each: (each.updates[0].display_at, each.id), reverse=True
    )
    shown = teller.incidents(newest[:LIMIT])
    for name, feed in (("history.atom", Atom), ("history.rss", Rss)):
        yield name, feed.content_type, _xml(pages, name, feed, shown)
    yield "history.json", "application/feed+json; charset=utf-8", _json(pages, shown)


def _xml(pages: Pages, name: str, kind: type[Atom | Rss], shown: list[ShownIncident]) -> bytes:
    page, home = pages.page, pages.addresses.page
    feed = kind(
        title=body.printable(page.name),
        link=home,
        description=body.printable(page.headline or page.name),
        language=pages.language,
        feed_url=f"{home}{name}",
        feed_guid=home,
    )
    for incident in shown:
        feed.add_item(
            title=body.printable(incident.name),
            link=pages.addresses.incident(incident.id),
            description=body.printable(_content(incident)),
            unique_id=pages.addresses.incident(incident.id),
            pubdate=incident.updates[-1].at,
            updateddate=_changed(incident),
        )
    feed.latest_post_date = lambda: max([_changed(each) for each in shown], default=page.updated_at)  # type: ignore[method-assign]
    return str(feed.writeString("utf-8")).encode()


def _json(pages: Pages, shown: list[ShownIncident]) -> bytes:
    home = pages.addresses.page
    content = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": pages.page.name,
        "home_page_url": home,
        "feed_url": f"{home}history.json",
        "language": pages.language,
        "items": [
            {
                "id": pages.addresses.incident(incident.id),
                "url": pages.addresses.incident(incident.id),
                "title": incident.name,
                "content_html": _content(incident),
                "summary": f"{incident.stage.word}: {incident.newest.text}"[:300],
                "date_published": incident.updates[-1].at.isoformat(),
                "date_modified": _changed(incident).isoformat(),
            }
            for incident in shown
        ],
    }
    return json.dumps(content, ensure_ascii=False).encode()


def _content(incident: ShownIncident) -> str:
    """Return every update as HTML, newest first, each under its time and stage."""
    return "".join(
        f"<p><strong>{escape(update.stage.word)}</strong>, {escape(_when(update.at))}</p>{body.paragraphs(update.text)}"
        for update in incident.updates
    )


def _when(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{body.day(local)}, {local:%H:%M} {local:%Z}"


def _changed(incident: ShownIncident) -> datetime:
    newest = incident.newest
    return max(each for each in (newest.at, newest.recorded_at, newest.edited_at) if each)
