"""Numbers for phones come from a sequence: no table lock, and a rolled back declaration only leaves a gap."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE incidents_number AS integer START WITH 1001",
            "DROP SEQUENCE incidents_number",
        ),
        migrations.AddField(
            model_name="incident",
            name="trouble",
            field=models.CharField(
                blank=True, default="", help_text="A visible error: nobody answered, nobody to call.", max_length=300
            ),
        ),
        migrations.AddField(model_name="mustertier", name="deadline_s", field=models.PositiveIntegerField(default=300)),
        migrations.AddField(
            model_name="mustertier", name="succession_s", field=models.PositiveIntegerField(default=180)
        ),
        migrations.AddIndex(
            model_name="mustertier",
            index=models.Index(condition=models.Q(("state", "gathering")), fields=["deadline"], name="muster_tier_due"),
        ),
    ]
