from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0007_push_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="IgnoredText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[("unknown", "Unknown number"), ("switched_off", "Number switched off")], max_length=12
                    ),
                ),
                ("on", models.DateField()),
                ("count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("reason", "on"), name="ignored_text_once_a_day"),
                ],
            },
        ),
    ]
