"""Addresses of the publishing settings."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from statuspage.publishing import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("status-targets/", views.status_targets, name="status_targets"),
    path("status-targets/new/<slug:kind>/", views.status_target_add, name="status_target_add"),
    path("status-targets/<int:target_id>/", views.status_target_edit, name="status_target_edit"),
    path("status-targets/<int:target_id>/check/", views.status_target_check, name="status_target_check"),
    path("status-targets/<int:target_id>/remove/", views.status_target_remove, name="status_target_remove"),
]
