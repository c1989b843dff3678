"""Addresses of subscribers: forms, links in messages, the JSON address, and the staff's screens about them."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from statuspage.subscribers.views import json_address, links, sign_up, staff, webhook_words

urlpatterns: list[URLPattern | URLResolver] = [
    path("status-pages/subscribers/", staff.status_subscribers, name="status_subscribers"),
    path("status-pages/subscribers/add/", staff.status_subscriber_add, name="status_subscriber_add"),
    path("status-pages/subscribers/import/", staff.status_subscribers_import, name="status_subscribers_import"),
    path("status-pages/subscribers/export/", staff.status_subscribers_export, name="status_subscribers_export"),
    path("status-pages/subscribers/erase/", staff.status_subscribers_erase, name="status_subscribers_erase"),
    path(
        "status-pages/subscribers/<uuid:subscriber_id>/end/", staff.status_subscriber_end, name="status_subscriber_end"
    ),
    path(
        "status-pages/subscribers/<uuid:subscriber_id>/reactivate/",
        staff.status_subscriber_reactivate,
        name="status_subscriber_reactivate",
    ),
    path("status-pages/webhooks", webhook_words.webhook_words, name="webhook_words"),
    path("status-pages/confirm/<str:token>", links.confirm, name="subscriber_confirm"),
    path("status-pages/manage/<str:token>", links.manage, name="subscriber_manage"),
    path("status-pages/unsubscribe/<str:token>", links.unsubscribe, name="subscriber_unsubscribe"),
    path("status-pages/<str:page_id>/subscribe", sign_up.subscribe, name="subscribe"),
    path(
        "status-pages/<str:page_id>/api/v2/subscribers.json",
        json_address.subscribers_json,
        name="subscribers_json_of_page",
    ),
    re_path(
        r"^status/(?P<folder>(?:pages/[A-Za-z0-9_-]{1,80}/)?)api/v2/subscribers\.json$",
        json_address.subscribers_json,
        name="subscribers_json",
    ),
]
