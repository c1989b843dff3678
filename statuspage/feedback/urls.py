"""Addresses of feedback: what customers send, and where staff read it."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from statuspage.feedback.views import public, staff

urlpatterns: list[URLPattern | URLResolver] = [
    path("status-pages/comments/", staff.status_comments, name="status_comments"),
    path(
        "status-pages/comments/<int:comment_id>/moderate/",
        staff.status_comment_moderate,
        name="status_comment_moderate",
    ),
    path("status-pages/comments/<int:comment_id>/reply/", staff.status_comment_reply, name="status_comment_reply"),
    path("status-pages/<str:page_id>/report", public.report_view, name="public_report"),
    path("status-pages/<str:page_id>/comment", public.comment_view, name="public_comment"),
]
