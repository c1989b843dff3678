import django.db.models.deletion
import web.secrets
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("incidents", "0001_initial"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="RoutingRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("active", models.BooleanField(default=True)),
                ("conditions", models.JSONField(blank=True, default=list)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("record", "Record only"),
                            ("page", "Page the service's policy"),
                            ("incident", "Open an incident"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "incident_type",
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
                ("incident_severity", models.PositiveSmallIntegerField(default=3)),
                (
                    "on_all_resolved",
                    models.CharField(
                        blank=True,
                        choices=[("resolve", "Resolve the incident"), ("suggest", "Suggest to resolve")],
                        default="",
                        max_length=10,
                    ),
                ),
                ("storm_alerts", models.PositiveIntegerField(default=20)),
                ("storm_seconds", models.PositiveIntegerField(default=60)),
                (
                    "service",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="incidents.service"
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("incident_severity__range", (1, 4))), name="rule_incident_severity_1_to_4"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("dedup_key", models.CharField(max_length=255)),
                ("summary", models.CharField(max_length=1024)),
                ("source", models.CharField(max_length=255)),
                (
                    "severity",
                    models.CharField(
                        choices=[
                            ("critical", "Critical"),
                            ("error", "Error"),
                            ("warning", "Warning"),
                            ("info", "Info"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "fields",
                    models.JSONField(
                        default=dict, help_text="component, group, class, labels, custom details: for rules."
                    ),
                ),
                ("links", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("acknowledged", "Acknowledged"), ("resolved", "Resolved")],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("count", models.PositiveIntegerField(default=1)),
                ("page_id", models.UUIDField(default=None, help_text="The page a 'page' rule started.", null=True)),
                ("first_seen", models.DateTimeField()),
                ("last_seen", models.DateTimeField()),
                ("routed_at", models.DateTimeField(blank=True, null=True)),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "settled_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When what follows from its resolution was done; the engine's second inbox.",
                        null=True,
                    ),
                ),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
                        to="incidents.incident",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="incidents.service"
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to="intake.routingrule"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(condition=models.Q(("routed_at__isnull", True)), fields=["id"], name="alert_to_route"),
                    models.Index(
                        condition=models.Q(("settled_at__isnull", True), ("state", "resolved")),
                        fields=["id"],
                        name="alert_to_settle",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["open", "acknowledged"])),
                        fields=["incident"],
                        name="alert_open_of_incident",
                    ),
                    models.Index(fields=["state", "-id"], name="alert_by_state"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "acknowledged", "resolved"])),
                        name="alert_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "resolved"), _negated=True),
                            ("resolved_at__isnull", False),
                            _connector="OR",
                        ),
                        name="alert_resolved_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IntegrationKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("events_v2", "PagerDuty Events API v2"),
                            ("alertmanager", "Prometheus Alertmanager"),
                            ("grafana", "Grafana"),
                            ("webhook", "Any JSON"),
                            ("heartbeat", "Heartbeat"),
                        ],
                        max_length=12,
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("key", web.secrets.EncryptedTextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "service",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="incidents.service"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("trigger", "Trigger"),
                            ("acknowledge", "Acknowledge"),
                            ("resolve", "Resolve"),
                            ("change", "Change"),
                        ],
                        max_length=12,
                    ),
                ),
                ("dedup_key", models.CharField(blank=True, max_length=255)),
                ("raw", models.JSONField()),
                ("received_at", models.DateTimeField()),
                (
                    "alert",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="events",
                        to="intake.alert",
                    ),
                ),
                (
                    "integration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="intake.integrationkey"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["received_at"], name="event_by_time")],
            },
        ),
        migrations.AddField(
            model_name="alert",
            name="integration",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="alerts", to="intake.integrationkey"
            ),
        ),
        migrations.CreateModel(
            name="Quarantined",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(max_length=200)),
                ("reason", models.CharField(max_length=500)),
                ("body", models.BinaryField()),
                ("received_at", models.DateTimeField()),
                ("replayed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "integration",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to="intake.integrationkey"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "quarantine",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Burst",
            fields=[
                (
                    "rule",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="burst",
                        serialize=False,
                        to="intake.routingrule",
                    ),
                ),
                ("window_started_at", models.DateTimeField()),
                ("count", models.PositiveIntegerField(default=0)),
                (
                    "incident",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="incidents.incident",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["open", "acknowledged"])),
                fields=("integration", "dedup_key"),
                name="alert_open_once",
            ),
        ),
    ]
