"""Components and their groups: make and change them, put them in order, archive them, set a state by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from incidents.models import Service
from ledger.actor import Actor
from ledger.rules import JSON
from statuspage.models import Component, ComponentGroup, ComponentStatus, PublicIncident, StatusPage
from statuspage.operations.checking import checked_names, one_line
from statuspage.operations.locking import lock_components
from statuspage.operations.recording import record_page
from statuspage.operations.timeline import add_steps, says, settle
from web.errors import BadInput, IllegalMove, NotFound

LONGEST_NAME = 100
LONGEST_DESCRIPTION = 300


def save_group(
    *,
    page: StatusPage,
    name: str,
    by: Actor,
    now: datetime,
    group: ComponentGroup | None = None,
    names: Mapping[str, str] | None = None,
    description: str = "",
) -> ComponentGroup:
    """Create a group at the end of the page, or change one. Locks it. Raises `BadInput`."""
    errors = _faults(name, description)
    others = ComponentGroup.objects.filter(page=page, name=one_line(name))
    if others.exclude(pk=group.pk if group else "").exists():
        errors["name"] = "The page has a group of this name already."
    _refuse(errors)
    row = _locked_group(group) if group else ComponentGroup(page=page, position=_last(page), created_at=now)
    row.name, row.names = one_line(name), checked_names(names or {}, page)
    row.description, row.updated_at = one_line(description), now
    row.save()
    verb = "status.group_changed" if group else "status.group_added"
    record_page(page, verb, by=by, now=now, payload={"group": row.pk, "name": row.name})
    return row


def remove_group(*, group: ComponentGroup, by: Actor, now: datetime) -> None:
    """Take a heading away; its components stay, without one. Raises `IllegalMove` where a name would stand twice."""
    group = _locked_group(group)
    alone = Component.objects.filter(page=group.page, group=None, archived_at=None).values("name")
    if group.components.filter(archived_at=None, name__in=alone).exists():
        raise IllegalMove(
            "A component outside any group has the same name as one of its own. Rename one of them first."
        )
    payload: dict[str, JSON] = {"group": group.pk, "name": group.name}
    page = group.page
    group.delete()
    record_page(page, "status.group_removed", by=by, now=now, payload=payload)


def save_component(
    *,
    page: StatusPage,
    name: str,
    by: Actor,
    now: datetime,
    component: Component | None = None,
    group: ComponentGroup | None = None,
    names: Mapping[str, str] | None = None,
    description: str = "",
    showcase: bool = True,
    only_show_if_degraded: bool = False,
    start_date: date | None = None,
    services: Sequence[Service] = (),
) -> Component:
    """Create a component, operational and last in order, or change what one is called and how it is shown.

    Locks it. Raises `BadInput`. Its state is changed by updates and `set_component_status` only.
    """
    errors = _faults(name, description)
    same = Component.objects.filter(page=page, group=group, name=one_line(name), archived_at=None)
    if same.exclude(pk=component.pk if component else "").exists():
        errors["name"] = "There is a component of this name in the same place already."
    if group is not None and group.page_id != page.pk:
        errors["group"] = "Choose a group of this page."
    if start_date is not None and start_date > now.date():
        errors["start_date"] = "Choose a day that has begun; uptime counts from it."
    _refuse(errors)
    row = _locked(component) if component else Component(page=page, position=_last(page), created_at=now)
    row.group, row.name, row.names = group, one_line(name), checked_names(names or {}, page)
    row.description, row.showcase, row.only_show_if_degraded = one_line(description), showcase, only_show_if_degraded
    row.start_date, row.updated_at = start_date, now
    row.save()
    row.services.set(services)
    payload: dict[str, JSON] = {
        "component": row.pk,
        "name": row.name,
        "group": group.name if group else "",
        "services": sorted(service.key for service in services),
        "showcase": showcase,
        "only_show_if_degraded": only_show_if_degraded,
        "start_date": start_date.isoformat() if start_date else "",
    }
    verb = "status.component_changed" if component else "status.component_added"
    record_page(page, verb, by=by, now=now, payload=payload)
    return row


def archive_component(*, component: Component, by: Actor, now: datetime) -> Component:
    """Take a component off the page; its history stays. Doing it again changes nothing. Locks it."""
    row = _locked(component)
    if row.archived_at is None:
        row.archived_at = row.updated_at = now
        row.save(update_fields=["archived_at", "updated_at"])
        payload: dict[str, JSON] = {"component": row.pk, "name": row.name}
        record_page(row.page, "status.component_archived", by=by, now=now, payload=payload)
    return row


def restore_component(*, component: Component, by: Actor, now: datetime) -> Component:
    """Put an archived component back. Locks it. Raises `IllegalMove` where its place is taken."""
    row = _locked(component)
    if row.archived_at is None:
        return row
    same = Component.objects.filter(page=row.page, group=row.group, name=row.name, archived_at=None)
    if same.exists():
        raise IllegalMove(f"There is another component called {row.name} in its place now. Rename that one first.")
    row.archived_at, row.updated_at = None, now
    row.save(update_fields=["archived_at", "updated_at"])
    settle([row], now=now)
    payload: dict[str, JSON] = {"component": row.pk, "name": row.name}
    record_page(row.page, "status.component_restored", by=by, now=now, payload=payload)
    return row


def order_components(*, page: StatusPage, ids: Sequence[str], by: Actor, now: datetime) -> None:
    """Put groups and components into the order of `ids`; what is not named comes after them as it was.

    Raises `BadInput` for an id that is not of this page.
    """
    groups = {row.pk: row for row in ComponentGroup.objects.select_for_update(no_key=True).filter(page=page)}
    of_page = Component.objects.filter(page=page)
    components = {row.pk: row for row in of_page.select_for_update(no_key=True).order_by("pk")}
    rows: dict[str, Component | ComponentGroup] = {**groups, **components}
    if set(ids) - set(rows):
        _refuse({"ids": "Choose components and groups of this page."})
    rest = sorted((pk for pk in rows if pk not in set(ids)), key=lambda pk: (rows[pk].position, rows[pk].name))
    for position, pk in enumerate([*dict.fromkeys(ids), *rest], start=1):
        rows[pk].position = position
    ComponentGroup.objects.bulk_update(groups.values(), ["position"])
    Component.objects.bulk_update(components.values(), ["position"])
    record_page(page, "status.components_ordered", by=by, now=now, payload={"ids": list(ids)})


def set_component_status(*, component: Component, status: str, by: Actor, now: datetime) -> Component:
    """Say by hand what state a component is in, without any public incident; subscribers are not told.

    Locks it. Raises `IllegalMove` where a public incident says worse, because the page shows the worst.
    """
    if status not in ComponentStatus.values:
        _refuse({"status": f"Choose one of {', '.join(ComponentStatus.values)}."})
    row = _locked(component)
    before = row.status
    by_hand = says(None, [row], now=now).get(row.pk, "operational")
    if by_hand != status:
        add_steps({row.pk: status}, components={row.pk: row}, source=None, at=now, now=now, by_name=by.name)
        settle([row], now=now)
    elif row.status != status:
        holding = PublicIncident.objects.filter(affected__component=row, affected__recovered_at=None)
        names = ", ".join(f"“{each.name}”" for each in holding.filter(published_at__isnull=False, resolved_at=None))
        raise IllegalMove(f"{row.name} is in this state by {names or 'a public incident'}. Publish an update of it.")
    else:
        return row
    payload: dict[str, JSON] = {"component": row.pk, "name": row.name, "from": before, "to": status}
    record_page(row.page, "status.component_set", by=by, now=now, payload=payload)
    return row


def _locked(component: Component) -> Component:
    found = lock_components([component.pk]).get(component.pk)
    if found is None:
        raise NotFound("There is no such component.")
    return found


def _locked_group(group: ComponentGroup) -> ComponentGroup:
    rows = ComponentGroup.objects.select_for_update(no_key=True, of=("self",)).select_related("page")
    found = rows.filter(pk=group.pk).first()
    if found is None:
        raise NotFound("There is no such group.")
    return found


def _last(page: StatusPage) -> int:
    """Return the position after everything on the page."""
    taken = [*page.groups.values_list("position", flat=True), *page.components.values_list("position", flat=True)]
    return max(taken, default=0) + 1


def _faults(name: str, description: str) -> dict[str, str]:
    errors = {}
    if not one_line(name):
        errors["name"] = "Give it the name that customers know."
    if len(one_line(name)) > LONGEST_NAME:
        errors["name"] = f"Keep the name under {LONGEST_NAME} characters."
    if len(one_line(description)) > LONGEST_DESCRIPTION:
        errors["description"] = f"Keep the description under {LONGEST_DESCRIPTION} characters."
    return errors


def _refuse(errors: Mapping[str, str]) -> None:
    if errors:
        raise BadInput(" ".join(errors.values()), errors=errors)
