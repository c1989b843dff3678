"""Addresses of the intake."""

from django.urls import path

from intake.models import IntegrationKey
from intake.receivers import alertmanager, events_v2

urlpatterns = [
    path("v2/enqueue", events_v2.enqueue, name="events_v2_enqueue"),
    path("v2/change/enqueue", events_v2.enqueue_change, name="events_v2_change"),
    path(
        "integrations/alertmanager/<str:key>",
        alertmanager.receive,
        {"kind": IntegrationKey.Kind.ALERTMANAGER},
        name="alertmanager_webhook",
    ),
    path(
        "integrations/grafana/<str:key>",
        alertmanager.receive,
        {"kind": IntegrationKey.Kind.GRAFANA},
        name="grafana_webhook",
    ),
]
