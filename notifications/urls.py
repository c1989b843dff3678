"""Addresses of this floor: links in messages, and what the channels' providers call."""

from django.urls import URLPattern, URLResolver, include, path

from notifications import my_pages, views
from notifications.channels.registry import url_modules

urlpatterns: list[URLPattern | URLResolver] = [
    path("p/<str:token>/", views.page_link, name="page_link"),
    path("pages/", my_pages.my_pages, name="my_pages"),
    path("pages/<uuid:page_id>/", my_pages.page_detail, name="page"),
    path("pages/<uuid:page_id>/acknowledge/", my_pages.page_acknowledge, name="page_acknowledge"),
    path("pages/<uuid:page_id>/decline/", my_pages.page_decline, name="page_decline"),
    path("pages/<uuid:page_id>/escalate/", my_pages.page_escalate, name="page_escalate"),
    path("pages/<uuid:page_id>/snooze/", my_pages.page_snooze, name="page_snooze"),
    path("pages/<uuid:page_id>/reassign/", my_pages.page_reassign, name="page_reassign"),
    *(path("", include(name)) for name in url_modules()),
]
