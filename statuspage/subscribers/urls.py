"""Addresses of subscribers: forms, links in messages, the JSON address, and the staff's screens about them."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from statuspage.subscribers.views import json_address, links, sign_up

urlpatterns: list[URLPattern | URLResolver] = [
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
