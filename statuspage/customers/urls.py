"""Addresses of customers: what they ask, and the staff's screens about them."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from statuspage import public_pages
from statuspage.customers.views import is_it_me

urlpatterns: list[URLPattern | URLResolver] = [
    path("status-pages/<str:page_id>/brand.css", public_pages.brand_css, name="public_brand"),
    path("status-pages/<str:page_id>/logo", public_pages.logo, name="public_logo"),
    path("status-pages/<str:page_id>/is-it-me", is_it_me.is_it_me, name="is_it_me"),
]
