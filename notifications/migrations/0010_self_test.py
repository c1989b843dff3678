import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0009_redials_discreet_calls"),
        ("people", "0002_phone_pin"),
    ]

    operations = [
        migrations.CreateModel(
            name="SelfTest",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ("weekday", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("at", models.TimeField()),
                ("time_zone", models.CharField(default="UTC", max_length=64)),
                ("next_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.schedule",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="self_test_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("person__isnull", False), ("schedule__isnull", True)),
                            models.Q(("person__isnull", True), ("schedule__isnull", False)),
                            _connector="OR",
                        ),
                        name="self_test_of_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weekday__isnull", True), ("weekday__range", (0, 6)), _connector="OR"),
                        name="self_test_weekday",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SelfTestRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "Running"), ("passed", "Passed"), ("failed", "Failed")],
                        default="running",
                        max_length=7,
                    ),
                ),
                ("deliveries", models.JSONField(blank=True, default=list)),
                ("sentence", models.CharField(blank=True, default="", max_length=500)),
                ("began_at", models.DateTimeField()),
                ("deadline_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
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
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(condition=models.Q(("state", "running")), fields=["id"], name="self_test_running")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["running", "passed", "failed"])),
                        name="self_test_state_known",
                    )
                ],
            },
        ),
    ]
