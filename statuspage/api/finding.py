"""What calls name: pages, groups, components, servers, services."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from incidents.models import Service
from incidents.queries import service_named
from statuspage.models import ComponentGroup, Metric, Server, StatusPage
from web.errors import BadInput, NotFound


def page_named(name: str) -> StatusPage:
    """Return the page of this id or slug that is not archived; the one at the root, or the only one, for "".

    Raises `BadInput`: which page it is belongs to what was given.
    """
    pages = StatusPage.objects.defer("logo").filter(archived_at=None)
    if name:
        found = pages.filter(Q(pk=name) | Q(slug=name)).first()
    else:
        found = pages.filter(slug="").first() or (pages.first() if pages.count() == 1 else None)
    if found is None:
        sentence = "There is no such status page." if name else "Say which status page; there is none at the root."
        raise BadInput(sentence, errors={"page": sentence})
    return found


def page_asked_for(name: str) -> StatusPage:
    """Return the page of this id or slug, archived or not; raise `NotFound`."""
    found = StatusPage.objects.defer("logo").filter(Q(pk=name) | Q(slug=name)).first() if name else None
    if found is None:
        raise NotFound("There is no such status page.")
    return found


def group_given(page: StatusPage, group_id: str | None) -> ComponentGroup | None:
    """Return a group of the page; raise `BadInput`."""
    if not group_id:
        return None
    group = ComponentGroup.objects.filter(page=page, pk=group_id).first()
    if group is None:
        sentence = "There is no such group on this page."
        raise BadInput(sentence, errors={"group": sentence})
    return group


def services_given(names: Iterable[str]) -> list[Service]:
    """Return services by keys or ids; raise `BadInput` for one that is unknown."""
    found = []
    for name in dict.fromkeys(names):
        service = service_named(name)
        if service is None:
            sentence = f"No service has the key or id {name!r}."
            raise BadInput(sentence, errors={"services": sentence})
        found.append(service)
    return found


def servers_given(page: StatusPage, names: Iterable[str]) -> list[int]:
    """Return ids of servers of the page by their names; raise `BadInput` for those that are unknown."""
    wanted = set(names)
    found = dict(Server.objects.filter(page=page, archived_at=None, name__in=wanted).values_list("name", "pk"))
    if missing := sorted(wanted - set(found)):
        sentence = f"The page knows no server called {', '.join(missing[:5])}."
        raise BadInput(sentence, errors={"servers": sentence})
    return sorted(found.values())


def metric_named(metric_id: str) -> Metric:
    """Return a figure by its id; raise `NotFound`."""
    found = Metric.objects.filter(pk=metric_id).first()
    if found is None:
        raise NotFound("There is no such figure.")
    return found
