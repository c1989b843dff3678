"""What providers and people ask of the rooms."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("rooms.bridge.urls")),
    path("", include("rooms.calls.urls")),
    path("", include("rooms.slack.urls")),
]
