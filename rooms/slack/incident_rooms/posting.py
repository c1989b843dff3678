"""Messages that are written once and then kept up to date: the summary, the announcement."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from incidents.models import Incident
from rooms.models import SlackChannel, SlackFollowed, SlackOutgoing, SlackWorkspace
from rooms.slack import outcomes
from rooms.slack.client import post_later
from rooms.slack.incident_rooms.channel import locked_channel, look_again
from rooms.slack.incident_rooms.summary import announcement_of, digest, summary_of

SUMMARY: Final = "slack_summary"
ANNOUNCEMENT: Final = "slack_announcement"
PAUSE: Final = timedelta(seconds=3)
"""Between two writings of one summary: Slack takes about one message a second and channel, and people read."""
ASKED_FOR: Final = timedelta(minutes=10)
"""So long a message that was asked for is waited for before it is asked for again."""
ANNOUNCED: Final = (1, 2)


def register_posting() -> None:
    """Let the outbox tell what became of a summary and of an announcement."""
    outcomes.register(SUMMARY, hear_of_summary)
    outcomes.register(ANNOUNCEMENT, hear_of_announcement)


def keep_summary(incident: Incident, row: SlackChannel, followed: SlackFollowed, *, now: datetime) -> None:
    """Post the summary, or write it anew at most once in 3 s: of many changes the last one is shown."""
    message = summary_of(incident)
    now_digest = digest(message)
    if not row.summary_ts:
        if _waits(followed.asked_summary_at, now=now):
            return
        followed.asked_summary_at = row.summary_at = now
        _post(SUMMARY, incident, {"channel": row.channel_id, **message.arguments()}, now=now)
    elif row.summary_digest != now_digest:
        # A writing that waits already is replaced and keeps its time.
        waiting = row.summary_at is not None and row.summary_at > now
        due = row.summary_at if waiting and row.summary_at else max(now, (row.summary_at or now - PAUSE) + PAUSE)
        row.summary_at = due
        where = {"channel": row.channel_id, "ts": row.summary_ts}
        post_later(
            "chat.update",
            {**where, **message.arguments()},
            latest=f"summary:{incident.pk}",
            purpose=SUMMARY,
            subject=str(incident.pk),
            not_before=due,
            now=now,
        )
    row.summary_digest = now_digest
    row.save(update_fields=["summary_digest", "summary_at"])


def keep_announcement(
    incident: Incident, row: SlackChannel | None, followed: SlackFollowed, *, room: SlackWorkspace, now: datetime
) -> None:
    """Announce a SEV1 or SEV2 once and keep that message up to date. A private incident is never announced."""
    if incident.private or row is None:
        return
    wanted = bool(room.announce_channel) and incident.severity in ANNOUNCED and incident.is_open
    if not row.announced_ts and (not wanted or _waits(followed.asked_announcement_at, now=now)):
        return
    message = announcement_of(incident, channel_id=row.channel_id if row.state == SlackChannel.State.OPEN else "")
    now_digest = digest(message)
    if row.announced_digest == now_digest and row.announced_ts:
        return
    if row.announced_ts:
        where = {"channel": row.announced_channel, "ts": row.announced_ts}
        latest = f"announcement:{incident.pk}"
        post_later("chat.update", {**where, **message.arguments()}, latest=latest, now=now)
    else:
        followed.asked_announcement_at = now
        _post(ANNOUNCEMENT, incident, {"channel": room.announce_channel, **message.arguments()}, now=now)
    row.announced_digest = now_digest
    row.save(update_fields=["announced_digest"])


def hear_of_summary(sent: SlackOutgoing, answer: dict[str, Any] | None) -> None:
    """Keep where the summary stands and pin it. One that was deleted in Slack is posted anew."""
    row = locked_channel(sent.subject)
    if row is None:
        return
    if answer is None:
        if sent.method == "chat.update" and sent.code in ("message_not_found", "cant_update_message"):
            SlackFollowed.objects.filter(incident_id=sent.subject).update(asked_summary_at=None)
            row.summary_ts = row.summary_digest = ""
            row.save(update_fields=["summary_ts", "summary_digest"])
            look_again(sent.subject)
        return
    if sent.method == "chat.postMessage" and (ts := str(answer.get("ts") or "")):
        row.summary_ts = ts
        row.save(update_fields=["summary_ts"])
        at = sent.ended_at or sent.not_before
        post_later("pins.add", {"channel": row.channel_id, "timestamp": ts}, dedup=f"pin:{row.channel_id}:{ts}", now=at)
        look_again(sent.subject)


def hear_of_announcement(sent: SlackOutgoing, answer: dict[str, Any] | None) -> None:
    """Keep where the announcement stands. A channel that the app is not in yet is joined, and asked once more."""
    row = locked_channel(sent.subject)
    if row is None:
        return
    if answer is None:
        if sent.code == "not_in_channel":
            channel, at = str(sent.arguments.get("channel", "")), sent.ended_at or sent.not_before
            post_later("conversations.join", {"channel": channel}, dedup=f"join:{sent.subject}", now=at)
            _post(ANNOUNCEMENT, row.incident, dict(sent.arguments), now=at, once=f"announce-joined:{sent.subject}")
        return
    row.announced_ts = str(answer.get("ts") or "")
    row.announced_channel = str(answer.get("channel") or sent.arguments.get("channel", ""))[:20]
    row.save(update_fields=["announced_ts", "announced_channel"])
    look_again(sent.subject)


def _post(purpose: str, incident: Incident, arguments: dict[str, Any], *, now: datetime, once: str = "") -> None:
    quiet = {"unfurl_links": False, "unfurl_media": False}
    subject = str(incident.pk)
    post_later("chat.postMessage", {**arguments, **quiet}, purpose=purpose, subject=subject, dedup=once, now=now)


def _waits(asked_at: datetime | None, *, now: datetime) -> bool:
    return asked_at is not None and asked_at > now - ASKED_FOR
