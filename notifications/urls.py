"""Addresses of this floor: links in messages, and what the channels' providers call."""

from django.urls import URLPattern, URLResolver, include, path

from notifications import views
from notifications.channels.registry import url_modules

urlpatterns: list[URLPattern | URLResolver] = [
    path("p/<str:token>/", views.page_link, name="page_link"),
    *(path("", include(name)) for name in url_modules()),
]
