"""Addresses of pages behind a password."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from statuspage.private import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("status-pages/<str:page_id>/private/-/enter", views.private_enter, name="private_enter"),
    path("status-pages/<str:page_id>/private/-/leave", views.private_leave, name="private_leave"),
    path("status-pages/<str:page_id>/private/", views.private_page, name="private_page"),
    path("status-pages/<str:page_id>/private/<path:path>", views.private_page, name="private_file"),
]
