"""A step of a run, and what people leave on it: evidence, answered lines."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from eap.format.kinds import Kind
from eap.models.run import Run
from people.models import Person


class RunStep(models.Model):
    """`waiting → ready → active → done | failed | skipped | unknown | cancelled`; one for each step of the version.

    `key` is the step's id in the plan; one that somebody added carries what it is in `added` (a step as the document
    writes it). `ready`: its needs are met and somebody has it to do; `active`: begun. A `failed` or `unknown` step that
    holds others up waits for a person: retry, skip, settle or stop.

    `bypassed` tells a skip by condition from one by a person: what needs only bypassed steps is bypassed too.
    `lets_pass`: it failed and the plan goes on all the same. `wake_at` is when the engine looks at it again (a wait, an
    approval that expires, a repeated look), `call_at` when the people of an approval are called although figures are
    missing; `remind_at` when its assignee hears of it again, `reminders` how often they
    did. `line` keeps the people who may be asked for it, first one first, as ids. `planned_s` is the plan's `due`, to
    be compared with `ended_at - started_at`. `attempt_group` counts the attempts that people ordered. `facts` are what
    later steps may read; `preview` what an automation said it would do. `gate` is the wave of a fan-out that waits for
    an approval. `undoes` is set on steps that take another one back.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        READY = "ready", _("Ready")
        ACTIVE = "active", _("Active")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Skipped")
        UNKNOWN = "unknown", _("Unknown")
        CANCELLED = "cancelled", _("Cancelled")

    LIVING: ClassVar[tuple[str, ...]] = ("waiting", "ready", "active", "unknown")

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    key = models.CharField(max_length=60)
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=13)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    role = models.CharField(max_length=60, blank=True, default="")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    line = models.JSONField(default=list, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    planned_s = models.PositiveIntegerField(null=True, blank=True)
    wake_at = models.DateTimeField(null=True, blank=True)
    call_at = models.DateTimeField(
        null=True, blank=True, help_text="When an approval's people are called at the latest; null once they were."
    )
    remind_at = models.DateTimeField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    page_id = models.UUIDField(null=True, blank=True, help_text="The page that calls for it now.")
    unanswered = models.JSONField(
        default=list, blank=True, help_text="Pages that nobody answered: what they set off ends with it."
    )
    sentence = models.CharField(max_length=1000, blank=True, default="", help_text="How it stands or ended.")
    facts = models.JSONField(default=dict, blank=True)
    choice = models.CharField(max_length=60, blank=True, default="")
    preview = models.JSONField(default=dict, blank=True, help_text="sentence, counts, at.")
    link = models.CharField(max_length=200, blank=True, default="", help_text="What it made: a draft, a run.")
    bypassed = models.BooleanField(default=False)
    lets_pass = models.BooleanField(default=False)
    attempt_group = models.PositiveIntegerField(default=0)
    gate = models.PositiveIntegerField(null=True, blank=True)
    stop_confirmed = models.BooleanField(null=True, default=None)
    added = models.JSONField(null=True, blank=True)
    undoes = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by")

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "key"], name="run_step_once"),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["waiting", "ready", "active", "done", "failed", "skipped", "unknown", "cancelled"]
                ),
                name="run_step_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in Kind]), name="run_step_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "ready", "active", "unknown"], ended_at__isnull=True)
                | models.Q(state__in=["done", "failed", "skipped", "cancelled"], ended_at__isnull=False),
                name="run_step_ended_has_time",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["person"], name="run_step_mine", condition=models.Q(state__in=["ready", "active", "unknown"])
            ),
            models.Index(fields=["page_id"], name="run_step_by_page", condition=models.Q(page_id__isnull=False)),
            models.Index(
                fields=["kind"],
                name="run_step_errands",
                condition=models.Q(kind__in=["sub_plan", "status_update"], state="active"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def purpose(self) -> str:
        """Return the purpose by which a page about the run names this step."""
        return f"step:{self.pk}"


class LineAnswer(models.Model):
    """One line of a pause point, answered with initials; may be answered anew until the step ends."""

    class Answer(models.TextChoices):
        YES = "yes", _("Yes")
        NO = "no", _("No")
        NOT_APPLICABLE = "na", _("Not applicable")

    step = models.ForeignKey(RunStep, on_delete=models.CASCADE, related_name="answers")
    line = models.PositiveSmallIntegerField(help_text="From 0, in the order of the plan.")
    answer = models.CharField(max_length=3, choices=Answer.choices)
    initials = models.CharField(max_length=8)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["line"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["step", "line"], name="line_answered_once"),
            models.CheckConstraint(condition=models.Q(answer__in=["yes", "no", "na"]), name="line_answer_known"),
        ]


class Evidence(models.Model):
    """What proves a step. A file lies in `content` (10 MB at most) with its SHA-256 in `sha256`; a hash that somebody
    gave stands in `sha256` alone. Lists leave `content` out."""

    class Kind(models.TextChoices):
        NOTE = "note", _("Note")
        FILE = "file", _("File")
        HASH = "hash", _("Hash")

    step = models.ForeignKey(RunStep, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    text = models.TextField(blank=True, default="")
    name = models.CharField(max_length=200, blank=True, default="")
    content_type = models.CharField(max_length=100, blank=True, default="")
    size = models.PositiveIntegerField(default=0, help_text="Bytes.")
    sha256 = models.CharField(max_length=128, blank=True, default="")
    content = models.BinaryField(null=True, blank=True)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    person_name = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(kind__in=["note", "file", "hash"]), name="evidence_kind_known"),
        ]
