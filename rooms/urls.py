"""What providers and people ask of the rooms."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from notifications.channels.registry import is_installed

urlpatterns: list[URLPattern | URLResolver] = [path("", include("rooms.slack.urls"))]
if is_installed("twilio"):  # the bridge and the lines for callers are calls of that carrier
    urlpatterns += [path("", include("rooms.bridge.urls")), path("", include("rooms.calls.urls"))]
