"""Which services' alerts a running maintenance explains."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from intake.registry import Muting
from statuspage.models import AffectedComponent
from statuspage.rules.stages import RUNNING


def muted_by_maintenance(services: Collection[int], now: datetime) -> dict[int, Muting]:
    """Return by service the maintenance that mutes its alerts now: one query.

    A maintenance mutes while it runs, whether or not the engine was there to start it, until the end that customers
    were told: one that overruns is trouble that nobody announced, so it pages until somebody moves its end.
    """
    rows = AffectedComponent.objects.filter(
        Q(public_incident__status__in=RUNNING)
        | Q(
            public_incident__status="scheduled",
            public_incident__auto_start=True,
            public_incident__scheduled_for__lte=now,
        ),
        public_incident__kind="maintenance",
        public_incident__mutes_alerts=True,
        public_incident__published_at__isnull=False,
        public_incident__scheduled_until__gt=now,
        recovered_at=None,
        component__archived_at=None,
        component__services__in=services,
    )
    found: dict[int, Muting] = {}
    for service, since, name, until in rows.order_by("since").values_list(
        "component__services", "since", "public_incident__name", "public_incident__scheduled_until"
    ):
        if service not in found and until is not None:
            facts = {"name": name, "until": until.strftime("%Y-%m-%d %H:%M UTC")}
            reason = _("Muted by maintenance “%(name)s”, until %(until)s") % facts
            found[service] = Muting(since=since, reason=reason)
    return found
