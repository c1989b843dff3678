"""Whose is what: customers, their servers, domains and accounts, and which of them an incident hits."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from statuspage.models.component import Component
from statuspage.models.incident import PublicIncident
from statuspage.models.page import StatusPage
from web.secrets import EncryptedTextField


class Server(models.Model):
    """A machine customers know by name; it stands under components of one page. It has a public static page."""

    page = models.ForeignKey(StatusPage, on_delete=models.CASCADE, related_name="servers")
    name = models.CharField(max_length=100)
    components = models.ManyToManyField(Component, blank=True, related_name="servers")
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["page", "name"], name="server_once_per_page"),
        ]

    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    """Somebody who buys from us, by the number they know. `secret` is the folder of their own static page.

    Before their link is issued (`issued_at`) there is neither a secret nor a page. `updated_at` moves with everything
    that their page shows, their assets included.
    """

    page = models.ForeignKey(StatusPage, on_delete=models.CASCADE, related_name="customers")
    number = models.CharField(max_length=40)
    name = models.CharField(max_length=200, blank=True, default="")
    email = models.EmailField(max_length=254, blank=True, default="")
    language = models.CharField(max_length=5, blank=True, default="")
    secret = EncryptedTextField(blank=True, default="")
    secret_digest = models.CharField(
        max_length=64, null=True, blank=True, unique=True, help_text="SHA-256, to find it by its link."
    )
    issued_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["page", "number"], name="customer_number_once_per_page"),
            models.CheckConstraint(
                condition=models.Q(issued_at__isnull=True, secret="", secret_digest__isnull=True)
                | (models.Q(issued_at__isnull=False, secret_digest__isnull=False) & ~models.Q(secret="")),
                name="customer_link_whole_or_none",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["page"], name="customer_issued", condition=models.Q(issued_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number


class Asset(models.Model):
    """A domain or an account of a customer, and the server it lives on."""

    class Kind(models.TextChoices):
        DOMAIN = "domain", _("Domain")
        ACCOUNT = "account", _("Account")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="assets")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    name = models.CharField(max_length=253)
    server = models.ForeignKey(Server, null=True, blank=True, on_delete=models.PROTECT, related_name="assets")
    components = models.ManyToManyField(Component, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["kind", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["customer", "kind", "name"], name="asset_once_per_customer"),
            models.CheckConstraint(condition=models.Q(kind__in=["domain", "account"]), name="asset_kind_known"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["name"], name="asset_by_name")]


class HitServer(models.Model):
    """A server that a public incident hits. An incident that names none hits every server of its components."""

    public_incident = models.ForeignKey(PublicIncident, on_delete=models.CASCADE, related_name="hit_servers")
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="hits")
    since = models.DateTimeField()
    recovered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["public_incident", "server"], name="hit_server_once"),
        ]
