import django.db.models.deletion
import uuid
import web.secrets
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("incidents", "0003_private_incidents"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Plan",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=60, unique=True)),
                ("title", models.CharField(max_length=200)),
                ("owner", models.CharField(blank=True, default="", max_length=200)),
                ("builtin", models.BooleanField(default=False)),
                ("builtin_digest", models.CharField(blank=True, default="", max_length=64)),
                ("suggested_by_incidents", models.JSONField(blank=True, default=dict)),
                ("started_by_incidents", models.JSONField(blank=True, default=dict)),
                ("review_by", models.DateField(blank=True, help_text="Copied from the published version.", null=True)),
                (
                    "last_exercised_at",
                    models.DateTimeField(blank=True, help_text="When a drill of it last ended well.", null=True),
                ),
                ("created_at", models.DateTimeField()),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["title", "key"],
            },
        ),
        migrations.CreateModel(
            name="Inventory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
                (
                    "source",
                    models.CharField(
                        choices=[("file", "A file (CSV, YAML, Ansible)"), ("http", "An HTTP address")],
                        default="file",
                        max_length=4,
                    ),
                ),
                ("url", models.URLField(blank=True, default="", max_length=500)),
                ("token", web.secrets.EncryptedTextField(blank=True, default="")),
                ("refreshed_at", models.DateTimeField(blank=True, null=True)),
                ("tried_at", models.DateTimeField(blank=True, null=True)),
                ("trouble", models.CharField(blank=True, default="", max_length=300)),
            ],
            options={
                "verbose_name_plural": "inventories",
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("source", "http"), _negated=True),
                            models.Q(("url", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="inventory_has_its_url",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanVersion",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("in_review", "In review"),
                            ("published", "Published"),
                            ("rejected", "Rejected"),
                        ],
                        default="draft",
                        max_length=9,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                ("text", models.TextField(help_text="YAML, as somebody wrote it.")),
                ("document", models.JSONField(blank=True, null=True)),
                ("digest", models.CharField(blank=True, default="", max_length=64)),
                (
                    "notes",
                    models.TextField(blank=True, default="", help_text="Why this version; the reviewer reads it."),
                ),
                ("from_builtin", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("edited_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                (
                    "based_on",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="eap.planversion",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "edited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="eap.plan"
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "number"), name="plan_version_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["draft", "in_review"])),
                        fields=("plan",),
                        name="plan_one_version_under_work",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "in_review", "published", "rejected"])),
                        name="plan_version_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["in_review", "published"]), _negated=True),
                            models.Q(("document__isnull", False), models.Q(("digest", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="plan_version_readable_before_review",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at__isnull", False), ("state", "published")),
                            models.Q(models.Q(("state", "published"), _negated=True), ("published_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="plan_version_published_at",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="plan",
            name="published",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="current_of",
                to="eap.planversion",
            ),
        ),
        migrations.CreateModel(
            name="Edit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(help_text="The last time.")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="edits", to="eap.planversion"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("version", "person"), name="plan_edit_once_per_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "verdict",
                    models.CharField(choices=[("published", "Published"), ("rejected", "Rejected")], max_length=9),
                ),
                ("reason", models.TextField(blank=True, default="")),
                ("digest", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reviews", to="eap.planversion"
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ["published", "rejected"])), name="plan_verdict_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("title", models.CharField(help_text="The plan's, as the version says it.", max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("stopping", "Stopping"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("stopped", "Stopped"),
                        ],
                        default="running",
                        max_length=8,
                    ),
                ),
                ("drill", models.BooleanField(default=False)),
                ("inputs", models.JSONField(blank=True, default=dict)),
                (
                    "secret_inputs",
                    web.secrets.EncryptedTextField(blank=True, default="", help_text="JSON: name to value."),
                ),
                (
                    "inputs_revision",
                    models.PositiveIntegerField(default=1, help_text="Grows with every change of the inputs."),
                ),
                ("inputs_given_by", models.JSONField(blank=True, default=list)),
                ("started_by_name", models.CharField(max_length=100)),
                (
                    "started_via",
                    models.CharField(help_text="web, api, cli, rule, schedule, webhook, plan.", max_length=20),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=1000)),
                (
                    "stop",
                    models.CharField(
                        blank=True,
                        choices=[("after_step", "After the step"), ("after_batch", "After the batch"), ("now", "Now")],
                        default="",
                        max_length=11,
                    ),
                ),
                ("stop_confirmed", models.BooleanField(default=None, null=True)),
                ("undoing", models.BooleanField(default=False)),
                (
                    "on_failure",
                    models.CharField(
                        blank=True,
                        choices=[("wanted", "An incident is to be opened"), ("opened", "An incident was opened")],
                        default="",
                        max_length=6,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(blank=True, default="", help_text="How it ended, in a sentence.", max_length=500),
                ),
                ("trouble", models.CharField(blank=True, default="", max_length=300)),
                ("next_look_at", models.DateTimeField(blank=True, null=True)),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("number_of_steps", models.PositiveIntegerField(default=0)),
                (
                    "incident",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="incidents.incident",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="eap.plan"),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="eap.planversion"
                    ),
                ),
            ],
            options={
                "ordering": ["-started_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_look_at__isnull", False)), fields=["next_look_at"], name="run_due"
                    ),
                    models.Index(fields=["-started_at", "-id"], name="run_newest"),
                    models.Index(
                        condition=models.Q(("on_failure", ""), _negated=True), fields=["plan"], name="run_on_failure"
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["running", "paused", "stopping"])),
                        fields=["-started_at"],
                        name="run_open",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["running", "paused", "stopping", "done", "failed", "stopped"])
                        ),
                        name="run_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("state__in", ["running", "paused", "stopping"])),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("next_look_at__isnull", True),
                                ("state__in", ["done", "failed", "stopped"]),
                            ),
                            _connector="OR",
                        ),
                        name="run_ended_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("on_failure__in", ["", "wanted", "opened"])), name="run_on_failure_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stop__in", ["", "after_step", "after_batch", "now"])),
                        name="run_stop_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AutomaticStart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "trouble",
                    models.CharField(blank=True, default="", help_text="Why it could not start.", max_length=300),
                ),
                ("at", models.DateTimeField()),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="incidents.incident"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="eap.plan"),
                ),
                (
                    "run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="eap.run",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("plan", "incident"), name="automatic_start_once")],
            },
        ),
        migrations.CreateModel(
            name="RunHook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("drill", models.BooleanField(default=False)),
                ("inputs", models.JSONField(blank=True, default=dict, help_text="Used where the request gives none.")),
                ("created_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_on", models.DateField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="hooks", to="eap.plan"),
                ),
            ],
            options={
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="RunSchedule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "every",
                    models.CharField(
                        choices=[("day", "Every day"), ("week", "Every week"), ("month", "Every month")], max_length=5
                    ),
                ),
                ("at", models.TimeField()),
                ("weekday", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("day", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("time_zone", models.CharField(default="UTC", max_length=64)),
                ("drill", models.BooleanField(default=True)),
                ("inputs", models.JSONField(blank=True, default=dict)),
                ("next_at", models.DateTimeField(blank=True, help_text="Null: switched off.", null=True)),
                ("trouble", models.CharField(blank=True, default="", max_length=300)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "last_run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="eap.run",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="schedules", to="eap.plan"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_at__isnull", False)), fields=["next_at"], name="run_schedule_due"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("day__isnull", True), ("every", "day"), ("weekday__isnull", True)),
                            models.Q(("day__isnull", True), ("every", "week"), ("weekday__range", (0, 6))),
                            models.Q(("day__range", (1, 31)), ("every", "month"), ("weekday__isnull", True)),
                            _connector="OR",
                        ),
                        name="run_schedule_makes_sense",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RunStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60)),
                ("position", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=13)),
                ("title", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("ready", "Ready"),
                            ("active", "Active"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("skipped", "Skipped"),
                            ("unknown", "Unknown"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("role", models.CharField(blank=True, default="", max_length=60)),
                ("line", models.JSONField(blank=True, default=list)),
                ("ready_at", models.DateTimeField(blank=True, null=True)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("planned_s", models.PositiveIntegerField(blank=True, null=True)),
                ("wake_at", models.DateTimeField(blank=True, null=True)),
                (
                    "call_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When an approval's people are called at the latest; null once they were.",
                        null=True,
                    ),
                ),
                ("remind_at", models.DateTimeField(blank=True, null=True)),
                ("reminders", models.PositiveSmallIntegerField(default=0)),
                ("page_id", models.UUIDField(blank=True, help_text="The page that calls for it now.", null=True)),
                (
                    "unanswered",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Pages that nobody answered: what they set off ends with it.",
                    ),
                ),
                (
                    "sentence",
                    models.CharField(blank=True, default="", help_text="How it stands or ended.", max_length=1000),
                ),
                ("facts", models.JSONField(blank=True, default=dict)),
                ("choice", models.CharField(blank=True, default="", max_length=60)),
                ("preview", models.JSONField(blank=True, default=dict, help_text="sentence, counts, at.")),
                (
                    "link",
                    models.CharField(blank=True, default="", help_text="What it made: a draft, a run.", max_length=200),
                ),
                ("bypassed", models.BooleanField(default=False)),
                ("lets_pass", models.BooleanField(default=False)),
                ("attempt_group", models.PositiveIntegerField(default=0)),
                ("gate", models.PositiveIntegerField(blank=True, null=True)),
                ("stop_confirmed", models.BooleanField(default=None, null=True)),
                ("added", models.JSONField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="eap.run"),
                ),
                (
                    "undoes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undone_by",
                        to="eap.runstep",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["ready", "active", "unknown"])),
                        fields=["person"],
                        name="run_step_mine",
                    ),
                    models.Index(
                        condition=models.Q(("page_id__isnull", False)), fields=["page_id"], name="run_step_by_page"
                    ),
                    models.Index(
                        condition=models.Q(("kind__in", ["sub_plan", "status_update"]), ("state", "active")),
                        fields=["kind"],
                        name="run_step_errands",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "key"), name="run_step_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["waiting", "ready", "active", "done", "failed", "skipped", "unknown", "cancelled"],
                            )
                        ),
                        name="run_step_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "manual",
                                    "pause_point",
                                    "approval",
                                    "page",
                                    "status_update",
                                    "wait",
                                    "automation",
                                    "verify",
                                    "decision",
                                    "sub_plan",
                                    "end",
                                ],
                            )
                        ),
                        name="run_step_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_at__isnull", True), ("state__in", ["waiting", "ready", "active", "unknown"])
                            ),
                            models.Q(
                                ("ended_at__isnull", False), ("state__in", ["done", "failed", "skipped", "cancelled"])
                            ),
                            _connector="OR",
                        ),
                        name="run_step_ended_has_time",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="run",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="child_runs",
                to="eap.runstep",
            ),
        ),
        migrations.CreateModel(
            name="LogLine",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("target_name", models.CharField(blank=True, default="", max_length=200)),
                ("at", models.DateTimeField()),
                ("text", models.CharField(max_length=4000)),
                ("run", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="eap.run")),
                (
                    "step",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="eap.runstep"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["run", "id"], name="log_line_of_run"),
                    models.Index(fields=["step", "id"], name="log_line_of_step"),
                ],
            },
        ),
        migrations.CreateModel(
            name="LineAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveSmallIntegerField(help_text="From 0, in the order of the plan.")),
                (
                    "answer",
                    models.CharField(choices=[("yes", "Yes"), ("no", "No"), ("na", "Not applicable")], max_length=3),
                ),
                ("initials", models.CharField(max_length=8)),
                ("at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="eap.runstep"
                    ),
                ),
            ],
            options={
                "ordering": ["line"],
                "constraints": [
                    models.UniqueConstraint(fields=("step", "line"), name="line_answered_once"),
                    models.CheckConstraint(
                        condition=models.Q(("answer__in", ["yes", "no", "na"])), name="line_answer_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("note", "Note"), ("file", "File"), ("hash", "Hash")], max_length=4),
                ),
                ("text", models.TextField(blank=True, default="")),
                ("name", models.CharField(blank=True, default="", max_length=200)),
                ("content_type", models.CharField(blank=True, default="", max_length=100)),
                ("size", models.PositiveIntegerField(default=0, help_text="Bytes.")),
                ("sha256", models.CharField(blank=True, default="", max_length=128)),
                ("content", models.BinaryField(blank=True, null=True)),
                ("person_name", models.CharField(max_length=100)),
                ("at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="evidence", to="eap.runstep"
                    ),
                ),
            ],
            options={
                "ordering": ["at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["note", "file", "hash"])), name="evidence_kind_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Secret",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("stored", "Kept here, encrypted"),
                            ("file", "A file of the secrets' folder"),
                            ("environment", "A variable of the environment"),
                        ],
                        default="stored",
                        max_length=11,
                    ),
                ),
                ("value", web.secrets.EncryptedTextField(blank=True, default="")),
                ("reference", models.CharField(blank=True, default="", max_length=200)),
                ("purpose", models.CharField(blank=True, default="", max_length=200)),
                ("changed_by_name", models.CharField(blank=True, default="", max_length=100)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "stored"), ("reference", ""), models.Q(("value", ""), _negated=True)),
                            models.Q(
                                ("kind__in", ["file", "environment"]),
                                ("value", ""),
                                models.Q(("reference", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="secret_is_a_value_or_a_reference",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StepTarget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("apply", "Do"),
                            ("verify", "Check"),
                            ("undo", "Take back"),
                            ("rehearse", "Rehearse"),
                            ("preview", "Preview"),
                        ],
                        default="apply",
                        max_length=8,
                    ),
                ),
                ("name", models.CharField(blank=True, default="", max_length=200)),
                ("address", models.CharField(blank=True, default="", max_length=300)),
                ("groups", models.JSONField(blank=True, default=list)),
                ("variables", models.JSONField(blank=True, default=dict)),
                ("position", models.PositiveIntegerField(default=0)),
                ("wave", models.PositiveIntegerField(default=0, help_text="0 is the canary.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Not started"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("unknown", "Unknown"),
                            ("skipped", "Skipped"),
                            ("stopped", "Stopped"),
                        ],
                        default="pending",
                        max_length=7,
                    ),
                ),
                ("attempt_group", models.PositiveIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("fence", models.PositiveIntegerField(default=0)),
                ("resuming", models.BooleanField(default=False)),
                ("sentence", models.CharField(blank=True, default="", max_length=1000)),
                ("facts", models.JSONField(blank=True, default=dict)),
                ("stop_confirmed", models.BooleanField(default=None, null=True)),
                ("lines", models.PositiveIntegerField(default=0, help_text="How many lines of the log it has said.")),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("run", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="eap.run")),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="targets", to="eap.runstep"
                    ),
                ),
            ],
            options={
                "ordering": ["wave", "position", "id"],
                "indexes": [
                    models.Index(fields=["step", "state"], name="step_target_states"),
                    models.Index(
                        condition=models.Q(("released_at__isnull", False), ("state", "pending")),
                        fields=["released_at"],
                        name="step_target_released",
                    ),
                    models.Index(
                        condition=models.Q(("state", "running")), fields=["lease_until"], name="step_target_leased"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("purpose", "preview"), _negated=True),
                        fields=("step", "name"),
                        name="step_target_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("purpose", "preview")), fields=("step",), name="step_preview_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["pending", "running", "done", "failed", "unknown", "skipped", "stopped"])
                        ),
                        name="step_target_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("purpose__in", ["apply", "verify", "undo", "rehearse", "preview"])),
                        name="step_target_purpose_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lease_until__isnull", False), ("state", "running")),
                            models.Q(models.Q(("state", "running"), _negated=True), ("lease_until__isnull", True)),
                            _connector="OR",
                        ),
                        name="step_target_running_has_lease",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Vote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("about", models.CharField(blank=True, default="", max_length=20)),
                ("answer", models.CharField(choices=[("approve", "Approved"), ("deny", "Denied")], max_length=7)),
                (
                    "role",
                    models.CharField(
                        blank=True, default="", help_text="The plan's role they answered for.", max_length=60
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("via", models.CharField(max_length=20)),
                ("second_factor", models.BooleanField(default=False)),
                ("note", models.CharField(blank=True, default="", max_length=1000)),
                ("at", models.DateTimeField()),
                ("voided_at", models.DateTimeField(blank=True, null=True)),
                ("voided_why", models.CharField(blank=True, default="", max_length=300)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="votes", to="eap.runstep"
                    ),
                ),
            ],
            options={
                "ordering": ["at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("voided_at__isnull", True)),
                        fields=("step", "about", "person"),
                        name="vote_once_per_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answer__in", ["approve", "deny"])), name="vote_answer_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InventoryHost",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=253)),
                ("address", models.CharField(max_length=253)),
                ("groups", models.JSONField(default=list)),
                ("variables", models.JSONField(default=dict)),
                ("drill", models.BooleanField(default=False)),
                (
                    "inventory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="hosts", to="eap.inventory"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [models.UniqueConstraint(fields=("inventory", "name"), name="inventory_host_once")],
            },
        ),
    ]
