"""Slack: the workspace, who is who there, what came, what is to go out."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from people.models import Person


class SlackWorkspace(models.Model):
    """The workspace that SLACK_BOT_TOKEN belongs to, as Slack told it (`auth.test`), and how we want it used.

    There is one row. `error` is what keeps us from using it, as a sentence; blank while it works.
    """

    team_id = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=200, blank=True, default="")
    url = models.CharField(max_length=300, blank=True, default="")
    bot_user_id = models.CharField(max_length=20, blank=True, default="")
    bot_id = models.CharField(max_length=20, blank=True, default="")
    connected_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True, default="")
    error_at = models.DateTimeField(null=True, blank=True)
    socket_at = models.DateTimeField(null=True, blank=True, help_text=_("When Socket Mode was last seen to stand."))
    socket_error = models.CharField(max_length=300, blank=True, default="")
    channel_template = models.CharField(
        max_length=60, default="inc-{number}-{slug}", help_text=_("How an incident's channel is named.")
    )
    announce_channel = models.CharField(
        max_length=80, blank=True, default="", help_text=_("Where SEV1 and SEV2 are announced: a channel's id.")
    )
    invite_responders = models.BooleanField(default=True)
    private_channels = models.BooleanField(
        default=False, help_text=_("Private incidents get a private channel; without it they never appear in Slack.")
    )

    def __str__(self) -> str:
        return self.name or self.team_id


class SlackUser(models.Model):
    """Who somebody is in Slack. They confirmed it while signed in here, so a press of theirs there is theirs."""

    team_id = models.CharField(max_length=20)
    user_id = models.CharField(max_length=20)
    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="slack_user")
    name = models.CharField(max_length=200, blank=True, default="")
    linked_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["linked_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["team_id", "user_id"], name="slack_user_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.user_id


class SlackChannel(models.Model):
    """An incident's channel and its summary there.

    `creating`: asked for. `open`: it is there. `archived`: closed with the incident. `failed`: `error` says why there
    is none. `summary_ts` names the pinned summary, `summary_due_at` when it is next rewritten. `announced_*` name the
    message in the announcement channel.
    """

    class State(models.TextChoices):
        CREATING = "creating", _("Being created")
        OPEN = "open", _("Open")
        ARCHIVED = "archived", _("Archived")
        FAILED = "failed", _("Failed")

    incident = models.OneToOneField(Incident, on_delete=models.CASCADE, related_name="slack_channel")
    state = models.CharField(max_length=10, choices=State.choices, default=State.CREATING)
    channel_id = models.CharField(max_length=20, blank=True, default="")
    name = models.CharField(max_length=80, blank=True, default="")
    private = models.BooleanField(default=False)
    error = models.CharField(max_length=300, blank=True, default="")
    summary_ts = models.CharField(max_length=40, blank=True, default="")
    summary_digest = models.CharField(max_length=64, blank=True, default="")
    summary_at = models.DateTimeField(null=True, blank=True)
    announced_channel = models.CharField(max_length=20, blank=True, default="")
    announced_ts = models.CharField(max_length=40, blank=True, default="")
    announced_digest = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state__in=["creating", "open", "archived", "failed"]),
                name="slack_channel_state_known",
            ),
            models.UniqueConstraint(
                fields=["channel_id"], condition=~models.Q(channel_id=""), name="slack_channel_of_one_incident"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.channel_id


class SlackOutgoing(models.Model):
    """One call of Slack's Web API that is to be made: the outbox.

    `lane`: calls of one lane leave one after the other, in their order ("" for those that may overtake). `dedup`: at
    most one row ever has it. `latest`: at most one waiting row has it, and a newer one takes its place. `purpose` and
    `subject` name who hears of the outcome (`rooms.slack.outcomes`). `uncertain`: a try had no answer, so Slack is
    asked whether it was done before it is tried again.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        SENDING = "sending", _("Under way")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    method = models.CharField(max_length=60)
    arguments: models.JSONField[Any, Any] = models.JSONField(default=dict)
    response: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    lane = models.CharField(max_length=80, blank=True, default="")
    dedup = models.CharField(max_length=120, blank=True, default="")
    latest = models.CharField(max_length=120, blank=True, default="")
    purpose = models.CharField(max_length=40, blank=True, default="")
    subject = models.CharField(max_length=80, blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    uncertain = models.BooleanField(default=False)
    code = models.CharField(max_length=40, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "sending", "done", "failed"]),
                name="slack_outgoing_state_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="sending") | models.Q(lease_until__isnull=False),
                name="slack_outgoing_sending_has_lease",
            ),
            models.UniqueConstraint(fields=["dedup"], condition=~models.Q(dedup=""), name="slack_outgoing_once"),
            models.UniqueConstraint(
                fields=["latest"],
                condition=models.Q(state="pending") & ~models.Q(latest=""),
                name="slack_outgoing_latest_waits_once",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["not_before", "id"], name="slack_outgoing_due", condition=models.Q(state="pending")),
            models.Index(fields=["lease_until"], name="slack_outgoing_leased", condition=models.Q(state="sending")),
            models.Index(
                fields=["lane", "id"],
                name="slack_outgoing_lane",
                condition=models.Q(state__in=["pending", "sending"]) & ~models.Q(lane=""),
            ),
            models.Index(fields=["-ended_at"], name="slack_outgoing_failed", condition=models.Q(state="failed")),
            models.Index(fields=["created_at"], name="slack_outgoing_by_age"),
        ]


class SlackPause(models.Model):
    """Until when Slack wants no call of a method from this workspace (its Retry-After)."""

    team_id = models.CharField(max_length=20)
    method = models.CharField(max_length=60)
    until = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["team_id", "method"], name="slack_pause_once"),
        ]


class SlackInbound(models.Model):
    """Something that came from Slack, by HTTP or by a socket: kept before it is answered, worked off after.

    `key` is what Slack repeats when it repeats a request, so that a double changes nothing.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        WORKING = "working", _("Under way")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=255, blank=True, default="")
    user_id = models.CharField(max_length=20, blank=True, default="")
    payload: models.JSONField[Any, Any] = models.JSONField(default=dict)
    queue = models.CharField(max_length=10, default="chat")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, default="")
    received_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "working", "done", "failed"]),
                name="slack_inbound_state_known",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["not_before", "id"], name="slack_inbound_due", condition=models.Q(state="pending")),
            models.Index(fields=["lease_until"], name="slack_inbound_leased", condition=models.Q(state="working")),
            models.Index(fields=["received_at"], name="slack_inbound_by_age"),
        ]
