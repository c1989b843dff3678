"""Addresses of the intake."""

from django.urls import path

from intake.models import IntegrationKey
from intake.receivers import alertmanager, events_v2
from intake.views import alerts, keys, rules

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
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/<int:alert_id>/", alerts.alert_page, name="alert"),
    path("quarantine/", alerts.quarantine, name="quarantine"),
    path("quarantine/<int:quarantined_id>/replay/", alerts.quarantine_replay, name="quarantine_replay"),
    path("rules/", rules.rules, name="rules"),
    path("rules/new/", rules.rule_edit, name="rule_add"),
    path("rules/<int:rule_id>/", rules.rule_edit, name="rule_edit"),
    path("rules/<int:rule_id>/move/", rules.rule_move, name="rule_move"),
    path("rules/<int:rule_id>/switch/", rules.rule_switch, name="rule_switch"),
    path("rules/<int:rule_id>/remove/", rules.rule_remove, name="rule_remove"),
    path("keys/", keys.keys, name="keys"),
    path("keys/new/", keys.key_add, name="key_add"),
    path("keys/<int:key_id>/", keys.key_page, name="key"),
    path("keys/<int:key_id>/revoke/", keys.key_revoke, name="key_revoke"),
]
