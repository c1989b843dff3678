import django.db.models.deletion
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("eap", "0001_initial"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Phase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        choices=[
                            ("seal", "Seal the old hashes"),
                            ("disable", "Disable"),
                            ("lock", "Lock the passwords"),
                            ("rotate", "Rotate the passwords"),
                            ("revoke", "Revoke sessions and keys"),
                            ("verify", "Verify"),
                            ("enable", "Re-enable"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("running", "Running"), ("held", "Held"), ("done", "Done")],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("held_because", models.CharField(blank=True, default="", max_length=500)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "running", "held", "done"])),
                        name="reset_phase_state_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PanelNote",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("place", models.CharField(max_length=200)),
                ("login", models.CharField(max_length=254)),
                ("generation", models.PositiveBigIntegerField()),
                ("operation", models.CharField(max_length=12)),
                ("state", models.CharField(choices=[("intended", "Intended"), ("done", "Done")], max_length=8)),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("place", "login", "generation", "operation"), name="panel_note_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["intended", "done"])), name="panel_note_state_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Chunk",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("shard", models.CharField(blank=True, default="", max_length=253)),
                ("wave", models.PositiveSmallIntegerField()),
                ("first", models.PositiveIntegerField()),
                ("last", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("leased", "Under way"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="pending",
                        max_length=7,
                    ),
                ),
                ("due_at", models.DateTimeField(blank=True, help_text="Null: its wave is not open.", null=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("fence", models.PositiveIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("applied", models.PositiveIntegerField(default=0)),
                ("unchanged", models.PositiveIntegerField(default=0)),
                ("skipped", models.PositiveIntegerField(default=0)),
                ("missed", models.PositiveIntegerField(default=0)),
                ("code", models.CharField(blank=True, default="", max_length=60)),
                ("sentence", models.CharField(blank=True, default="", max_length=500)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "phase",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="chunks", to="resets.phase"
                    ),
                ),
            ],
            options={
                "ordering": ["first"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "pending")), fields=["due_at", "id"], name="reset_chunk_due"
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["pending", "leased"])),
                        fields=["phase", "wave"],
                        name="reset_chunk_left",
                    ),
                    models.Index(
                        condition=models.Q(("state", "leased")), fields=["lease_until"], name="reset_chunk_leased"
                    ),
                    models.Index(fields=["phase", "ended_at"], name="reset_chunk_ended"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("phase", "first"), name="reset_chunk_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "leased", "done", "failed"])),
                        name="reset_chunk_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lease_until__isnull", False), ("state", "leased")),
                            models.Q(models.Q(("state", "leased"), _negated=True), ("lease_until__isnull", True)),
                            _connector="OR",
                        ),
                        name="reset_chunk_leased_has_lease",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last__gte", models.F("first"))), name="reset_chunk_range"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reset",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("frozen", "Frozen"),
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("done", "Done"),
                            ("aborted", "Aborted"),
                        ],
                        default="draft",
                        max_length=8,
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("self_set", "Lock; owners choose a new password"),
                            ("scramble", "Rotate to a secret that nobody knows; owners choose a new password"),
                        ],
                        default="self_set",
                        max_length=8,
                    ),
                ),
                ("drill", models.BooleanField(default=False)),
                ("cutoff", models.DateTimeField(help_text="Passwords set before it count as stolen.")),
                (
                    "selection",
                    models.JSONField(default=dict, help_text="hosts, groups, plans, logins; systems by key."),
                ),
                ("generation", models.PositiveBigIntegerField(unique=True)),
                ("count", models.PositiveIntegerField(default=0)),
                ("digest", models.CharField(blank=True, default="", max_length=64)),
                ("frozen_at", models.DateTimeField(blank=True, null=True)),
                ("gates_open", models.BooleanField(default=False, help_text="Approved beforehand, all of them.")),
                ("wave_limit", models.JSONField(blank=True, default=dict)),
                ("total_limit", models.JSONField(blank=True, default=dict)),
                (
                    "rate",
                    models.PositiveIntegerField(blank=True, help_text="Accounts per second over all hosts.", null=True),
                ),
                (
                    "free_at",
                    models.DateTimeField(
                        blank=True, help_text="When what was begun is paid for at this rate.", null=True
                    ),
                ),
                (
                    "seal_key",
                    models.CharField(blank=True, default="", help_text="X25519 public key, Base64.", max_length=64),
                ),
                ("created_by_name", models.CharField(max_length=100)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "trouble",
                    models.CharField(blank=True, default="", help_text="Why it holds, in a sentence.", max_length=500),
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
                    "run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resets",
                        to="eap.run",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "frozen", "running", "paused", "done", "aborted"])),
                        name="reset_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("mode__in", ["self_set", "scramble"])), name="reset_mode_known"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="phase",
            name="reset",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="phases", to="resets.reset"
            ),
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round", models.PositiveSmallIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("approved", "Approved"),
                            ("sending", "Sending"),
                            ("paused", "Paused"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="draft",
                        max_length=9,
                    ),
                ),
                ("texts", models.JSONField(default=dict)),
                (
                    "language",
                    models.CharField(default="en", help_text="For those whose language nobody knows.", max_length=5),
                ),
                ("drafted_by_name", models.CharField(max_length=100)),
                ("drafted_at", models.DateTimeField()),
                (
                    "writers",
                    models.JSONField(default=list, help_text="Ids of all who wrote in it: none of them approves it."),
                ),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("approved_digest", models.CharField(blank=True, default="", max_length=64)),
                ("through", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("prepared_to", models.PositiveIntegerField(default=0)),
                (
                    "without_address",
                    models.PositiveIntegerField(default=0, help_text="Accounts before it that have no address."),
                ),
                ("rate_start", models.FloatField(default=10)),
                ("rate_most", models.FloatField(default=50)),
                ("double_every_s", models.PositiveIntegerField(default=1800)),
                ("domain_rate", models.FloatField(default=20)),
                ("tokens", models.FloatField(default=0)),
                ("filled_at", models.DateTimeField(blank=True, null=True)),
                ("warm_since", models.DateTimeField(blank=True, null=True)),
                ("paused_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
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
                    "reset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="resets.reset"
                    ),
                ),
            ],
            options={
                "ordering": ["round"],
                "constraints": [
                    models.UniqueConstraint(fields=("reset", "round"), name="reset_notice_round_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["draft", "approved", "sending", "paused", "done", "cancelled"])
                        ),
                        name="reset_notice_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["draft", "cancelled"]),
                            models.Q(("approved_digest", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="reset_notice_is_approved",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("domain_rate__gt", 0),
                            ("double_every_s__gte", 1),
                            ("rate_most__gt", 0),
                            ("rate_start__gt", 0),
                        ),
                        name="reset_notice_rates_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CompletionReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("facts", models.JSONField()),
                ("fingerprint", models.CharField(max_length=64)),
                (
                    "outcomes_sha256",
                    models.CharField(help_text="Of the export of all accounts as JSON lines.", max_length=64),
                ),
                ("made_by_name", models.CharField(max_length=100)),
                ("made_at", models.DateTimeField()),
                (
                    "reset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reports", to="resets.reset"
                    ),
                ),
            ],
            options={
                "ordering": ["made_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("shard", models.CharField(blank=True, default="", max_length=253)),
                ("login", models.CharField(max_length=254)),
                ("position", models.PositiveIntegerField()),
                ("wave", models.PositiveSmallIntegerField()),
                ("set_at", models.DateTimeField(blank=True, null=True)),
                ("email", models.CharField(blank=True, default="", max_length=254)),
                ("email_changed_at", models.DateTimeField(blank=True, null=True)),
                ("language", models.CharField(blank=True, default="", max_length=5)),
                ("customer", models.CharField(blank=True, default="", max_length=40)),
                (
                    "reset",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="accounts",
                        to="resets.reset",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["login"], name="reset_account_login"),
                    models.Index(
                        models.F("reset"),
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("email", ""), _negated=True),
                        name="reset_account_email",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("reset", "position"), name="reset_account_position")],
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("accounts", models.PositiveIntegerField()),
                ("box", models.BinaryField()),
                ("at", models.DateTimeField()),
                (
                    "chunk",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="seal", to="resets.chunk"
                    ),
                ),
                (
                    "reset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="seals", to="resets.reset"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SealDestruction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_by_name", models.CharField(max_length=100)),
                ("asked_at", models.DateTimeField()),
                ("done_by_name", models.CharField(blank=True, default="", max_length=100)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("boxes", models.PositiveIntegerField(default=0, help_text="How many were destroyed.")),
                ("accounts", models.PositiveIntegerField(default=0, help_text="Of how many accounts.")),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reset",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="seal_destruction", to="resets.reset"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("done_by__isnull", True),
                            ("asked_by__isnull", True),
                            models.Q(("asked_by", models.F("done_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="seals_destroyed_by_two",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SupportCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("reason", models.CharField(max_length=300)),
                ("issued_by_name", models.CharField(max_length=100)),
                ("issued_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("wrong", models.PositiveSmallIntegerField(default=0)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="support_codes", to="resets.account"
                    ),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="System",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=100)),
                ("kind", models.CharField(max_length=20)),
                ("settings", models.JSONField(default=dict)),
                ("rate", models.PositiveIntegerField(blank=True, null=True)),
                ("at_once", models.PositiveSmallIntegerField(default=2)),
                ("drill", models.BooleanField(default=False)),
                ("trusts_mail", models.BooleanField(default=True)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("at_once__gte", 1)), name="system_works_at_all"),
                    models.CheckConstraint(
                        condition=models.Q(("rate__isnull", True), ("rate__gte", 1), _connector="OR"),
                        name="system_rate_positive",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="reset",
            name="systems",
            field=models.ManyToManyField(related_name="resets", to="resets.system"),
        ),
        migrations.CreateModel(
            name="Host",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("shard", models.CharField(blank=True, default="", max_length=253)),
                ("free_at", models.DateTimeField(blank=True, null=True)),
                ("failures", models.PositiveIntegerField(default=0, help_text="In a row.")),
                ("open_until", models.DateTimeField(blank=True, null=True)),
                ("sentence", models.CharField(blank=True, default="", help_text="Its last trouble.", max_length=500)),
                (
                    "system",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="hosts", to="resets.system"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("system", "shard"), name="reset_host_once")],
            },
        ),
        migrations.CreateModel(
            name="Exclusion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("login", models.CharField(max_length=254)),
                ("reason", models.CharField(max_length=300)),
                ("added_by_name", models.CharField(max_length=100)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                    "reset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="exclusions", to="resets.reset"
                    ),
                ),
                (
                    "system",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="resets.system"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("reset", "system", "login"), name="reset_exclusion_once")
                ],
            },
        ),
        migrations.AddField(
            model_name="chunk",
            name="system",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="resets.system"),
        ),
        migrations.AddField(
            model_name="account",
            name="system",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="resets.system",
            ),
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("nonce", models.BinaryField(max_length=16)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("needs_proof", models.BooleanField()),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("fence", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tokens", to="resets.account"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["expires_at"], name="reset_token_expires")],
            },
        ),
        migrations.CreateModel(
            name="SelfSetLetter",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("request", "Asked on the reset page"),
                            ("code", "Code"),
                            ("later", "Not possible yet"),
                            ("returned", "A password was set already"),
                            ("changed", "The password was set"),
                        ],
                        max_length=8,
                    ),
                ),
                ("login", models.CharField(blank=True, default="", max_length=254)),
                ("language", models.CharField(default="en", max_length=5)),
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
                        max_length=7,
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("fence", models.PositiveIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("code", models.CharField(blank=True, default="", max_length=40)),
                ("created_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="resets.account",
                    ),
                ),
                (
                    "token",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="resets.token",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "pending")), fields=["due_at", "id"], name="reset_letter_due"
                    ),
                    models.Index(
                        condition=models.Q(("state", "sending")), fields=["lease_until"], name="reset_letter_leased"
                    ),
                    models.Index(fields=["created_at"], name="reset_letter_by_age"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "sending", "sent", "failed", "dropped"])),
                        name="reset_letter_state_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("canary_only", models.BooleanField()),
                ("wanted", models.PositiveIntegerField(help_text="Accounts per system, beside the canary.")),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("looked_at", models.PositiveIntegerField(default=0)),
                ("failed", models.PositiveIntegerField(default=0, help_text="Checks that do not hold.")),
                ("untried", models.PositiveIntegerField(default=0, help_text="Checks that could not be made.")),
                (
                    "reset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="verifications", to="resets.reset"
                    ),
                ),
            ],
            options={
                "ordering": ["started_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="AccountCheck",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("canary", models.BooleanField()),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("old_refused", "The old password is refused"),
                            ("state_effective", "The state is as it should be"),
                            ("session_gone", "No session is open"),
                        ],
                        max_length=15,
                    ),
                ),
                ("holds", models.BooleanField(null=True)),
                ("sentence", models.CharField(blank=True, default="", max_length=500)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="checks", to="resets.account"
                    ),
                ),
                (
                    "system",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="resets.system"
                    ),
                ),
                (
                    "verification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="checks", to="resets.verification"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("verification", "account", "what"), name="account_checked_once"),
                    models.CheckConstraint(
                        condition=models.Q(("what__in", ["old_refused", "state_effective", "session_gone"])),
                        name="account_check_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Wave",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("accounts", models.PositiveIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[("closed", "Closed"), ("open", "Open"), ("done", "Done")],
                        default="closed",
                        max_length=6,
                    ),
                ),
                ("wanted", models.BooleanField(default=False)),
                ("forgiven", models.PositiveIntegerField(default=0)),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "opened_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "phase",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="waves", to="resets.phase"
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("phase", "number"), name="reset_wave_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["closed", "open", "done"])), name="reset_wave_state_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Return",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="returned",
                        serialize=False,
                        to="resets.account",
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "via",
                    models.CharField(
                        choices=[
                            ("self_set", "On the reset page"),
                            ("support", "With the help of support"),
                            ("found", "On the system itself"),
                        ],
                        max_length=8,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["at"], name="reset_return_at")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("via__in", ["self_set", "support", "found"])), name="reset_return_via_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DomainPace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("domain", models.CharField(max_length=254)),
                ("paced_until", models.DateTimeField()),
                ("booked_until", models.DateTimeField()),
                (
                    "notice",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="paces",
                        to="resets.notice",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("notice", "domain"), name="reset_notice_domain_once")],
            },
        ),
        migrations.CreateModel(
            name="NoticeLetter",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("channel", models.CharField(choices=[("email", "E-mail")], default="email", max_length=5)),
                ("address", models.CharField(help_text="In small letters.", max_length=254)),
                ("language", models.CharField(max_length=5)),
                ("wave", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("sending", "Sending"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("unknown", "Unknown"),
                            ("bounced", "Bounced"),
                            ("withdrawn", "Withdrawn"),
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
                    "notice",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="letters",
                        to="resets.notice",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "pending")),
                        fields=["notice", "due_at", "id"],
                        name="reset_notice_letter_due",
                    ),
                    models.Index(
                        condition=models.Q(("state", "sending")),
                        fields=["lease_until"],
                        name="reset_notice_letter_leased",
                    ),
                    models.Index(fields=["address"], name="reset_notice_letter_address"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("notice", "channel", "address"), name="reset_notice_letter_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["pending", "sending", "sent", "failed", "unknown", "bounced", "withdrawn"])
                        ),
                        name="reset_notice_letter_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Exceptional",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("retry", "To be tried again"),
                            ("failed", "Failed"),
                            ("skipped", "Skipped"),
                            ("mended", "Done later"),
                        ],
                        max_length=7,
                    ),
                ),
                ("code", models.CharField(max_length=60)),
                ("sentence", models.CharField(blank=True, default="", max_length=500)),
                ("tries", models.PositiveSmallIntegerField(default=1)),
                ("at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="exceptions", to="resets.account"
                    ),
                ),
                (
                    "chunk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="exceptions", to="resets.chunk"
                    ),
                ),
                (
                    "phase",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="exceptions", to="resets.phase"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["phase", "code", "state"], name="reset_exception_causes")],
                "constraints": [
                    models.UniqueConstraint(fields=("phase", "account"), name="reset_exception_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["retry", "failed", "skipped", "mended"])),
                        name="reset_exception_state_known",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="phase",
            constraint=models.UniqueConstraint(fields=("reset", "name"), name="reset_phase_once"),
        ),
        migrations.AddIndex(
            model_name="chunk",
            index=models.Index(
                condition=models.Q(("state", "pending")),
                fields=["system", "shard", "wave", "first"],
                name="reset_chunk_host",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(fields=("reset", "system", "shard", "login"), name="reset_account_once"),
        ),
    ]
