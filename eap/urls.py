"""Every address of the plans."""

from django.urls import URLPattern, URLResolver

from eap import urls_automation

urlpatterns: list[URLPattern | URLResolver] = [*urls_automation.urlpatterns]
