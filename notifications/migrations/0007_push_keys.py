from django.db import migrations, models

import web.secrets


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0006_carriers"),
    ]

    operations = [
        migrations.CreateModel(
            name="PushKeys",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("only", models.BooleanField(default=True, editable=False, unique=True)),
                ("public", models.CharField(max_length=100)),
                ("private", web.secrets.EncryptedTextField()),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "push keys",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("only", True)), name="push_keys_only_one"),
                ],
            },
        ),
    ]
