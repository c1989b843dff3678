from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0004_heartbeats"),
    ]

    operations = [
        migrations.AddField(
            model_name="integrationkey",
            name="mapping",
            field=models.JSONField(
                blank=True,
                db_default={},
                default=dict,
                help_text="What of a webhook's JSON is what (intake.rules.mapping).",
            ),
        ),
    ]
