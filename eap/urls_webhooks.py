"""Addresses that other systems call."""

from django.urls import path

from eap.views import plan_webhook

urlpatterns = [
    path("integrations/plans/<str:key>", plan_webhook.plan_webhook, name="plan_webhook"),
]
