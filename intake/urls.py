"""Addresses of the intake."""

from django.urls import path

from intake.models import IntegrationKey
from intake.receivers import alertmanager, events_v2, ping, webhook
from intake.views import alerts, heartbeats, keys, mappings, rules

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
    path("integrations/webhook/<str:key>", webhook.receive, name="json_webhook"),
    path("ping/<str:key>", ping.ping, name="ping"),
    path("ping/<str:key>/<str:signal>", ping.ping, name="ping_signal"),
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
    path("keys/<int:key_id>/mapping/", mappings.key_mapping, name="key_mapping"),
    path("keys/<int:key_id>/revoke/", keys.key_revoke, name="key_revoke"),
    path("heartbeats/", heartbeats.heartbeats, name="heartbeats"),
    path("heartbeats/new/", heartbeats.heartbeat_edit, name="heartbeat_add"),
    path("heartbeats/<int:heartbeat_id>/", heartbeats.heartbeat_page, name="heartbeat"),
    path("heartbeats/<int:heartbeat_id>/edit/", heartbeats.heartbeat_edit, name="heartbeat_edit"),
    path("heartbeats/<int:heartbeat_id>/pause/", heartbeats.heartbeat_pause, name="heartbeat_pause"),
    path("heartbeats/<int:heartbeat_id>/resume/", heartbeats.heartbeat_resume, name="heartbeat_resume"),
    path("heartbeats/<int:heartbeat_id>/rotate/", heartbeats.heartbeat_rotate, name="heartbeat_rotate"),
    path("heartbeats/<int:heartbeat_id>/remove/", heartbeats.heartbeat_remove, name="heartbeat_remove"),
]
