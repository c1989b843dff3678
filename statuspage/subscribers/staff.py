"""Where staff find subscribers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from people.permissions import DRAFT_UPDATE
from statuspage import places
from statuspage.places import Place


def register_screen() -> None:
    """Put the list among the status page's screens; called once, when the app is ready."""
    places.register(Place(url_name="status_subscribers", label=_("Subscribers"), order=50, capability=DRAFT_UPDATE))
