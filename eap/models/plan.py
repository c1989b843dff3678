"""A plan, its versions, and what the second person said about each."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from people.models import Person

if TYPE_CHECKING:
    from eap.format.document import Document


class Plan(models.Model):
    """A plan by its key. What it says stands in its versions; `published` is the one that runs start from.

    `builtin`: it came with Muster; a newer built-in text arrives as a draft for review and never replaces anything.
    `builtin_digest` is the digest of the built-in text that was offered last, so that the same one isn't offered twice.
    `started_by_incidents` and `suggested_by_incidents` copy the published version's wishes
    ({"types": [...], "severities": [...]}), so that a new incident finds its plans without reading documents.
    An archived plan starts no run.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    owner = models.CharField(max_length=200, blank=True, default="")
    builtin = models.BooleanField(default=False)
    builtin_digest = models.CharField(max_length=64, blank=True, default="")
    published = models.OneToOneField(
        "eap.PlanVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="current_of"
    )
    suggested_by_incidents = models.JSONField(default=dict, blank=True)
    started_by_incidents = models.JSONField(default=dict, blank=True)
    review_by = models.DateField(null=True, blank=True, help_text="Copied from the published version.")
    last_exercised_at = models.DateTimeField(null=True, blank=True, help_text="When a drill of it last ended well.")
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["title", "key"]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> str:
        """The ledger's name for this plan's chain."""
        return f"plan:{self.id}"


class PlanVersion(models.Model):
    """One version: the YAML as written, and the document it says once it can be read.

    A draft may be wrong in every way (`document` is null then). `revision` grows with every save: who saves says which
    one they have seen. `digest` is the SHA-256 of the canonical document. Once published, the database refuses every
    change. One plan has at most one version under work.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        PUBLISHED = "published", _("Published")
        REJECTED = "rejected", _("Rejected")

    OPEN: ClassVar[tuple[str, ...]] = ("draft", "in_review")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    revision = models.PositiveIntegerField(default=1)
    text = models.TextField(help_text="YAML, as somebody wrote it.")
    document = models.JSONField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True, default="")
    notes = models.TextField(blank=True, default="", help_text="Why this version; the reviewer reads it.")
    based_on = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    from_builtin = models.BooleanField(default=False)
    created_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    edited_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField()
    submitted_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_version_number_once"),
            models.UniqueConstraint(
                fields=["plan"],
                condition=models.Q(state__in=["draft", "in_review"]),
                name="plan_one_version_under_work",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "in_review", "published", "rejected"]),
                name="plan_version_state_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["in_review", "published"])
                | (models.Q(document__isnull=False) & ~models.Q(digest="")),
                name="plan_version_readable_before_review",
            ),
            models.CheckConstraint(
                condition=models.Q(state="published", published_at__isnull=False)
                | (~models.Q(state="published") & models.Q(published_at__isnull=True)),
                name="plan_version_published_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan.title} {self.number}"

    def read(self) -> Document:
        """Return the document. Raises `ValueError` for a draft that can't be read yet."""
        from eap.format.canonical import restore

        if self.document is None:
            raise ValueError(f"Version {self.number} of {self.plan.key} can't be read.")
        return restore(self.document)


class Edit(models.Model):
    """Who changed a version, once for each person; none of them may be its second person."""

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="edits")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(help_text="The last time.")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["version", "person"], name="plan_edit_once_per_person"),
        ]


class Review(models.Model):
    """What a second person said about a version, and about exactly which text (`digest`)."""

    class Verdict(models.TextChoices):
        PUBLISHED = "published", _("Published")
        REJECTED = "rejected", _("Rejected")

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="reviews")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=9, choices=Verdict.choices)
    reason = models.TextField(blank=True, default="")
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(verdict__in=["published", "rejected"]), name="plan_verdict_known"
            ),
        ]
