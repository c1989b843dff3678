from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0005_question_told"),
    ]

    operations = [
        migrations.CreateModel(
            name="Carrier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("provider", models.CharField(max_length=20)),
                (
                    "state",
                    models.CharField(
                        choices=[("closed", "In use"), ("open", "Passed over")], default="closed", max_length=6
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, default="", help_text="Why it is passed over.", max_length=300),
                ),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
                ("probe_at", models.DateTimeField(blank=True, null=True)),
                ("free_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["kind", "provider"],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "provider"), name="carrier_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["closed", "open"])), name="carrier_state_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "open"), _negated=True), ("probe_at__isnull", False), _connector="OR"
                        ),
                        name="carrier_open_is_probed",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="delivery",
            name="overtaken_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When another way was taken beside it, because it waits for its turn at the provider.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "pending")),
                fields=["channel", "urgency", "severity", "not_before", "id"],
                name="delivery_pending_by_channel",
            ),
        ),
    ]
