"""The alerts of an incident, for its room."""

from __future__ import annotations

from typing import Final

from django.db.models import Count
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from incidents.panels import Panel
from intake.models import Alert

SHOWN: Final = 8
WEIGHT: Final = {"critical": "bad", "error": "watch", "warning": "calm", "info": "quiet"}


def alerts_of(request: HttpRequest, incident: Incident) -> str:
    """Return the newest alerts with how many there are of each state; "" for an incident that a person declared alone.

    Two queries, whatever the storm: the count is one aggregate over the incident's own alerts.
    """
    by_state = dict(
        Alert.objects.filter(incident=incident).order_by().values_list("state").annotate(number=Count("pk"))
    )
    total = sum(by_state.values())
    if not total:
        return ""
    newest = list(
        Alert.objects.filter(incident=incident).select_related("service").order_by("-last_seen", "-pk")[:SHOWN]
    )
    context = {
        "alerts": [(alert, WEIGHT[alert.severity]) for alert in newest],
        "total": total,
        "resolved": by_state.get(Alert.State.RESOLVED, 0),
        "more": total - len(newest),
    }
    return render_to_string("intake/alerts_panel.html", context, request)


ALERTS: Final = Panel(key="alerts", title=_("Alerts"), order=10, render=alerts_of)
