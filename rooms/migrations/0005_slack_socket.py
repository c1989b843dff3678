from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rooms", "0004_slack_rooms")]

    operations = [
        migrations.AddField(
            model_name="slackworkspace",
            name="socket_at",
            field=models.DateTimeField(blank=True, help_text="When Socket Mode was last seen to stand.", null=True),
        ),
        migrations.AddField(
            model_name="slackworkspace",
            name="socket_error",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
    ]
