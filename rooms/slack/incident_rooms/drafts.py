"""Words to customers that wait for approval, shown whole in their incident's channel."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from incidents.models import Incident
from rooms.models import SlackChannel, SlackDraft, SlackOutgoing
from rooms.slack import blocks, outcomes
from rooms.slack.blocks import Block, Message
from rooms.slack.blocks.elements import Confirm
from rooms.slack.client import post_later
from rooms.slack.incident_rooms.channel import lock_followed, look_again
from rooms.slack.incident_rooms.summary import digest
from statuspage.models import StatusUpdate
from statuspage.operations.contents import digest_of
from statuspage.operations.publish_update import policy_for
from statuspage.reviewing import readings, said_of_components

POSTED: Final = "slack_draft"
WAITS: Final = ("draft", "approved")
LONGEST_READING: Final = 2500


def register_drafts() -> None:
    """Let the outbox tell where a draft stands."""
    outcomes.register(POSTED, hear_of_draft)


def keep_drafts(incident: Incident, row: SlackChannel, *, now: datetime) -> None:
    """Show each word to customers that waits, and what became of those shown before."""
    found = StatusUpdate.objects.filter(public_incident__incident=incident).select_related(
        "public_incident__page", "public_incident__incident", "drafted_by", "approved_by"
    )
    shown = {each.update_id: each for each in SlackDraft.objects.filter(update__public_incident__incident=incident)}
    for update in found.order_by("created_at", "id"):
        known = shown.get(update.pk)
        if known is None and update.state in WAITS:
            _show(update, row, now=now)
        elif known is not None and known.ts:
            _show_again(update, known, now=now)


def draft_message(update: StatusUpdate) -> Message:
    """Return an update as customers will read it; the second person's buttons carry the digest of what is shown."""
    public = update.public_incident
    about = {"page": public.page.name, "stage": update.get_stage_display()}
    title = _("For customers of %(page)s: %(stage)s") % about
    parts: list[Block] = [blocks.section(blocks.lines([blocks.bold(title), _who(update)]))]
    for reading in readings(update):
        if reading.text:
            name = f"{reading.label}: {reading.name}" if len(public.page.languages) else reading.name
            quoted = blocks.quote(reading.text, most=LONGEST_READING)
            parts.append(blocks.section(blocks.lines([blocks.bold(name, most=300), quoted])))
    said = [f"{each.component.name}: {each.before} → {each.after}" for each in said_of_components(update)]
    if said:
        parts.append(blocks.context(blocks.escape("\n".join(said), most=1500)))
    parts += _buttons(update)
    return blocks.message(title, parts)


def hear_of_draft(sent: SlackOutgoing, answer: dict[str, Any] | None) -> None:
    """Keep where a draft stands; one that Slack refused is forgotten, and shown at the next change."""
    known = SlackDraft.objects.filter(update=sent.subject).select_related("update__public_incident").first()
    incident_id = known.update.public_incident.incident_id if known is not None else None
    if known is None or incident_id is None:
        return
    lock_followed(incident_id)
    if answer is None:
        known.delete()
        return
    known.ts = str(answer.get("ts") or "")
    known.save(update_fields=["ts"])
    look_again(incident_id)


def _show(update: StatusUpdate, row: SlackChannel, *, now: datetime) -> None:
    message = draft_message(update)
    SlackDraft.objects.create(update=update, channel_id=row.channel_id, digest=digest(message))
    arguments = {"channel": row.channel_id, **message.arguments(), "unfurl_links": False}
    post_later("chat.postMessage", arguments, purpose=POSTED, subject=str(update.pk), now=now)


def _show_again(update: StatusUpdate, known: SlackDraft, *, now: datetime) -> None:
    message = draft_message(update)
    if known.digest == digest(message):
        return
    known.digest = digest(message)
    known.save(update_fields=["digest"])
    arguments = {"channel": known.channel_id, "ts": known.ts, **message.arguments()}
    post_later("chat.update", arguments, latest=f"draft:{update.pk}", now=now)


def _who(update: StatusUpdate) -> blocks.Markup:
    names = {"name": update.drafted_by_name, "approver": update.approved_by.name if update.approved_by else ""}
    words = {
        "draft": _("Drafted by %(name)s. Nobody but us has read it yet."),
        "approved": _("Drafted by %(name)s, approved by %(approver)s. Not published yet."),
        "published": _("Published. Drafted by %(name)s."),
        "discarded": _("Discarded; nobody reads it. Drafted by %(name)s."),
    }
    return blocks.escape(words[update.state] % names)


def _buttons(update: StatusUpdate) -> list[Block]:
    address = f"{settings.PUBLIC_URL}{reverse('status_update', args=[update.pk])}"
    opened = blocks.button(_("Open in Muster"), "draft:open", value=update.pk, url=address)
    if update.state not in WAITS:
        return [blocks.actions(opened)]
    current = digest_of(update)
    value = f"{update.pk}:{current}"
    asked = Confirm(
        title=_("Publish it?"),
        text=_("Customers read it within seconds, and subscribers are told."),
        yes=_("Publish"),
        no=_("Not yet"),
    )
    approved = update.state == StatusUpdate.State.APPROVED and update.digest == current
    publish = blocks.button(_("Publish"), "draft:publish", value=value, style="primary", confirm=asked)
    if approved or not policy_for(update).approvals:
        return [blocks.actions(publish, opened)]
    both = blocks.button(_("Approve and publish"), "draft:approve_publish", value=value, style="primary", confirm=asked)
    return [blocks.actions(both, blocks.button(_("Approve"), "draft:approve", value=value), opened)]
