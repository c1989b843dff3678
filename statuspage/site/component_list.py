"""The list of components. There may be hundreds in five languages, every minute, so rows are written here and not by
templates; everything that people wrote is escaped by `format_html`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from statuspage.rules.impact import worst
from statuspage.rules.uptime import Day
from statuspage.rules.uptime import mean as mean_of
from statuspage.site import body
from statuspage.site.addresses import component_path
from statuspage.site.pieces import Component, Group, Uptime
from statuspage.site.shown import Teller
from statuspage.site.strip import is_quiet, strip, words_for
from statuspage.site.words import STATUS, Told

OPEN_UP_TO: Final = 24
"""A page with more components than this shows the groups that are well closed."""


@dataclass(frozen=True)
class ShownGroup:
    """A heading with its rows, or rows without a heading. `is_open`: unfolded from the start."""

    name: str
    description: str
    state: Told
    uptime: str
    is_open: bool
    rows: SafeString


def groups(teller: Teller, *, to_home: str) -> list[ShownGroup]:
    """Return what is shown of the components, by position; those that stand alone side by side form one block."""
    page = teller.page
    members: dict[str, list[Component]] = {group.id: [] for group in page.groups}
    top: list[Group | Component] = list(page.groups)
    for component in page.components:
        if component.only_show_if_degraded and component.status == "operational":
            continue
        if component.group_id in members:
            members[component.group_id].append(component)
        else:
            top.append(component)
    many = len(page.components) > OPEN_UP_TO
    blocks: list[ShownGroup] = []
    alone: list[Component] = []
    for each in sorted(top, key=lambda each: (each.position, each.name)):
        if isinstance(each, Component):
            alone.append(each)
            continue
        if alone:
            blocks.append(_block(teller, None, alone, many=False, to_home=to_home))
            alone = []
        if members[each.id]:
            blocks.append(_block(teller, each, members[each.id], many=many, to_home=to_home))
    if alone:
        blocks.append(_block(teller, None, alone, many=False, to_home=to_home))
    return blocks


def mean(uptimes: list[Uptime]) -> Uptime:
    """Return the uptime of a group: the mean of those of its components that have a record."""
    return Uptime(
        excluded=mean_of([each.excluded for each in uptimes]),
        included=mean_of([each.included for each in uptimes]),
    )


def rule(choice: str) -> str:
    """Return how uptime is counted, in a sentence that stands beside the figures."""
    counted = _(
        "Uptime of 90 days: a major outage counts in full, a partial outage as 30 %, degraded performance not at all."
    )
    if choice == "included":
        order = _("The first figure counts maintenance as downtime; the second leaves it out altogether.")
    else:
        order = _("The first figure leaves maintenance out altogether; the second counts it as downtime.")
    return f"{counted} {order}"


def figures(uptime: Uptime, headline: str) -> str:
    """Return both figures, the page's headline first: "99.98 % uptime · 99.91 % with maintenance"."""
    if uptime.excluded is None or uptime.included is None:
        return _("No record yet")
    first, second = uptime.excluded, uptime.included
    if headline == "included":
        first, second = second, first
        beside = _("%(percent)s %% without maintenance")
    else:
        beside = _("%(percent)s %% with maintenance")
    main = _("%(percent)s %% uptime") % {"percent": body.percent(first)}
    return f"{main} · {beside % {'percent': body.percent(second)}}"


def headline(uptime: Uptime, choice: str) -> str:
    """Return the figure that the page shows first."""
    value = uptime.included if choice == "included" else uptime.excluded
    return _("No record yet") if value is None else f"{body.percent(value)} %"


def _block(teller: Teller, group: Group | None, components: list[Component], *, many: bool, to_home: str) -> ShownGroup:
    state = worst(each.status for each in components)
    return ShownGroup(
        name=teller.name(group) if group else "",
        description=group.description if group else "",
        state=STATUS[state],
        uptime=headline(mean([each.uptime for each in components if each.days]), teller.page.headline_uptime),
        is_open=not many or state != "operational",
        rows=SafeString("".join(_row(teller, each, to_home) for each in components)),
    )


def _row(teller: Teller, component: Component, to_home: str) -> SafeString:
    told, name = STATUS[component.status], teller.name(component)
    return format_html(
        '<li class="component" id="c-{}"><div class="line"><h4><a href="{}">{}</a></h4>{}'
        '<span class="state {}"><svg class="icon" aria-hidden="true"><use href="#i-{}"></use></svg>{}</span></div>'
        "{}</li>\n",
        *(component.id, to_home + component_path(component.id), name),
        format_html('<p class="aside">{}</p>', component.description) if component.description else "",
        *(told.tone, told.icon, told.word, record(teller, component, name) if component.days else ""),
    )


def record(teller: Teller, component: Component, name: str, *, table: bool = True) -> SafeString:
    """Return the strip of a component with its figures and, with `table`, its days with trouble to unfold."""
    days, choice = component.days, teller.page.headline_uptime
    loud = [day for day in days if not is_quiet(day)]
    said = _("%(name)s, last %(days)d days: %(uptime)s") % {
        "name": name,
        "days": len(days),
        "uptime": figures(component.uptime, choice),
    }
    return format_html(
        '<div class="strip" role="img" aria-label="{}" data-from="{}" data-days="{}" data-before="{}">{}</div>'
        '<div class="scale"><span>{}</span><span class="figure">{}</span><span>{}</span></div>{}',
        *(said, days[0].day.isoformat(), len(days), sum(1 for day in days if not day.worst), strip(days)),
        ngettext("%(number)d day ago", "%(number)d days ago", len(days)) % {"number": len(days)},
        *(figures(component.uptime, choice), _("Today"), _trouble(loud, name) if loud and table else ""),
    )


def table_of(days: Iterable[Day]) -> SafeString:
    """Return days as rows of a table, newest first; each day is its row's heading."""
    return format_html_join(
        "\n",
        '<tr><th scope="row">{}</th><td>{}</td></tr>',
        ((body.day(day.day), words_for(day)) for day in reversed([*days])),
    )


def _trouble(loud: list[Day], name: str) -> SafeString:
    # What was planned is no trouble; its days stand in the table all the same.
    bad = sum(day.worst != "under_maintenance" for day in loud)
    summary = (
        ngettext("%(number)d day with trouble", "%(number)d days with trouble", bad) % {"number": bad}
        if bad
        else ngettext("%(number)d day with maintenance", "%(number)d days with maintenance", len(loud))
        % {"number": len(loud)}
    )
    return format_html(
        '<details class="days"><summary>{}</summary><table><caption class="unseen">{}</caption>'
        "<tbody>{}</tbody></table></details>",
        *(summary, name, table_of(loud)),
    )
