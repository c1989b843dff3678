"""Mass credential resets."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResetsConfig(AppConfig):
    """The floor above the plans: it gives them actions, and customers the page on which they set a new password."""

    name = "resets"
    verbose_name = _("Credential resets")
