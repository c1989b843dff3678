"""From the database to files, and where the files went."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from web.secrets import EncryptedTextField


class Publisher(models.Model):
    """The one row (id 1) that orders publications.

    `wanted` counts up with each change that customers should see; `published` is the highest `wanted` that every file
    of a finished generation shows. `generation` counts the publications that were started, on whichever host.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    wanted = models.PositiveBigIntegerField(default=0)
    published = models.PositiveBigIntegerField(default=0)
    generation = models.PositiveBigIntegerField(default=0)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(id=1), name="publisher_is_one"),
        ]


class Target(models.Model):
    """A place that published files go to besides STATUS_PUBLISH_DIR; each fails and is retried by itself.

    `generation` is what it is known to hold: a target takes only a higher one. `checked_at` is when its files were last
    fetched back and found equal.
    """

    class Kind(models.TextChoices):
        DIRECTORY = "directory", _("Directory")
        S3 = "s3", _("S3-compatible storage")
        SFTP = "sftp", _("SFTP host")
        RSYNC = "rsync", _("rsync host")

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    settings = models.JSONField(default=dict, help_text="What is no secret: bucket, endpoint, host, folder.")
    secret = EncryptedTextField(blank=True, default="", help_text="JSON of what is: keys, passwords.")
    public_url = models.URLField(max_length=300, blank=True, default="", help_text="Where readers find it.")
    enabled = models.BooleanField(default=True)
    generation = models.PositiveBigIntegerField(default=0)
    updated_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True, default="")
    next_try_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name
