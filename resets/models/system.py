"""The systems that hold accounts, and how their hosts bear up."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class System(models.Model):
    """A system that holds accounts: its kind of backend and that backend's settings, in which secrets stand by name.

    `rate` is accounts per second and host (null: as fast as it goes), `at_once` the chunks under way on one host.
    A reset in a drill works only on those marked `drill`. `trusts_mail`: a mail address of which the system can't tell
    when it was changed is enough to set a new password; else its owner needs a second proof.
    """

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)
    settings = models.JSONField(default=dict)
    rate = models.PositiveIntegerField(null=True, blank=True)
    at_once = models.PositiveSmallIntegerField(default=2)
    drill = models.BooleanField(default=False)
    trusts_mail = models.BooleanField(default=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(at_once__gte=1), name="system_works_at_all"),
            models.CheckConstraint(
                condition=models.Q(rate__isnull=True) | models.Q(rate__gte=1), name="system_rate_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Host(models.Model):
    """One host (shard) of a system: its rate and its breaker, shared by all workers.

    `free_at`: when what was begun is paid for at the system's rate; the next chunk begins then. After failures in a row
    the breaker opens until `open_until`; then one chunk probes.
    """

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="hosts")
    shard = models.CharField(max_length=253, blank=True, default="")
    free_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    open_until = models.DateTimeField(null=True, blank=True)
    sentence = models.CharField(max_length=500, blank=True, default="", help_text="Its last trouble.")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["system", "shard"], name="reset_host_once"),
        ]

    def __str__(self) -> str:
        return self.shard or str(self.system)
