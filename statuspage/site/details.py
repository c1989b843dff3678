"""The pages behind the first one: incidents, components, history, servers. Each is made when its key changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from statuspage.site import history
from statuspage.site.addresses import component_path, incident_path, month_path, server_path
from statuspage.site.component_list import record, rule, table_of
from statuspage.site.file import key_of
from statuspage.site.history import Month
from statuspage.site.html import Pages
from statuspage.site.keys import Keys
from statuspage.site.pieces import Component, Incident, Server
from statuspage.site.words import STATUS


@dataclass(frozen=True)
class Detail:
    """A page to be made: `path` inside the language's folder, `key` "" for one that is made each time."""

    path: str
    key: str
    make: Callable[[], bytes]


def details(pages: Pages, keys: Keys) -> Iterator[Detail]:
    """Yield the pages of a language. `make` wants the language to be spoken."""
    page, frame = pages.page, (pages.language, keys.frame)
    for incident in (*page.incidents, *page.maintenances):
        # What goes on tells by its own age whether it is stale, so it is made each time.
        key = "" if incident.is_open else key_of(*frame, keys.incident(incident))
        yield Detail(incident_path(incident.id), key, partial(_incident, pages, incident))
    since: dict[str, list[Incident]] = {}
    for incident in history.past(page):
        for affected in incident.affected:
            since.setdefault(affected.component_id, []).append(incident)
    for component in page.components:
        mine = [each for each in since.get(component.id, ()) if page.now - history.began(each) < history.RECORD]
        key = key_of(*frame, keys.component(component), [keys.incident(each) for each in mine])
        yield Detail(component_path(component.id), key, partial(_component, pages, component, mine))
    yield from _months(pages, keys)
    yield from _servers(pages, keys)


def _incident(pages: Pages, incident: Incident) -> bytes:
    shown = pages.teller.incident(incident)
    return pages.render("statuspage/site/incident.html", shown.path, live=incident.is_open, incident=shown)


def _component(pages: Pages, component: Component, incidents: list[Incident]) -> bytes:
    name = pages.teller.name(component)
    return pages.render(
        "statuspage/site/component.html",
        component_path(component.id),
        live=False,
        component=component,
        name=name,
        state=STATUS[component.status],
        record=record(pages.teller, component, name, table=False) if component.days else "",
        table=table_of(component.days),
        rule=rule(pages.page.headline_uptime),
        incidents=pages.teller.incidents(incidents),
    )


def _months(pages: Pages, keys: Keys) -> Iterator[Detail]:
    frame, months = (pages.language, keys.frame), history.months(pages.page)
    counts = [(month.key, month.troubles, month.maintenances) for month in months]
    yield Detail("history.html", key_of(*frame, counts), partial(_history, pages, months))
    for place, month in enumerate(months):
        beside = [each.key for each in months[max(place - 1, 0) : place + 2]]
        key = key_of(*frame, beside, [keys.incident(each) for each in month.incidents])
        newer, older = months[place - 1] if place else None, months[place + 1] if place + 1 < len(months) else None
        yield Detail(month_path(month.key), key, partial(_month, pages, month, newer, older))


def _history(pages: Pages, months: list[Month]) -> bytes:
    years: dict[int, list[Month]] = {}
    for month in months:
        years.setdefault(month.first.year, []).append(month)
    return pages.render("statuspage/site/history.html", "history.html", live=False, years=list(years.items()))


def _month(pages: Pages, month: Month, newer: Month | None, older: Month | None) -> bytes:
    return pages.render(
        "statuspage/site/month.html",
        month_path(month.key),
        live=False,
        month=month,
        newer=newer,
        older=older,
        incidents=pages.teller.incidents(month.incidents),
    )


def _servers(pages: Pages, keys: Keys) -> Iterator[Detail]:
    page, frame = pages.page, (pages.language, keys.frame)
    if not page.servers:
        return
    names = [(each.name, each.file, bool(each.hits)) for each in page.servers]
    yield Detail("servers/index.html", key_of(*frame, names), partial(_server_list, pages))
    by_id = {each.id: each for each in (*page.incidents, *page.maintenances)}
    told = {id: keys.incident(by_id[id]) for each in page.servers for id in each.hits if id in by_id}
    for server in page.servers:
        key = key_of(*frame, server.name, [told[id] for id in server.hits if id in told])
        hits = [by_id[id] for id in server.hits if id in by_id]
        yield Detail(server_path(server), key, partial(_server, pages, server, hits))


def _server_list(pages: Pages) -> bytes:
    hit = format_html(
        ' <span class="state part"><svg class="icon" aria-hidden="true"><use href="#i-warn"></use></svg>{}</span>',
        _("Affected"),
    )
    rows = format_html_join(
        "\n",
        '<li><a href="{}.html">{}</a>{}</li>',
        ((each.file, each.name, hit if each.hits else "") for each in pages.page.servers),
    )
    return pages.render("statuspage/site/servers.html", "servers/index.html", live=False, list=rows)


def _server(pages: Pages, server: Server, hits: list[Incident]) -> bytes:
    return pages.render(
        "statuspage/site/server.html",
        server_path(server),
        live=False,
        server=server,
        incidents=pages.teller.incidents(hits),
    )
