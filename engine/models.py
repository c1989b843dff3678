"""What the engines tell about themselves."""

from django.db import models


class DutyBeat(models.Model):
    """The last finished look of a duty, of whichever engine. `lag_s`: by how much that look started late."""

    name = models.CharField(max_length=63, primary_key=True)
    beat = models.DateTimeField()
    lag_s = models.FloatField(default=0)
    runs = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    errors = models.BigIntegerField(default=0)
    last_error = models.TextField(blank=True)
    last_error_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "engine_duty"

    def __str__(self) -> str:
        return self.name


class Alarm(models.Model):
    """When the administrators were last alarmed about a cause, so that several engines do not repeat each other."""

    cause = models.CharField(max_length=140, primary_key=True)
    at = models.DateTimeField()
    sentence = models.TextField()

    class Meta:
        db_table = "engine_alarm"

    def __str__(self) -> str:
        return self.cause
