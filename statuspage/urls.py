"""Addresses of the status page: the staff's screens, and what customers reach of Muster itself."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("statuspage.customers.urls")),
    path("", include("statuspage.feedback.urls")),
    path("", include("statuspage.private.urls")),
    path("", include("statuspage.publishing.urls")),
    path("", include("statuspage.subscribers.urls")),
    path("status-pages/", include("statuspage.staff_urls")),
]
