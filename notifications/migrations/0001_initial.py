import django.db.models.constraints
import django.db.models.deletion
import uuid
import web.secrets
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactMethod",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("channel", models.CharField(max_length=20)),
                ("address", models.CharField(max_length=500)),
                ("label", models.CharField(blank=True, max_length=60)),
                ("secret", web.secrets.EncryptedTextField(blank=True, default="")),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                ("disabled_at", models.DateTimeField(blank=True, null=True)),
                ("disabled_reason", models.CharField(blank=True, max_length=200)),
                ("opted_out_at", models.DateTimeField(blank=True, help_text="The person texted STOP.", null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contact_methods",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["created_at"],
                "indexes": [models.Index(fields=["channel", "address"], name="contact_by_address")],
                "constraints": [
                    models.UniqueConstraint(fields=("person", "channel", "address"), name="contact_method_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("urgency", models.CharField(choices=[("high", "High"), ("low", "Low")], max_length=4)),
                ("delay_s", models.PositiveIntegerField(default=0)),
                (
                    "contact_method",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="notifications.contactmethod",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contact_rules",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["delay_s", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("urgency__in", ["high", "low"])), name="contact_rule_urgency_known"
                    ),
                    models.UniqueConstraint(fields=("urgency", "contact_method", "delay_s"), name="contact_rule_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("page", "Page"),
                            ("reminder", "Reminder"),
                            ("news", "News"),
                            ("alarm", "Alarm"),
                            ("verification", "Verification"),
                            ("test", "Test"),
                        ],
                        default="page",
                        max_length=12,
                    ),
                ),
                ("channel", models.CharField(max_length=20)),
                ("address", models.CharField(max_length=500)),
                ("provider", models.CharField(blank=True, default="", max_length=20)),
                (
                    "content",
                    models.JSONField(blank=True, default=dict, help_text="What a delivery without a page says."),
                ),
                ("urgency", models.CharField(choices=[("high", "High"), ("low", "Low")], default="high", max_length=4)),
                ("severity", models.PositiveSmallIntegerField(default=3)),
                ("level", models.PositiveSmallIntegerField(default=0)),
                ("round", models.PositiveSmallIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("sending", "Sending"),
                            ("sent", "Sent"),
                            ("delivered", "Delivered"),
                            ("failed", "Failed"),
                            ("expired", "Expired"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, default="", help_text="Why it failed, expired or ended.", max_length=300
                    ),
                ),
                ("repeated", models.BooleanField(default=False)),
                ("not_before", models.DateTimeField()),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("fence", models.PositiveIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "provider_rank",
                    models.SmallIntegerField(default=0, help_text="How far the provider's callbacks got; never back."),
                ),
                (
                    "provider_ref",
                    models.CharField(blank=True, default="", help_text="The provider's id (sid).", max_length=64),
                ),
                (
                    "withdraw_at",
                    models.DateTimeField(blank=True, help_text="Set when a ringing call should be hung up.", null=True),
                ),
                ("created_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("delivered_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "contact_method",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="deliveries",
                        to="notifications.contactmethod",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "pending")),
                        fields=["urgency", "severity", "not_before", "id"],
                        name="delivery_pending",
                    ),
                    models.Index(
                        condition=models.Q(("state", "sending")), fields=["lease_until"], name="delivery_leased"
                    ),
                    models.Index(
                        condition=models.Q(("withdraw_at__isnull", False)),
                        fields=["withdraw_at"],
                        name="delivery_to_withdraw",
                    ),
                    models.Index(
                        condition=models.Q(("provider_ref", ""), _negated=True),
                        fields=["provider_ref"],
                        name="delivery_by_provider_ref",
                    ),
                    models.Index(fields=["address", "-id"], name="delivery_by_address"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["pending", "sending", "sent", "delivered", "failed", "expired", "cancelled"])
                        ),
                        name="delivery_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "sending"), _negated=True),
                            ("lease_until__isnull", False),
                            _connector="OR",
                        ),
                        name="delivery_sending_has_lease",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("provider", models.CharField(max_length=20)),
                (
                    "result",
                    models.CharField(
                        help_text="accepted, temporary, permanent, unknown, found, not_found, or the provider's later word.",
                        max_length=20,
                    ),
                ),
                ("code", models.CharField(blank=True, default="", max_length=20)),
                ("detail", models.CharField(blank=True, default="", max_length=300)),
                ("latency_ms", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attempts",
                        to="notifications.delivery",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["at"], name="attempt_by_time")],
            },
        ),
        migrations.CreateModel(
            name="EscalationPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("description", models.CharField(blank=True, max_length=300)),
                (
                    "rounds",
                    models.PositiveSmallIntegerField(default=3, help_text="How often all levels are gone through."),
                ),
                ("required_acknowledgements", models.PositiveSmallIntegerField(default=1)),
                (
                    "remind_after_s",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Silence after an acknowledgement until a reminder; empty: never.",
                        null=True,
                    ),
                ),
                (
                    "repage_after_s",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Further silence after the reminder until the page starts again.",
                        null=True,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name_plural": "escalation policies",
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("rounds__gte", 1)), name="policy_has_a_round"),
                    models.CheckConstraint(
                        condition=models.Q(("required_acknowledgements__gte", 1)),
                        name="policy_needs_an_acknowledgement",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InboundReceipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(max_length=20)),
                ("key", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("provider", "key"), name="inbound_once")],
            },
        ),
        migrations.CreateModel(
            name="Level",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("delay_s", models.PositiveIntegerField(default=300)),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="levels",
                        to="notifications.escalationpolicy",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                        fields=("policy", "position"),
                        name="level_position_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Page",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("subject", models.CharField(blank=True, default="", max_length=60)),
                ("purpose", models.CharField(default="person", max_length=60)),
                ("title", models.CharField(max_length=300)),
                ("urgency", models.CharField(choices=[("high", "High"), ("low", "Low")], default="high", max_length=4)),
                (
                    "severity",
                    models.PositiveSmallIntegerField(default=3, help_text="1 to 4; orders what is sent first."),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("paging", "Paging"),
                            ("acknowledged", "Acknowledged"),
                            ("exhausted", "Exhausted"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="paging",
                        max_length=12,
                    ),
                ),
                (
                    "cancel_reason",
                    models.CharField(
                        blank=True,
                        choices=[("resolved", "Resolved"), ("merged", "Merged"), ("declined", "Declined")],
                        default="",
                        max_length=10,
                    ),
                ),
                (
                    "policy",
                    models.JSONField(help_text="Frozen at the start; shape in notifications.rules.frozen_policy."),
                ),
                ("policy_name", models.CharField(blank=True, max_length=100)),
                ("required_acknowledgements", models.PositiveSmallIntegerField(default=1)),
                ("level", models.PositiveSmallIntegerField(default=0)),
                ("round", models.PositiveSmallIntegerField(default=0)),
                ("next_step_at", models.DateTimeField(blank=True, null=True)),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                ("snoozed_until", models.DateTimeField(blank=True, null=True)),
                ("code", models.CharField(max_length=6)),
                (
                    "trouble",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="A visible error: nobody on call, no contact method.",
                        max_length=300,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
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
                    "fallback_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fallbacks",
                        to="notifications.page",
                    ),
                ),
            ],
            options={
                "ordering": ["-started_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_step_at__isnull", False), ("state__in", ["paging", "acknowledged"])),
                        fields=["next_step_at"],
                        name="page_due",
                    ),
                    models.Index(fields=["subject"], name="page_by_subject"),
                    models.Index(fields=["state", "-started_at"], name="page_by_state"),
                    models.Index(
                        condition=models.Q(("state__in", ["paging", "acknowledged"])),
                        fields=["code"],
                        name="page_open_by_code",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["paging", "acknowledged", "exhausted", "cancelled"])),
                        name="page_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cancel_reason__in", ["resolved", "merged", "declined"]), ("state", "cancelled")),
                            models.Q(models.Q(("state", "cancelled"), _negated=True), ("cancel_reason", "")),
                            _connector="OR",
                        ),
                        name="page_cancelled_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "paging"), ("state", "acknowledged"), ("ended_at__isnull", False), _connector="OR"
                        ),
                        name="page_ended_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "paging"), _negated=True),
                            ("next_step_at__isnull", False),
                            _connector="OR",
                        ),
                        name="page_paging_has_next_step",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="delivery",
            name="page",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="notifications.page",
            ),
        ),
        migrations.CreateModel(
            name="PageRecheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(max_length=60)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["subject"], name="page_recheck_subject")],
            },
        ),
        migrations.CreateModel(
            name="Responder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("called", "Called"),
                            ("delivered", "Delivered"),
                            ("acknowledged", "Acknowledged"),
                            ("declined", "Declined"),
                            ("late", "Late"),
                            ("unreachable", "No contact method"),
                        ],
                        default="called",
                        max_length=12,
                    ),
                ),
                ("level", models.PositiveSmallIntegerField()),
                ("round", models.PositiveSmallIntegerField()),
                ("called_at", models.DateTimeField()),
                ("delivered_at", models.DateTimeField(blank=True, null=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("via", models.CharField(blank=True, default="", max_length=20)),
                (
                    "on_behalf_by",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Who answered for them; such an answer meets no quorum.",
                        max_length=200,
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="responders_called",
                        to="notifications.page",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pages_called_for",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["round", "level", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("page", "person"), name="responder_once_per_page"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["called", "delivered", "acknowledged", "declined", "late", "unreachable"])
                        ),
                        name="responder_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Target",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="targets", to="notifications.level"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="people.schedule"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="people.team"
                    ),
                ),
                (
                    "tier",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="people.tier"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("person__isnull", False),
                                ("schedule__isnull", True),
                                ("team__isnull", True),
                                ("tier__isnull", True),
                            ),
                            models.Q(
                                ("person__isnull", True),
                                ("schedule__isnull", False),
                                ("team__isnull", True),
                                ("tier__isnull", True),
                            ),
                            models.Q(
                                ("person__isnull", True),
                                ("schedule__isnull", True),
                                ("team__isnull", False),
                                ("tier__isnull", True),
                            ),
                            models.Q(
                                ("person__isnull", True),
                                ("schedule__isnull", True),
                                ("team__isnull", True),
                                ("tier__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="target_is_exactly_one",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["page", "person"], name="delivery_by_page"),
        ),
    ]
