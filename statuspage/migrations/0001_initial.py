import django.db.models.deletion
import statuspage.ids
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
            name="ComponentGroup",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=statuspage.ids.new_id, editable=False, max_length=12, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("names", models.JSONField(blank=True, default=dict, help_text="Other languages: code to name.")),
                ("description", models.CharField(blank=True, default="", max_length=300)),
                ("position", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["position", "name"],
            },
        ),
        migrations.CreateModel(
            name="Target",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("directory", "Directory"),
                            ("s3", "S3-compatible storage"),
                            ("sftp", "SFTP host"),
                            ("rsync", "rsync host"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "settings",
                    models.JSONField(default=dict, help_text="What is no secret: bucket, endpoint, host, folder."),
                ),
                (
                    "secret",
                    web.secrets.EncryptedTextField(
                        blank=True, default="", help_text="JSON of what is: keys, passwords."
                    ),
                ),
                (
                    "public_url",
                    models.URLField(blank=True, default="", help_text="Where readers find it.", max_length=300),
                ),
                ("enabled", models.BooleanField(default=True)),
                ("generation", models.PositiveBigIntegerField(default=0)),
                ("updated_at", models.DateTimeField(blank=True, null=True)),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                ("failing_since", models.DateTimeField(blank=True, null=True)),
                ("trouble", models.CharField(blank=True, default="", max_length=300)),
                ("next_try_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="UpdateTemplate",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=statuspage.ids.new_id, editable=False, max_length=12, primary_key=True, serialize=False
                    ),
                ),
                ("label", models.CharField(max_length=100)),
                (
                    "incident_type",
                    models.CharField(
                        blank=True,
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
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("investigating", "Investigating"),
                            ("identified", "Identified"),
                            ("monitoring", "Monitoring"),
                            ("resolved", "Resolved"),
                            ("postmortem", "Postmortem"),
                            ("scheduled", "Scheduled"),
                            ("in_progress", "In progress"),
                            ("verifying", "Verifying"),
                            ("completed", "Completed"),
                        ],
                        max_length=13,
                    ),
                ),
                ("names", models.JSONField(default=dict, help_text="Language code to the public name.")),
                ("texts", models.JSONField(default=dict, help_text="Language code to the text.")),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["incident_type", "stage", "label"],
            },
        ),
        migrations.CreateModel(
            name="Component",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=statuspage.ids.new_id, editable=False, max_length=12, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("names", models.JSONField(blank=True, default=dict, help_text="Other languages: code to name.")),
                ("description", models.CharField(blank=True, default="", max_length=300)),
                ("position", models.PositiveIntegerField(default=0)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("operational", "Operational"),
                            ("under_maintenance", "Under maintenance"),
                            ("degraded_performance", "Degraded performance"),
                            ("partial_outage", "Partial outage"),
                            ("major_outage", "Major outage"),
                        ],
                        default="operational",
                        max_length=20,
                    ),
                ),
                ("showcase", models.BooleanField(default=True)),
                ("only_show_if_degraded", models.BooleanField(default=False)),
                ("start_date", models.DateField(blank=True, null=True)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("services", models.ManyToManyField(blank=True, related_name="components", to="incidents.service")),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="components",
                        to="statuspage.componentgroup",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "operational",
                                    "under_maintenance",
                                    "degraded_performance",
                                    "partial_outage",
                                    "major_outage",
                                ],
                            )
                        ),
                        name="component_status_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FormUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("purpose", models.CharField(max_length=20)),
                ("counter", models.CharField(max_length=5)),
                ("digest", models.CharField(max_length=64)),
                ("window_ends_at", models.DateTimeField()),
                ("uses", models.PositiveIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["window_ends_at"], name="form_use_by_end")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("purpose", "counter", "digest", "window_ends_at"), name="form_use_once_per_window"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Publisher",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("wanted", models.PositiveBigIntegerField(default=0)),
                ("published", models.PositiveBigIntegerField(default=0)),
                ("generation", models.PositiveBigIntegerField(default=0)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="publisher_is_one")],
            },
        ),
        migrations.CreateModel(
            name="PublishingPolicy",
            fields=[
                ("severity", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("approvals", models.PositiveSmallIntegerField(default=1)),
                ("promise_s", models.PositiveIntegerField(default=1800)),
                ("holds_s", models.PositiveIntegerField(blank=True, null=True)),
            ],
            options={
                "ordering": ["severity"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("severity__range", (0, 4))), name="publishing_severity_0_to_4"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("approvals__lte", 1)), name="publishing_at_most_one_approval"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatusPage",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=statuspage.ids.new_id, editable=False, max_length=12, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                (
                    "slug",
                    models.SlugField(blank=True, help_text="Empty: the page at the root.", max_length=60, unique=True),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[("public", "Public"), ("secret", "By secret link"), ("password", "By password")],
                        default="public",
                        max_length=8,
                    ),
                ),
                ("secret", web.secrets.EncryptedTextField(blank=True, default="")),
                (
                    "password",
                    models.CharField(blank=True, default="", help_text="As Django stores passwords.", max_length=200),
                ),
                ("headline", models.CharField(blank=True, default="", max_length=300)),
                (
                    "url",
                    models.URLField(
                        blank=True, default="", help_text="Empty: its place under STATUS_URL.", max_length=300
                    ),
                ),
                ("support_url", models.URLField(blank=True, default="", max_length=300)),
                ("language", models.CharField(default="en", max_length=5)),
                ("languages", models.JSONField(blank=True, default=list)),
                ("time_zone", models.CharField(default="UTC", max_length=60)),
                ("accent", models.CharField(blank=True, default="", max_length=7)),
                ("accent_dark", models.CharField(blank=True, default="", max_length=7)),
                ("logo", models.BinaryField(blank=True, null=True)),
                ("logo_type", models.CharField(blank=True, default="", max_length=20)),
                (
                    "headline_uptime",
                    models.CharField(
                        choices=[
                            ("excluded", "Maintenance does not count as downtime"),
                            ("included", "Maintenance counts as downtime"),
                        ],
                        default="excluded",
                        max_length=8,
                    ),
                ),
                ("takes_subscribers", models.BooleanField(default=True)),
                ("takes_feedback", models.BooleanField(default=True)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["slug"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("audience__in", ["public", "secret", "password"])),
                        name="statuspage_audience_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("audience", "secret"), _negated=True),
                            models.Q(("secret", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="statuspage_secret_has_a_folder",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("audience", "password"), _negated=True),
                            models.Q(("password", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="statuspage_password_is_set",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("slug", ""), _negated=True), ("audience", "public"), _connector="OR"
                        ),
                        name="statuspage_root_is_public",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Server",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("components", models.ManyToManyField(blank=True, related_name="servers", to="statuspage.component")),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="servers", to="statuspage.statuspage"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [models.UniqueConstraint(fields=("page", "name"), name="server_once_per_page")],
            },
        ),
        migrations.CreateModel(
            name="PublicIncident",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=statuspage.ids.new_id, editable=False, max_length=12, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("incident", "Incident"), ("maintenance", "Scheduled maintenance")],
                        default="incident",
                        max_length=11,
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("names", models.JSONField(blank=True, default=dict, help_text="Other languages: code to name.")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("investigating", "Investigating"),
                            ("identified", "Identified"),
                            ("monitoring", "Monitoring"),
                            ("resolved", "Resolved"),
                            ("postmortem", "Postmortem"),
                            ("scheduled", "Scheduled"),
                            ("in_progress", "In progress"),
                            ("verifying", "Verifying"),
                            ("completed", "Completed"),
                        ],
                        default="investigating",
                        max_length=13,
                    ),
                ),
                (
                    "impact",
                    models.CharField(
                        choices=[
                            ("none", "None"),
                            ("minor", "Minor"),
                            ("major", "Major"),
                            ("critical", "Critical"),
                            ("maintenance", "Maintenance"),
                        ],
                        default="none",
                        max_length=11,
                    ),
                ),
                (
                    "impact_override",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("none", "None"),
                            ("minor", "Minor"),
                            ("major", "Major"),
                            ("critical", "Critical"),
                            ("maintenance", "Maintenance"),
                        ],
                        default="",
                        max_length=11,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("monitoring_at", models.DateTimeField(blank=True, null=True)),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                ("next_update_at", models.DateTimeField(blank=True, null=True)),
                ("scheduled_for", models.DateTimeField(blank=True, null=True)),
                ("scheduled_until", models.DateTimeField(blank=True, null=True)),
                ("remind_before_s", models.PositiveIntegerField(blank=True, null=True)),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                ("auto_start", models.BooleanField(default=True)),
                ("auto_end", models.BooleanField(default=True)),
                ("mutes_alerts", models.BooleanField(default=True)),
                (
                    "automatic",
                    models.BooleanField(default=False, help_text="Muster itself said that we are looking into it."),
                ),
                ("discarded_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=0)),
                (
                    "incident",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="public_incidents",
                        to="incidents.incident",
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="incidents",
                        to="statuspage.statuspage",
                    ),
                ),
            ],
            options={
                "ordering": ["-started_at", "-id"],
                "indexes": [
                    models.Index(fields=["page", "kind", "-started_at"], name="public_incident_newest"),
                    models.Index(
                        condition=models.Q(
                            ("kind", "maintenance"), ("status__in", ["scheduled", "in_progress", "verifying"])
                        ),
                        fields=["scheduled_for"],
                        name="maintenance_open",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("kind", "incident"), ("status__in", ("investigating", "identified", "monitoring"))
                        ),
                        fields=["page"],
                        name="public_incident_open",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "incident"),
                                ("status__in", ("investigating", "identified", "monitoring", "resolved", "postmortem")),
                            ),
                            models.Q(
                                ("kind", "maintenance"),
                                ("status__in", ("scheduled", "in_progress", "verifying", "completed")),
                            ),
                            _connector="OR",
                        ),
                        name="public_incident_stage_fits_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "incident"), ("scheduled_for__isnull", True), ("scheduled_until__isnull", True)
                            ),
                            models.Q(("kind", "maintenance"), ("scheduled_for__lt", models.F("scheduled_until"))),
                            _connector="OR",
                        ),
                        name="public_incident_schedule_fits_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "maintenance"), _negated=True), ("impact", "maintenance"), _connector="OR"
                        ),
                        name="public_incident_maintenance_impact",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Metric",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=statuspage.ids.new_id, editable=False, max_length=12, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("unit", models.CharField(blank=True, default="", max_length=20)),
                ("decimals", models.PositiveSmallIntegerField(default=0)),
                ("position", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="metrics", to="statuspage.statuspage"
                    ),
                ),
            ],
            options={
                "ordering": ["position", "name"],
                "constraints": [models.UniqueConstraint(fields=("page", "name"), name="metric_once_per_page")],
            },
        ),
        migrations.CreateModel(
            name="CustomerImport",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=statuspage.ids.new_id, editable=False, max_length=12, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("customers", "Customers and their assets"), ("servers", "Servers")], max_length=9
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Being read"),
                            ("refused", "Refused"),
                            ("ready", "Waits for your word"),
                            ("confirmed", "Being written"),
                            ("done", "Done"),
                            ("dropped", "Dropped"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("replace", models.BooleanField(default=False)),
                ("file_name", models.CharField(blank=True, default="", max_length=200)),
                ("content", models.BinaryField(default=bytes)),
                ("total_rows", models.PositiveIntegerField(default=0)),
                ("read_rows", models.PositiveIntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
                ("errors", models.JSONField(default=list)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="statuspage.statuspage"
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "confirmed"])),
                        fields=["created_at"],
                        name="customer_import_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "refused", "ready", "confirmed", "done", "dropped"])
                        ),
                        name="customer_import_state_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Customer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=40)),
                ("name", models.CharField(blank=True, default="", max_length=200)),
                ("email", models.EmailField(blank=True, default="", max_length=254)),
                ("language", models.CharField(blank=True, default="", max_length=5)),
                ("secret", web.secrets.EncryptedTextField(blank=True, default="")),
                (
                    "secret_digest",
                    models.CharField(
                        blank=True, help_text="SHA-256, to find it by its link.", max_length=64, null=True, unique=True
                    ),
                ),
                ("issued_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="customers",
                        to="statuspage.statuspage",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("issued_at__isnull", False)), fields=["page"], name="customer_issued"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("page", "number"), name="customer_number_once_per_page"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("issued_at__isnull", True), ("secret", ""), ("secret_digest__isnull", True)),
                            models.Q(
                                ("issued_at__isnull", False),
                                ("secret_digest__isnull", False),
                                models.Q(("secret", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="customer_link_whole_or_none",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="componentgroup",
            name="page",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="groups", to="statuspage.statuspage"
            ),
        ),
        migrations.AddField(
            model_name="component",
            name="page",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="components", to="statuspage.statuspage"
            ),
        ),
        migrations.CreateModel(
            name="StatusUpdate",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=statuspage.ids.new_id, editable=False, max_length=12, primary_key=True, serialize=False
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("approved", "Approved"),
                            ("published", "Published"),
                            ("discarded", "Discarded"),
                        ],
                        default="draft",
                        max_length=9,
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("investigating", "Investigating"),
                            ("identified", "Identified"),
                            ("monitoring", "Monitoring"),
                            ("resolved", "Resolved"),
                            ("postmortem", "Postmortem"),
                            ("scheduled", "Scheduled"),
                            ("in_progress", "In progress"),
                            ("verifying", "Verifying"),
                            ("completed", "Completed"),
                        ],
                        max_length=13,
                    ),
                ),
                ("texts", models.JSONField(default=dict)),
                ("deliver", models.BooleanField(default=True)),
                ("next_update_at", models.DateTimeField(blank=True, null=True)),
                ("scheduled_for", models.DateTimeField(blank=True, null=True)),
                ("scheduled_until", models.DateTimeField(blank=True, null=True)),
                ("drafted_by_name", models.CharField(blank=True, default="", max_length=100)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("digest", models.CharField(blank=True, default="", max_length=64)),
                ("override_reason", models.CharField(blank=True, default="", max_length=300)),
                ("automatic", models.BooleanField(default=False)),
                ("journal_id", models.CharField(blank=True, max_length=64, null=True, unique=True)),
                ("display_at", models.DateTimeField(blank=True, null=True)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=0)),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "public_incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="updates",
                        to="statuspage.publicincident",
                    ),
                ),
            ],
            options={
                "ordering": ["-display_at", "-created_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["draft", "approved"])),
                        fields=["public_incident"],
                        name="status_update_waiting",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "approved", "published", "discarded"])),
                        name="status_update_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("display_at__isnull", False), ("published_at__isnull", False), ("state", "published")
                            ),
                            models.Q(models.Q(("state", "published"), _negated=True), ("published_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="status_update_published_at",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            ("approved_at__isnull", False),
                            _connector="OR",
                        ),
                        name="status_update_approved_at",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mailing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("preparing", "Preparing"),
                            ("sending", "Sending"),
                            ("done", "Done"),
                            ("overtaken", "Overtaken by a newer update"),
                        ],
                        default="preparing",
                        max_length=9,
                    ),
                ),
                ("prepared_to", models.UUIDField(blank=True, null=True)),
                ("figures", models.JSONField(blank=True, null=True)),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "update",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mailing",
                        to="statuspage.statusupdate",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["preparing", "sending"])),
                        fields=["started_at"],
                        name="mailing_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Subscriber",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "E-mail"), ("sms", "SMS"), ("webhook", "Webhook")], max_length=7
                    ),
                ),
                ("address", models.CharField(max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting for confirmation"),
                            ("active", "Active"),
                            ("quarantined", "Quarantined"),
                            ("ended", "Ended"),
                        ],
                        default="pending",
                        max_length=11,
                    ),
                ),
                ("language", models.CharField(default="en", max_length=5)),
                (
                    "minimum_impact",
                    models.CharField(
                        choices=[
                            ("none", "None"),
                            ("minor", "Minor"),
                            ("major", "Major"),
                            ("critical", "Critical"),
                            ("maintenance", "Maintenance"),
                        ],
                        default="none",
                        max_length=11,
                    ),
                ),
                ("all_components", models.BooleanField(default=True)),
                ("secret", web.secrets.EncryptedTextField(blank=True, default="")),
                ("contact", models.EmailField(blank=True, default="", max_length=254)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("quarantined_at", models.DateTimeField(blank=True, null=True)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("asked_at", models.DateTimeField(help_text="When a confirmation was last asked for.")),
                ("created_at", models.DateTimeField()),
                ("components", models.ManyToManyField(blank=True, related_name="+", to="statuspage.component")),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subscriptions",
                        to="statuspage.customer",
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subscribers",
                        to="statuspage.statuspage",
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "active")),
                        fields=["page", "channel", "id"],
                        name="subscriber_active",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("page", "channel", "address"), name="subscriber_once_per_page"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "active", "quarantined", "ended"])),
                        name="subscriber_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "E-mail"), ("sms", "SMS"), ("webhook", "Webhook")], max_length=7
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("sending", "Sending"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("unknown", "Unknown"),
                            ("overtaken", "Overtaken"),
                        ],
                        default="pending",
                        max_length=9,
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("fence", models.PositiveIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("repeated", models.BooleanField(default=False)),
                ("code", models.CharField(blank=True, default="", max_length=40)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "mailing",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="statuspage.mailing",
                    ),
                ),
                (
                    "subscriber",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="statuspage.subscriber"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "pending")),
                        fields=["mailing", "channel", "due_at", "id"],
                        name="notice_due",
                    ),
                    models.Index(
                        condition=models.Q(("state", "sending")), fields=["lease_until"], name="notice_leased"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("mailing", "subscriber"), name="notice_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["pending", "sending", "sent", "failed", "unknown", "overtaken"])
                        ),
                        name="notice_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sign_up", "Sign-up"),
                            ("ending", "Asked to end"),
                            ("quarantined", "Could not be reached"),
                        ],
                        max_length=11,
                    ),
                ),
                ("choices", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("sending", "Sending"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("dropped", "Dropped"),
                        ],
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("fence", models.PositiveIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("code", models.CharField(blank=True, default="", max_length=40)),
                ("created_at", models.DateTimeField()),
                (
                    "subscriber",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="letters",
                        to="statuspage.subscriber",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "pending")), fields=["due_at", "id"], name="letter_due"),
                    models.Index(
                        condition=models.Q(("state", "sending")), fields=["lease_until"], name="letter_leased"
                    ),
                    models.Index(fields=["created_at"], name="letter_by_age"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "sending", "sent", "failed", "dropped"])),
                        name="letter_state_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UpdateComponent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "old_status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("operational", "Operational"),
                            ("under_maintenance", "Under maintenance"),
                            ("degraded_performance", "Degraded performance"),
                            ("partial_outage", "Partial outage"),
                            ("major_outage", "Major outage"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "new_status",
                    models.CharField(
                        choices=[
                            ("operational", "Operational"),
                            ("under_maintenance", "Under maintenance"),
                            ("degraded_performance", "Degraded performance"),
                            ("partial_outage", "Partial outage"),
                            ("major_outage", "Major outage"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "component",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="statuspage.component"
                    ),
                ),
                (
                    "update",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="components",
                        to="statuspage.statusupdate",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [models.UniqueConstraint(fields=("update", "component"), name="update_component_once")],
            },
        ),
        migrations.CreateModel(
            name="EmergencyOverride",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=300)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-since"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("since"))), name="override_has_a_time_box"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MetricPoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("value", models.FloatField()),
                (
                    "metric",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="points", to="statuspage.metric"
                    ),
                ),
            ],
            options={
                "ordering": ["at"],
                "constraints": [models.UniqueConstraint(fields=("metric", "at"), name="metric_point_once")],
            },
        ),
        migrations.CreateModel(
            name="ImpactChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("operational", "Operational"),
                            ("under_maintenance", "Under maintenance"),
                            ("degraded_performance", "Degraded performance"),
                            ("partial_outage", "Partial outage"),
                            ("major_outage", "Major outage"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("by_name", models.CharField(blank=True, default="", max_length=100)),
                (
                    "component",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="impacts", to="statuspage.component"
                    ),
                ),
                (
                    "supersedes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
                        to="statuspage.impactchange",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="impacts",
                        to="statuspage.publicincident",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "id"],
                "indexes": [models.Index(fields=["component", "at"], name="impact_of_component")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "operational",
                                    "under_maintenance",
                                    "degraded_performance",
                                    "partial_outage",
                                    "major_outage",
                                ],
                            )
                        ),
                        name="impact_status_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(blank=True, default="", max_length=60)),
                ("text", models.TextField(max_length=1000)),
                ("reporter", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("shown", "Shown"), ("hidden", "Hidden")],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("reply", models.TextField(blank=True, default="", max_length=2000)),
                ("replied_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "moderated_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="comments",
                        to="statuspage.customer",
                    ),
                ),
                (
                    "public_incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comments",
                        to="statuspage.publicincident",
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["created_at"], name="comment_waiting"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "shown", "hidden"])), name="comment_state_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AffectedComponent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("operational", "Operational"),
                            ("under_maintenance", "Under maintenance"),
                            ("degraded_performance", "Degraded performance"),
                            ("partial_outage", "Partial outage"),
                            ("major_outage", "Major outage"),
                        ],
                        max_length=20,
                    ),
                ),
                ("since", models.DateTimeField()),
                ("recovered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "component",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="affected_by",
                        to="statuspage.component",
                    ),
                ),
                (
                    "public_incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="affected",
                        to="statuspage.publicincident",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("public_incident", "component"), name="affected_component_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "says",
                    models.CharField(
                        choices=[("affected", "I'm affected"), ("works", "It works for me")], max_length=8
                    ),
                ),
                ("reporter", models.CharField(max_length=64)),
                ("day", models.DateField()),
                ("at", models.DateTimeField()),
                (
                    "component",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reports", to="statuspage.component"
                    ),
                ),
                (
                    "public_incident",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reports",
                        to="statuspage.publicincident",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["component", "-at"], name="report_newest")],
                "constraints": [
                    models.UniqueConstraint(fields=("component", "reporter", "day"), name="report_once_a_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="HitServer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("recovered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "public_incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hit_servers",
                        to="statuspage.publicincident",
                    ),
                ),
                (
                    "server",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="hits", to="statuspage.server"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("public_incident", "server"), name="hit_server_once")],
            },
        ),
        migrations.CreateModel(
            name="Asset",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("domain", "Domain"), ("account", "Account")], max_length=7)),
                ("name", models.CharField(max_length=253)),
                ("components", models.ManyToManyField(blank=True, related_name="+", to="statuspage.component")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="assets", to="statuspage.customer"
                    ),
                ),
                (
                    "server",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assets",
                        to="statuspage.server",
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "name"],
                "indexes": [models.Index(fields=["name"], name="asset_by_name")],
                "constraints": [
                    models.UniqueConstraint(fields=("customer", "kind", "name"), name="asset_once_per_customer"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["domain", "account"])), name="asset_kind_known"
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="componentgroup",
            constraint=models.UniqueConstraint(fields=("page", "name"), name="component_group_once_per_page"),
        ),
        migrations.AddConstraint(
            model_name="component",
            constraint=models.UniqueConstraint(
                condition=models.Q(("archived_at__isnull", True)),
                fields=("page", "group", "name"),
                name="component_once_per_group",
                nulls_distinct=False,
            ),
        ),
    ]
