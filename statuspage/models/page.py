"""A status page: what customers of one audience read, and how it looks."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from statuspage.ids import new_id
from web.secrets import EncryptedTextField


class StatusPage(models.Model):
    """One page with its own components, languages and looks.

    The public page without a slug is published at the root, other public ones under `pages/<slug>/`. A secret-link
    page is published under `pages/<secret>/`, where `secret` can't be guessed and is never listed. A password page is
    served by Muster alone and never written under the public root. `languages` are offered besides `language`; colours
    are CSS hexadecimal (`#0b5fff`), the logo is PNG, JPEG or WebP and never SVG, which can carry scripts.
    """

    class Audience(models.TextChoices):
        PUBLIC = "public", _("Public")
        SECRET = "secret", _("By secret link")  # a kind of page, no secret itself
        PASSWORD = "password", _("By password")  # a kind of page, no password itself

    class Maintenance(models.TextChoices):
        EXCLUDED = "excluded", _("Maintenance does not count as downtime")
        INCLUDED = "included", _("Maintenance counts as downtime")

    id = models.CharField(primary_key=True, max_length=12, default=new_id, editable=False)
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=60, blank=True, unique=True, help_text="Empty: the page at the root.")
    audience = models.CharField(max_length=8, choices=Audience.choices, default=Audience.PUBLIC)
    secret = EncryptedTextField(blank=True, default="")
    password = models.CharField(max_length=200, blank=True, default="", help_text="As Django stores passwords.")
    headline = models.CharField(max_length=300, blank=True, default="")
    url = models.URLField(max_length=300, blank=True, default="", help_text="Empty: its place under STATUS_URL.")
    support_url = models.URLField(max_length=300, blank=True, default="")
    language = models.CharField(max_length=5, default="en")
    languages = models.JSONField(default=list, blank=True)
    time_zone = models.CharField(max_length=60, default="UTC")
    accent = models.CharField(max_length=7, blank=True, default="")
    accent_dark = models.CharField(max_length=7, blank=True, default="")
    logo = models.BinaryField(null=True, blank=True)
    logo_type = models.CharField(max_length=20, blank=True, default="")
    headline_uptime = models.CharField(max_length=8, choices=Maintenance.choices, default=Maintenance.EXCLUDED)
    takes_subscribers = models.BooleanField(default=True)
    takes_feedback = models.BooleanField(default=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["slug"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(audience__in=["public", "secret", "password"]), name="statuspage_audience_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(audience="secret") | ~models.Q(secret=""), name="statuspage_secret_has_a_folder"
            ),
            models.CheckConstraint(
                condition=~models.Q(audience="password") | ~models.Q(password=""), name="statuspage_password_is_set"
            ),
            models.CheckConstraint(
                condition=~models.Q(slug="") | models.Q(audience="public"), name="statuspage_root_is_public"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> str:
        """Return the name under which the ledger and live screens know this page."""
        return f"statuspage:{self.id}"
