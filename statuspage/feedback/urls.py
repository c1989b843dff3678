"""Addresses of feedback: what customers send, and where staff read it."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from statuspage.feedback.views import public

urlpatterns: list[URLPattern | URLResolver] = [
    path("status-pages/<str:page_id>/report", public.report_view, name="public_report"),
    path("status-pages/<str:page_id>/comment", public.comment_view, name="public_comment"),
]
