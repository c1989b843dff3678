"""Addresses of what automations stand on."""

from django.urls import path

from eap.views import automation

urlpatterns = [
    path("secrets/", automation.secrets, name="secrets"),
    path("secrets/new", automation.secret_edit, name="secret_add"),
    path("secrets/<slug:name>/", automation.secret_edit, name="secret_edit"),
    path("secrets/<slug:name>/remove", automation.secret_remove, name="secret_remove"),
    path("inventories/", automation.inventories, name="inventories"),
    path("inventories/new", automation.inventory_edit, name="inventory_add"),
    path("inventories/<int:inventory_id>/", automation.inventory, name="inventory"),
    path("inventories/<int:inventory_id>/edit", automation.inventory_edit, name="inventory_edit"),
    path("inventories/<int:inventory_id>/fill", automation.inventory_fill, name="inventory_fill"),
    path("inventories/<int:inventory_id>/remove", automation.inventory_remove, name="inventory_remove"),
]
