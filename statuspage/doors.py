"""The narrow doors to what is said in public: nobody learns by it of an incident that they may not know of."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from incidents.queries import hidden_incidents, visible_incidents
from people.models import Person
from statuspage.models import Component, PublicIncident, StatusPage, StatusUpdate
from web.errors import NotFound


def visible_public_incidents(person: Person) -> QuerySet[PublicIncident, PublicIncident]:
    """Return what this person may see: everything published, and drafts but those about incidents hidden from them."""
    found = PublicIncident.objects.select_related("page", "incident")
    hidden = hidden_incidents(person)
    if hidden is None:
        return found
    return found.exclude(Q(published_at=None) & Q(incident__in=hidden))


def visible_updates(person: Person) -> QuerySet[StatusUpdate, StatusUpdate]:
    """Return the updates this person may see: published ones, and others but those about incidents hidden from them."""
    found = StatusUpdate.objects.select_related(
        "public_incident__page", "public_incident__incident", "drafted_by", "approved_by"
    ).defer("public_incident__page__logo")
    hidden = hidden_incidents(person)
    if hidden is None:
        return found
    return found.exclude(~Q(state=StatusUpdate.State.PUBLISHED) & Q(public_incident__incident__in=hidden))


def access_public_incident(person: Person, public_id: str) -> PublicIncident:
    """Return a public incident or maintenance by its id; raise `NotFound`."""
    found = visible_public_incidents(person).filter(pk=public_id).first()
    if found is None:
        raise NotFound(_("There is no such public incident."))
    return found


def access_update(person: Person, update_id: str) -> StatusUpdate:
    """Return an update by its id; raise `NotFound`."""
    found = visible_updates(person).filter(pk=update_id).first()
    if found is None:
        raise NotFound(_("There is no such update."))
    return found


def access_page(status_page_id: str) -> StatusPage:
    """Return a page by its id, without its logo; raise `NotFound`."""
    found = StatusPage.objects.defer("logo").filter(pk=status_page_id).first()
    if found is None:
        raise NotFound(_("There is no such status page."))
    return found


def access_component(component_id: str) -> Component:
    """Return a component by its id, with its page and group; raise `NotFound`."""
    found = Component.objects.select_related("page", "group").defer("page__logo").filter(pk=component_id).first()
    if found is None:
        raise NotFound(_("There is no such component."))
    return found


def sees_incident_behind(person: Person, public: PublicIncident) -> bool:
    """Tell whether there is an internal incident that this person may open."""
    if public.incident_id is None:
        return False
    return visible_incidents(person).filter(pk=public.incident_id).exists()
