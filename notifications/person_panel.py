"""How somebody is reached, as a part of their page."""

from __future__ import annotations

from django.http import HttpRequest

from people.models import Person


def panel(request: HttpRequest, shown: Person) -> str:
    """Return the part as safe HTML; "" for readers whom it does not concern."""
    # Here and not above: engines and workers register this too, and have no use for forms and views.
    from notifications.settings_views.contacts import contacts_of

    return contacts_of(request, shown)
