"""A page's components and groups: as they stand, in which order, made and changed, put away and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engine import clock
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, edit
from people.models import Person
from people.permissions import ADMINISTER, APPROVE_UPDATE, READ, may
from statuspage.addresses import public_address
from statuspage.doors import access_component, access_page
from statuspage.forms_components import ComponentForm, GroupForm
from statuspage.models import Component, ComponentGroup, StatusPage
from statuspage.operations.components import (
    archive_component,
    order_components,
    remove_group,
    restore_component,
    save_component,
    save_group,
)
from web.errors import BadInput, NotFound


@dataclass(frozen=True, kw_only=True)
class Block:
    """A group with its components, or one component that stands alone, as the page shows them in order."""

    group: ComponentGroup | None
    components: list[Component]

    @property
    def id(self) -> str:
        """The id by which this block is put in order."""
        return self.group.pk if self.group else self.components[0].pk


def blocks_of(page: StatusPage) -> list[Block]:
    """Return groups and lone components in the order of the page; three queries."""
    components = list(
        Component.objects.filter(page=page, archived_at=None).prefetch_related("services").order_by("position", "name")
    )
    groups = list(ComponentGroup.objects.filter(page=page).order_by("position", "name"))
    found = [
        Block(group=group, components=[each for each in components if each.group_id == group.pk]) for group in groups
    ]
    found += [Block(group=None, components=[each]) for each in components if each.group_id is None]
    return sorted(found, key=_place)


def _place(block: Block) -> tuple[int, str]:
    leading = block.group or block.components[0]
    return leading.position, leading.name


@require_safe
@signed_in(READ)
def status_components(request: HttpRequest, person: Person, status_page_id: str) -> HttpResponse:
    """Show a page's components as they stand, in order."""
    page = access_page(status_page_id)
    context = {
        "page": page,
        "address": public_address(page),
        "blocks": blocks_of(page),
        "archived": Component.objects.filter(page=page).exclude(archived_at=None).order_by("name"),
        "may_administer": may(person, ADMINISTER),
        "may_set": may(person, APPROVE_UPDATE),
    }
    return render(request, "statuspage/staff/components.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def status_component_add(request: HttpRequest, person: Person, status_page_id: str) -> HttpResponse:
    """Add a component, operational and last in order."""
    page = access_page(status_page_id)
    form = ComponentForm(request.POST or None, page=page, initial={"group": request.GET.get("group", "")})
    return _edit_component(request, person, page, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def status_component_edit(request: HttpRequest, person: Person, component_id: str) -> HttpResponse:
    """Change what a component is called, what stands behind it and how it is shown."""
    component = access_component(component_id)
    form = ComponentForm(request.POST or None, page=component.page, component=component)
    return _edit_component(request, person, component.page, form, component)


def _edit_component(
    request: HttpRequest, person: Person, page: StatusPage, form: ComponentForm, component: Component | None
) -> HttpResponse:
    def save(_given: dict[str, Any]) -> None:
        by, now = actor_for(person, via="web"), clock.now()
        save_component(page=page, component=component, **form.given(), by=by, now=now)

    editor = Editor(
        title=component.name if component else _("New component"),
        intro=_("What customers know it as, on “{page}”.").format(page=page.name),
        back=reverse("status_components", args=[page.pk]),
        said=_("The component is saved."),
        remove_url=reverse("status_component_archive", args=[component.pk]) if component else "",
        remove_word=_("Put it away"),
        remove_text=_("It leaves the page; its history is kept, and you can put it back."),
    )
    return edit(request, form, editor, save=save)


@require_POST
@signed_in(ADMINISTER)
def status_component_archive(request: HttpRequest, person: Person, component_id: str) -> HttpResponse:
    """Take a component off the page; the way back is one button on the page it leads to."""
    component = access_component(component_id)
    with transaction.atomic():
        archive_component(component=component, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("“{name}” is off the page. Its history is kept.").format(name=component.name))
    return HttpResponseRedirect(reverse("status_components", args=[component.page_id]))


@require_POST
@signed_in(ADMINISTER)
def status_component_restore(request: HttpRequest, person: Person, component_id: str) -> HttpResponse:
    """Put a component back where it stood."""
    component = access_component(component_id)
    with transaction.atomic():
        restore_component(component=component, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("“{name}” is back on the page.").format(name=component.name))
    return HttpResponseRedirect(reverse("status_components", args=[component.page_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def status_group_add(request: HttpRequest, person: Person, status_page_id: str) -> HttpResponse:
    """Add a group at the end of the page."""
    page = access_page(status_page_id)
    return _edit_group(request, person, GroupForm(request.POST or None, page=page), None)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def status_group_edit(request: HttpRequest, person: Person, group_id: str) -> HttpResponse:
    """Change a group's name."""
    group = _group(group_id)
    return _edit_group(request, person, GroupForm(request.POST or None, page=group.page, group=group), group)


def _edit_group(request: HttpRequest, person: Person, form: GroupForm, group: ComponentGroup | None) -> HttpResponse:
    def save(_given: dict[str, Any]) -> None:
        save_group(page=form.page, group=group, **form.given(), by=actor_for(person, via="web"), now=clock.now())

    editor = Editor(
        title=group.name if group else _("New group"),
        intro=_("A heading over components that belong together."),
        back=reverse("status_components", args=[form.page.pk]),
        said=_("The group is saved."),
        remove_url=reverse("status_group_remove", args=[group.pk]) if group else "",
        remove_word=_("Remove the heading"),
        remove_text=_("Its components stay on the page, without a heading."),
    )
    return edit(request, form, editor, save=save)


@require_POST
@signed_in(ADMINISTER)
def status_group_remove(request: HttpRequest, person: Person, group_id: str) -> HttpResponse:
    """Take a heading away."""
    group = _group(group_id)
    with transaction.atomic():
        remove_group(group=group, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("The heading is gone; its components stay."))
    return HttpResponseRedirect(reverse("status_components", args=[group.page_id]))


@require_POST
@signed_in(ADMINISTER)
def status_order(request: HttpRequest, person: Person, status_page_id: str) -> HttpResponse:
    """Put a page in order: by `move` ("up:<id>" or "down:<id>"), or by `ids` as somebody dragged them."""
    page = access_page(status_page_id)
    dragged, move = request.POST.getlist("ids"), request.POST.get("move", "")
    direction, _separator, id_ = move.partition(":")
    if not dragged and direction not in ("up", "down"):
        raise BadInput(_("Say what is to move, and where."))
    with transaction.atomic():
        ids = dragged or moved(blocks_of(page), id_, up=direction == "up")
        order_components(page=page, ids=ids, by=actor_for(person, via="web"), now=clock.now())
    return HttpResponseRedirect(f"{reverse('status_components', args=[page.pk])}#{id_ or 'components'}")


def moved(blocks: list[Block], id_: str, *, up: bool) -> list[str]:
    """Return all ids of a page in order, with one moved a place among its neighbours; at an end nothing moves."""
    rows = [(block.id, [each.pk for each in block.components if each.pk != block.id]) for block in blocks]
    outer = [outer_id for outer_id, _inner in rows]
    if id_ in outer:
        _swap(rows, outer.index(id_), up=up)
    for _outer_id, inner in rows:
        if id_ in inner:
            _swap(inner, inner.index(id_), up=up)
    return [each for outer_id, inner in rows for each in (outer_id, *inner)]


def _swap(places: list[Any], place: int, *, up: bool) -> None:
    other = place - 1 if up else place + 1
    if 0 <= other < len(places):
        places[place], places[other] = places[other], places[place]


def _group(group_id: str) -> ComponentGroup:
    found = ComponentGroup.objects.select_related("page").defer("page__logo").filter(pk=group_id).first()
    if found is None:
        raise NotFound(_("There is no such group."))
    return found
