"""Base templates, components, live stream, API plumbing."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The ground that screens and the API stand on."""

    name = "web"
    verbose_name = "Web"
    default_auto_field = "django.db.models.BigAutoField"
