"""Slack's incident channels: how far each incident was followed, and what was posted once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from incidents.models import Incident
from people.models import Person
from statuspage.models import StatusUpdate


class SlackFollowed(models.Model):
    """How far Slack follows an incident: up to entry `seq` of its ledger chain.

    A chain that is longer means that something changed. `finished`: it is over and its channel archived, until it is
    reopened. `asked_summary_at`, `asked_announcement_at`: posted, and Slack has not said yet where.
    """

    incident = models.OneToOneField(Incident, on_delete=models.CASCADE, primary_key=True, related_name="slack_followed")
    seq = models.PositiveIntegerField(default=0)
    finished = models.BooleanField(default=False)
    names_tried = models.PositiveSmallIntegerField(default=0)
    topic = models.CharField(max_length=250, blank=True, default="")
    asked_summary_at = models.DateTimeField(null=True, blank=True)
    asked_announcement_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["incident"], name="slack_followed_on", condition=models.Q(finished=False)),
        ]


class SlackDraft(models.Model):
    """A word to customers that is shown in its incident's channel; `digest` stands for what is shown."""

    update = models.OneToOneField(StatusUpdate, on_delete=models.CASCADE, related_name="slack_draft")
    channel_id = models.CharField(max_length=20)
    ts = models.CharField(max_length=40, blank=True, default="")
    digest = models.CharField(max_length=64, blank=True, default="")


class SlackNoted(models.Model):
    """A message that somebody put into a timeline: once, whoever else pins it and however often Slack says so."""

    channel_id = models.CharField(max_length=20)
    ts = models.CharField(max_length=40)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="+")
    noted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["channel_id", "ts"], name="slack_noted_once"),
        ]


class SlackHome(models.Model):
    """Somebody's Home tab, from the first time they open it. `stale`: something has changed since it was looked at."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="slack_home")
    user_id = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, blank=True, default="")
    stale = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    looked_at = models.DateTimeField()
