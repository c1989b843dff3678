"""Addresses of the reset page."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from resets.self_set import views

urlpatterns: list[URLPattern | URLResolver] = [
    # As people type it.
    path("reset", RedirectView.as_view(url="/reset/", query_string=True), name="reset_typed"),
    path("reset/", views.reset_ask, name="reset_ask"),
    path("reset/code/", views.reset_code, name="reset_code"),
    path("reset/set/", views.reset_set, name="reset_set"),
]
