"""When the page last began to look for people: answers from before no longer count."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_delivery_checks_alarms_verification")]

    operations = [
        migrations.AddField(
            model_name="page",
            name="paging_since",
            field=models.DateTimeField(
                default=django.utils.timezone.now,
                help_text="Answers and calls count from here: the start, or the last time it went back to paging.",
            ),
            preserve_default=False,
        ),
    ]
