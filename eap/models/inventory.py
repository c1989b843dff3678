"""Inventories: the hosts that automations run on."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from web.secrets import EncryptedTextField


class Inventory(models.Model):
    """A list of hosts from one source. One that comes by HTTP is fetched anew each hour, and by hand.

    `token` goes along as `Authorization: Bearer`. A fetch that fails leaves the hosts as they were and says why.
    """

    class Source(models.TextChoices):
        FILE = "file", _("A file (CSV, YAML, Ansible)")
        HTTP = "http", _("An HTTP address")

    name = models.CharField(max_length=60, unique=True)
    source = models.CharField(max_length=4, choices=Source.choices, default=Source.FILE)
    url = models.URLField(max_length=500, blank=True, default="")
    token = EncryptedTextField(blank=True, default="")
    refreshed_at = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        verbose_name_plural = "inventories"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~models.Q(source="http") | ~models.Q(url=""), name="inventory_has_its_url"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class InventoryHost(models.Model):
    """A host with its groups and variables. Drills run on those marked `drill` and on no other."""

    inventory = models.ForeignKey(Inventory, on_delete=models.CASCADE, related_name="hosts")
    name = models.CharField(max_length=253)
    address = models.CharField(max_length=253)
    groups = models.JSONField(default=list)
    variables = models.JSONField(default=dict)
    drill = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["inventory", "name"], name="inventory_host_once"),
        ]

    def __str__(self) -> str:
        return self.name
