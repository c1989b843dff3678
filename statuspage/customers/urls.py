"""Addresses of customers: what they ask, and the staff's screens about them."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from statuspage import public_pages
from statuspage.customers.views import customers, imports, is_it_me

urlpatterns: list[URLPattern | URLResolver] = [
    path("status-pages/customers/", customers.status_customers, name="status_customers"),
    path("status-pages/customers/import/", imports.status_import, name="status_import"),
    path("status-pages/customers/import/<str:import_id>/", imports.status_imported, name="status_imported"),
    path(
        "status-pages/customers/import/<str:import_id>/decide/",
        imports.status_import_decide,
        name="status_import_decide",
    ),
    path("status-pages/customers/export/", imports.status_export, name="status_export"),
    path("status-pages/customers/<int:customer_id>/", customers.status_customer, name="status_customer"),
    path("status-pages/customers/<int:customer_id>/link/", customers.status_customer_link, name="status_customer_link"),
    path("status-pages/servers/", customers.status_servers, name="status_servers"),
    path("status-pages/<str:page_id>/brand.css", public_pages.brand_css, name="public_brand"),
    path("status-pages/<str:page_id>/logo", public_pages.logo, name="public_logo"),
    path("status-pages/<str:page_id>/is-it-me", is_it_me.is_it_me, name="is_it_me"),
]
