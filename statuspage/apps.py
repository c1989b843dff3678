"""Components, public incidents, maintenance, subscribers, publishing, feedback."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StatusPageConfig(AppConfig):
    """The status page's floor."""

    name = "statuspage"
    verbose_name = _("Status page")
