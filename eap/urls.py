"""Every address of the plans."""

from django.urls import URLPattern, URLResolver

from eap import urls_automation, urls_plans, urls_runs, urls_webhooks

urlpatterns: list[URLPattern | URLResolver] = [
    *urls_automation.urlpatterns,
    *urls_plans.urlpatterns,
    *urls_runs.urlpatterns,
    *urls_webhooks.urlpatterns,
]
