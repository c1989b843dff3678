"""Emergency Action Plans: plans, runs, steps, approvals, automation, drills."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EapConfig(AppConfig):
    """The plans' floor."""

    name = "eap"
    verbose_name = _("Plans")
