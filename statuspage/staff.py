"""Where staff find the status page: the navigation, the tabs of its screens, the settings, the incident's room."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from incidents.panels import panels
from people import settings_index
from people.models import Person
from people.permissions import ADMINISTER, APPROVE_UPDATE, READ, may
from people.settings_index import Entry
from statuspage import places
from statuspage.overview import waiting_updates
from statuspage.panel import CUSTOMERS, HEARD
from statuspage.places import Place
from web import navigation
from web.navigation import Item

GROUP = _("Status page")


def waiting_count(request: HttpRequest) -> int:
    """Return how many drafts this reader could judge; 0 for whoever may not approve."""
    person = request.user
    if not isinstance(person, Person) or not may(person, APPROVE_UPDATE):
        return 0
    return waiting_updates(person).count()


def register_screens() -> None:
    """Put the status page's screens where people look for them."""
    panels.register(CUSTOMERS)
    panels.register_line(HEARD)
    navigation.register(
        Item(label=GROUP, url_name="status_pages", icon="globe", order=45, capability=READ, count=waiting_count)
    )
    for order, url_name, label in (
        (10, "status_pages", _("Now")),
        (20, "status_incidents", _("History")),
        (30, "status_maintenance", _("Maintenance")),
    ):
        places.register(Place(url_name=url_name, label=label, order=order))
    entries = (
        ("status_templates", "note", 510, _("Prepared texts"), _("What customers read first, in every language.")),
        (
            "status_policies",
            "shield",
            520,
            _("Publishing policy"),
            _("Who must agree, and what Muster says by itself."),
        ),
        ("status_metrics", "facts", 530, _("Figures"), _("Charts on the page, pushed by API.")),
    )
    settings_index.register(
        Entry(
            label=_("Publishing targets"),
            text=_("Where the page's files go besides this host."),
            url_name="status_targets",
            icon="out",
            group=GROUP,
            order=540,
            capability=ADMINISTER,
        )
    )
    for url_name, icon, order, label, text in entries:
        settings_index.register(
            Entry(label=label, text=text, url_name=url_name, icon=icon, group=GROUP, order=order, capability=READ)
        )
