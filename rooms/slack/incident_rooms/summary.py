"""The pinned summary of an incident's channel, its topic, and its announcement."""

from __future__ import annotations

import hashlib
import json
from typing import Final

from django.utils.translation import gettext as _

from incidents.board import Board, muster_board
from incidents.models import Incident, RoleAssignment
from incidents.rules.numbers import severity_name
from incidents.timeline import newest_lines
from notifications.models import Page
from notifications.queries import OPEN_STATES
from rooms.slack import blocks
from rooms.slack.asking.answers import address_of
from rooms.slack.blocks import Block, Markup, Message
from rooms.slack.incident_rooms.naming import LONGEST_TOPIC
from statuspage.queries import customers_last_heard

LATEST: Final = 5
MOST_SUMMARY: Final = 1500


def summary_of(incident: Incident) -> Message:
    """Return what the channel's pinned message says now; it holds nothing that time alone would change."""
    parts: list[Block] = [blocks.header(_title(incident)), blocks.section(_state(incident), fields=_facts(incident))]
    if incident.summary.strip():
        parts.append(blocks.section(blocks.quote(incident.summary, most=MOST_SUMMARY)))
    if incident.trouble:
        parts.append(blocks.section(blocks.joined(":warning:", blocks.escape(incident.trouble))))
    happened = [
        blocks.joined(blocks.moment(line.at), blocks.escape(line.sentence, most=300))
        for line in newest_lines(incident, limit=LATEST, headlines_only=True)
    ]
    if happened:
        parts.append(blocks.context(blocks.lines(happened)))
    parts += _buttons(incident)
    return blocks.message(f"{_title(incident)} – {incident.get_status_display()}", parts)  # noqa: RUF001 - a dash


def announcement_of(incident: Incident, *, channel_id: str) -> Message:
    """Return what the announcement channel reads of an incident: what, how bad, who has command, where."""
    where = f"<#{channel_id}>" if channel_id else ""
    parts = [
        blocks.section(blocks.bold(incident.headline)),
        blocks.section(_state(incident)),
        blocks.context(blocks.joined(where, blocks.link(address_of(incident), _("Open in Muster")), by=" · ")),
    ]
    return blocks.message(f"{incident.headline}: {incident.get_status_display()}", parts)


def topic_of(incident: Incident) -> str:
    """Return the channel's topic in one line of at most 250 characters."""
    commander = _holders(incident).get("commander", "")
    facts = [
        severity_name(incident.severity),
        incident.get_status_display(),
        _("command: %(name)s") % {"name": commander} if commander else _("nobody has command"),
    ]
    address = address_of(incident)
    return f"{blocks.clip(' | '.join(facts), LONGEST_TOPIC - len(address) - 3)} | {address}"


def digest(message: Message) -> str:
    """Return what tells one state of a message from another."""
    return hashlib.sha256(json.dumps(message.arguments(), sort_keys=True).encode()).hexdigest()


def _title(incident: Incident) -> str:
    # Inside its own channel, whose members may all see it, also a private incident is called by its title.
    return f"{severity_name(incident.severity)} {incident.number}: {incident.title}"


def _state(incident: Incident) -> Markup:
    commander = _holders(incident).get("commander", "")
    return blocks.lines(
        [
            blocks.joined(blocks.bold(_("Status")), blocks.escape(incident.get_status_display())),
            blocks.joined(blocks.bold(_("Command")), blocks.escape(commander or _("nobody"))),
            blocks.joined(blocks.bold(_("Since")), blocks.moment(incident.opened_at)),
        ]
    )


def _facts(incident: Incident) -> list[Markup]:
    board, heard = muster_board(incident), customers_last_heard(incident)
    facts = [blocks.joined(blocks.bold(name), blocks.escape(who)) for name, who in _others(incident)]
    if incident.service is not None:
        facts.append(blocks.joined(blocks.bold(_("Service")), blocks.escape(incident.service.name)))
    if board.state != "none":
        facts.append(blocks.joined(blocks.bold(_("Muster")), blocks.escape(_muster(board))))
    if heard.at is not None:
        facts.append(blocks.joined(blocks.bold(_("Customers heard")), blocks.moment(heard.at)))
    if heard.promised_at is not None:
        facts.append(blocks.joined(blocks.bold(_("Next word promised")), blocks.moment(heard.promised_at)))
    return facts


def _muster(board: Board) -> str:
    facts = {"confirmed": board.confirmed, "needed": board.needed}
    return _("%(confirmed)d of %(needed)d confirmed") % facts


def _holders(incident: Incident) -> dict[str, str]:
    held = RoleAssignment.objects.filter(incident=incident, until__isnull=True).select_related("person")
    return {each.role: each.person.name for each in held}


def _others(incident: Incident) -> list[tuple[str, str]]:
    held = RoleAssignment.objects.filter(incident=incident, until__isnull=True).exclude(role="commander")
    return [(str(each.get_role_display()), each.person.name) for each in held.select_related("person").order_by("role")]


def _buttons(incident: Incident) -> list[Block]:
    value = str(incident.pk)
    opened = blocks.button(_("Open in Muster"), "incident:open", value=value, url=address_of(incident))
    if not incident.is_open:
        note = blocks.button(_("Add a note"), "incident:note", value=value)
        return [blocks.actions(note, opened, block_id="over")]
    rows = []
    if Page.objects.filter(subject=incident.subject, state__in=OPEN_STATES).exists():
        rows.append(
            blocks.actions(
                blocks.button(_("Acknowledge"), "incident:acknowledge", value=value, style="primary"),
                blocks.button(_("Escalate"), "incident:escalate", value=value),
                blocks.button(_("I can't"), "incident:decline", value=value),
                block_id="pages",
            )
        )
    rows.append(
        blocks.actions(
            blocks.button(_("Take command"), "incident:command", value=value),
            blocks.button(_("Update"), "incident:update", value=value),
            blocks.button(_("Note"), "incident:note", value=value),
            blocks.button(_("Decision"), "incident:decision", value=value),
            blocks.button(_("Roles"), "incident:role", value=value),
            blocks.button(_("Resolve"), "incident:resolve", value=value, style="danger"),
            opened,
            block_id="incident",
        )
    )
    return rows
