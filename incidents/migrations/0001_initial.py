import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("notifications", "0001_initial"),
        ("people", "0001_initial"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField(editable=False, unique=True)),
                ("title", models.CharField(max_length=200)),
                ("summary", models.TextField(blank=True, default="")),
                ("severity", models.PositiveSmallIntegerField(default=3)),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("intrusion", "Intrusion"),
                            ("data_loss", "Data loss"),
                            ("backup_failure", "Backup failure"),
                            ("failed_update", "Failed update"),
                            ("hardware", "Hardware"),
                            ("network", "Network"),
                            ("ddos", "DDoS"),
                            ("abuse", "Spam and abuse"),
                            ("mail", "Mail"),
                            ("dns", "DNS"),
                            ("third_party", "Third party"),
                            ("other", "Other"),
                        ],
                        default="other",
                        max_length=20,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("triage", "Triage"),
                            ("investigating", "Investigating"),
                            ("identified", "Identified"),
                            ("monitoring", "Monitoring"),
                            ("resolved", "Resolved"),
                            ("closed", "Closed"),
                            ("declined", "Declined"),
                            ("merged", "Merged"),
                        ],
                        default="triage",
                        max_length=14,
                    ),
                ),
                ("private", models.BooleanField(default=False)),
                (
                    "muster_state",
                    models.CharField(
                        choices=[
                            ("none", "Not needed"),
                            ("gathering", "Gathering"),
                            ("complete", "Complete"),
                            ("exhausted", "Exhausted"),
                        ],
                        default="none",
                        max_length=10,
                    ),
                ),
                ("declared_by_name", models.CharField(blank=True, max_length=100)),
                ("declared_via", models.CharField(blank=True, max_length=20)),
                ("opened_by_rule", models.CharField(blank=True, default="", max_length=60)),
                ("alert_count", models.PositiveIntegerField(default=0)),
                (
                    "suggestion",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Such as: all alerts are resolved, resolve this?",
                        max_length=300,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "version",
                    models.PositiveIntegerField(default=0, help_text="Grows with each change; screens compare it."),
                ),
                (
                    "declared_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="incidents.incident",
                    ),
                ),
            ],
            options={
                "ordering": ["-opened_at", "-number"],
                "indexes": [
                    models.Index(fields=["-opened_at", "-number"], name="incident_newest"),
                    models.Index(
                        condition=models.Q(("status__in", ["triage", "investigating", "identified", "monitoring"])),
                        fields=["severity", "-opened_at"],
                        name="incident_open",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("severity__range", (1, 4))), name="incident_severity_1_to_4"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "triage",
                                    "investigating",
                                    "identified",
                                    "monitoring",
                                    "resolved",
                                    "closed",
                                    "declined",
                                    "merged",
                                ],
                            )
                        ),
                        name="incident_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("merged_into__isnull", False), ("status", "merged")),
                            models.Q(models.Q(("status", "merged"), _negated=True), ("merged_into__isnull", True)),
                            _connector="OR",
                        ),
                        name="incident_merged_into_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MusterTier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=30)),
                ("name", models.CharField(max_length=100)),
                ("rank", models.PositiveSmallIntegerField()),
                ("quorum", models.PositiveSmallIntegerField()),
                ("deadline", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("gathering", "Gathering"), ("complete", "Complete"), ("exhausted", "Exhausted")],
                        default="gathering",
                        max_length=10,
                    ),
                ),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
                ("page_id", models.UUIDField(default=None, null=True)),
                ("line", models.JSONField(default=list)),
            ],
            options={
                "ordering": ["rank", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["gathering", "complete", "exhausted"])),
                        name="muster_tier_state_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Muster",
            fields=[
                (
                    "incident",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="muster",
                        serialize=False,
                        to="incidents.incident",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("gathering", "Gathering"), ("complete", "Complete"), ("exhausted", "Exhausted")],
                        default="gathering",
                        max_length=10,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["gathering", "complete", "exhausted"])),
                        name="muster_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "complete"), _negated=True),
                            ("completed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="muster_complete_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MusterSeat",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("called", "Called"),
                            ("delivered", "Delivered"),
                            ("confirmed", "Confirmed"),
                            ("declined", "Declined"),
                            ("late", "Late"),
                            ("succeeded", "Succeeded"),
                        ],
                        default="called",
                        max_length=10,
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("called_at", models.DateTimeField(blank=True, null=True)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("via", models.CharField(blank=True, default="", max_length=20)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="muster_seats",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "stands_in_for",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="seats", to="incidents.mustertier"
                    ),
                ),
            ],
            options={
                "ordering": ["position", "called_at"],
                "constraints": [
                    models.UniqueConstraint(fields=("tier", "person"), name="muster_seat_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["called", "delivered", "confirmed", "declined", "late", "succeeded"])
                        ),
                        name="muster_seat_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RoleAssignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("commander", "Incident commander"),
                            ("deputy", "Deputy"),
                            ("operations", "Operations lead"),
                            ("communications", "Communications lead"),
                            ("scribe", "Scribe"),
                            ("sponsor", "Executive sponsor"),
                        ],
                        max_length=20,
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(blank=True, null=True)),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="roles", to="incidents.incident"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incident_roles",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["since"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True)),
                        fields=("incident", "role"),
                        name="role_held_by_one",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=100, unique=True)),
                ("description", models.CharField(blank=True, max_length=300)),
                (
                    "policy",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="notifications.escalationpolicy",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="people.team"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.AddField(
            model_name="incident",
            name="service",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="incidents",
                to="incidents.service",
            ),
        ),
        migrations.CreateModel(
            name="SeverityPolicy",
            fields=[
                ("severity", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("meaning", models.CharField(max_length=300)),
                ("high_urgency", models.BooleanField(default=True)),
                (
                    "rounds",
                    models.PositiveSmallIntegerField(default=3, help_text="How often a tier's page is gone through."),
                ),
                ("remind_after_s", models.PositiveIntegerField(blank=True, null=True)),
                ("repage_after_s", models.PositiveIntegerField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "severity policies",
                "ordering": ["severity"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("severity__range", (1, 4))), name="severity_1_to_4")
                ],
            },
        ),
        migrations.CreateModel(
            name="MusterRequirement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quorum", models.PositiveSmallIntegerField(default=1)),
                ("deadline_s", models.PositiveIntegerField(default=300)),
                ("succession_s", models.PositiveIntegerField(default=180)),
                ("tier", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="people.tier")),
                (
                    "severity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="requirements",
                        to="incidents.severitypolicy",
                    ),
                ),
            ],
            options={
                "ordering": ["tier__rank"],
                "constraints": [
                    models.UniqueConstraint(fields=("severity", "tier"), name="muster_requirement_once"),
                    models.CheckConstraint(condition=models.Q(("quorum__gte", 1)), name="muster_quorum_at_least_one"),
                ],
            },
        ),
        migrations.AddField(
            model_name="mustertier",
            name="muster",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="tiers", to="incidents.muster"
            ),
        ),
        migrations.AddConstraint(
            model_name="mustertier",
            constraint=models.UniqueConstraint(fields=("muster", "key"), name="muster_tier_once"),
        ),
    ]
