"""What /incident answers at once: lists and helps, for the asker's eyes only. Reads, and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from incidents.board import RollCount, muster_board, roll_counts
from incidents.models import Incident
from incidents.queries import commander_of, held_roles
from incidents.timeline import newest_lines
from people.models import Person
from people.queries import on_call_by_schedule
from rooms.slack import blocks
from rooms.slack.blocks import Markup, Message
from rooms.slack.visibility import incidents_in_slack

MOST_LISTED: Final = 20
LATEST: Final = 5


def address_of(incident: Incident) -> str:
    """Return the address of the incident's room on the web."""
    return f"{settings.PUBLIC_URL}{reverse('incident', args=[incident.number])}"


def listed(person: Person) -> Message:
    """Return the open incidents that this person may see and that may appear in Slack, worst first."""
    open_ones = incidents_in_slack(person).filter(status__in=Incident.OPEN)
    found = list(
        open_ones.select_related("service", "slack_channel")
        .prefetch_related(held_roles())
        .order_by("severity", "-opened_at")[: MOST_LISTED + 1]
    )
    if not found:
        return blocks.message(_("No incident is open."))
    rolls = roll_counts(found)
    parts = [blocks.section(one_line(incident, roll=rolls.get(incident.pk))) for incident in found[:MOST_LISTED]]
    if len(found) > MOST_LISTED:
        parts.append(blocks.context(blocks.link(f"{settings.PUBLIC_URL}{reverse('incidents')}", _("All of them"))))
    return blocks.message(
        _("%(count)d open: %(worst)s") % {"count": open_ones.count(), "worst": found[0].headline}, parts
    )


def one_line(incident: Incident, *, roll: RollCount | None) -> Markup:
    """Return an incident as a line: headline, status, command, muster, channel. Expects `held_roles`."""
    held = getattr(incident, "held", [])
    commander = next((each.person.name for each in held if each.role == "commander"), "")
    channel = getattr(incident, "slack_channel", None)
    facts = [
        incident.get_status_display(),
        _("command: %(name)s") % {"name": commander} if commander else _("nobody has command"),
        _("%(confirmed)d of %(needed)d confirmed") % {"confirmed": roll.confirmed, "needed": roll.needed}
        if roll is not None
        else "",
    ]
    where = f"<#{channel.channel_id}>" if channel is not None and channel.state == "open" else ""
    return blocks.lines(
        [
            blocks.link(address_of(incident), incident.headline),
            blocks.joined(*(blocks.escape(fact) for fact in facts if fact), where, by=" · "),
        ]
    )


def status_of(incident: Incident) -> Message:
    """Return how one incident stands, with the latest that happened."""
    board, commander = muster_board(incident), commander_of(incident)
    facts = [
        _("Status: %(status)s") % {"status": incident.get_status_display()},
        _("Command: %(name)s") % {"name": commander.name} if commander else _("Nobody has command."),
        _("Muster: %(confirmed)d of %(needed)d confirmed") % {"confirmed": board.confirmed, "needed": board.needed}
        if board.state != "none"
        else "",
    ]
    latest = newest_lines(incident, limit=LATEST, headlines_only=True)
    happened = [blocks.joined(blocks.moment(line.at), blocks.escape(line.sentence, most=300)) for line in latest]
    parts = [
        blocks.section(blocks.link(address_of(incident), incident.headline)),
        blocks.section(blocks.escape("\n".join(fact for fact in facts if fact))),
    ]
    if happened:
        parts.append(blocks.section(blocks.lines(happened)))
    return blocks.message(f"{incident.headline}: {incident.get_status_display()}", parts)


def on_call(now: datetime) -> Message:
    """Return whom each schedule names now."""
    rows = [(schedule.name, [person.name for person in people]) for schedule, people in on_call_by_schedule(now)]
    if not rows:
        return blocks.message(_("There is no schedule."))
    return blocks.message(_("Who is on call"), [blocks.section(on_call_lines(rows))])


def on_call_lines(rows: Sequence[tuple[str, Sequence[str]]]) -> Markup:
    """Return schedules with their people as lines."""
    return blocks.lines(
        blocks.joined(blocks.bold(name, most=100), blocks.escape(", ".join(people) or _("nobody"), most=300))
        for name, people in rows
    )


def help_about(nonsense: str = "") -> Message:
    """Return what may follow /incident."""
    usages = (
        ("/incident", _("declare an incident")),
        ("/incident list", _("what is open")),
        ("/incident status 1042", _("how one incident stands; in its channel without the number")),
        ("/incident ack 1042", _("acknowledge its pages that wait for you; in its channel without the number")),
        ("/incident oncall", _("who is on call now")),
        ("/incident page @person what it is about", _("call somebody; in an incident's channel, to it")),
    )
    lines = [f"`{usage}`  {blocks.escape(what)}" for usage, what in usages]
    first = _("“%(typed)s” means nothing here.") % {"typed": blocks.clip(nonsense, 60)} if nonsense else ""
    text = first or _("What may follow /incident")
    return blocks.message(text, [blocks.section(blocks.lines([blocks.escape(text), *lines]))])
