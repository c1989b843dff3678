"""What stands in somebody's Home tab."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from eap.models import Run, RunStep
from eap.run_queries import my_steps, open_approvals
from incidents.board import roll_counts
from incidents.models import Incident
from incidents.queries import held_roles
from notifications.queries import waiting_once
from notifications.questions import questions
from notifications.registry import subjects
from people.models import Person
from people.permissions import DECLARE, READ, may
from people.queries import on_call_by_schedule
from rooms.slack import blocks
from rooms.slack.asking.answers import on_call_lines, one_line
from rooms.slack.blocks import Block, Markup
from rooms.slack.people import offer
from rooms.slack.visibility import incidents_in_slack, pages_in_slack

MOST: Final = 10
"""Rows of one part; the others are on the web."""


def home_of(person: Person, *, now: datetime) -> Block:
    """Return the Home tab of one person in their language; it holds nothing that time alone would change."""
    with translation.override(person.language):
        parts = [*_head(person), *_pages(person, now=now), *_tasks(person)]
        if may(person, READ):
            parts += [*_incidents(person), *_on_call(now)]
        more = blocks.link(settings.PUBLIC_URL, _("Everything is in Muster"))
        return blocks.home(parts, more=more)


def home_of_stranger(*, team_id: str, user_id: str) -> Block:
    """Return the Home tab of somebody whom Muster does not know: the way to become known, and nothing else."""
    return blocks.home(offer(team_id=team_id, user_id=user_id)["blocks"])


def _head(person: Person) -> list[Block]:
    buttons = [blocks.button(_("Open Muster"), "home:open", url=f"{settings.PUBLIC_URL}/")]
    if may(person, DECLARE):
        buttons.insert(0, blocks.button(_("Declare an incident"), "home:declare", style="danger"))
    return [blocks.actions(*buttons)]


def _pages(person: Person, *, now: datetime) -> list[Block]:
    """Return the pages that wait, with their buttons; of those whose words must not appear here only how many."""
    waiting = waiting_once(person)
    if not waiting:
        return [_title(_("My pages")), blocks.section(blocks.escape(_("No page waits for you.")))]
    here = pages_in_slack(waiting, person)[:MOST]
    parts = [_title(_("My pages"))]
    for page in here:
        words = subjects.words_of(page)
        value = str(page.pk)
        buttons = [
            blocks.button(_("Acknowledge"), "waiting:acknowledge", value=value, style="primary"),
            blocks.button(_("Escalate"), "waiting:escalate", value=value),
            blocks.button(_("I can't"), "waiting:decline", value=value),
        ]
        parts.append(blocks.section(blocks.link(f"{settings.PUBLIC_URL}{words.path}", words.title)))
        asked = questions.ask_if_possible(subject=page.subject, page_id=page.pk, person=person, now=now)
        if asked is not None and not asked.refused:
            parts.append(blocks.section(blocks.escape(asked.text)))
            value = f"{page.pk}|{asked.seal}"
            buttons = [
                blocks.button(_("Approve"), "question:approve", value=value, style="primary"),
                blocks.button(_("Deny"), "question:deny", value=value, style="danger"),
                *buttons[1:],
            ]
        parts.append(blocks.actions(*buttons, block_id=f"page:{page.pk}"))
    return [*parts, *_others(len(waiting) - len(here), reverse("my_pages"))]


def _tasks(person: Person) -> list[Block]:
    steps = [step for step in my_steps(person)[: 4 * MOST] if _may_appear(step)]
    asked = [step for step in open_approvals(person)[: 4 * MOST] if _may_appear(step)]
    if not steps and not asked:
        return []
    lines = [_step(step, _("Your yes or no: %(title)s")) for step in asked[:MOST]]
    lines += [_step(step, "%(title)s") for step in steps[:MOST]]
    return [_title(_("My tasks")), blocks.section(blocks.lines(lines))]


def _incidents(person: Person) -> list[Block]:
    open_ones = incidents_in_slack(person).filter(status__in=Incident.OPEN)
    found = list(
        open_ones.select_related("slack_channel")
        .prefetch_related(held_roles())
        .order_by("severity", "-opened_at")[: MOST + 1]
    )
    rolls = roll_counts(found)
    parts: list[Block] = [blocks.section(one_line(each, roll=rolls.get(each.pk))) for each in found[:MOST]]
    if not parts:
        parts = [blocks.section(blocks.escape(_("No incident is open.")))]
    rest = open_ones.count() - MOST if len(found) > MOST else 0
    return [_title(_("Open incidents")), *parts, *_others(rest, reverse("incidents"))]


def _on_call(now: datetime) -> list[Block]:
    rows = [(schedule.name, [person.name for person in people]) for schedule, people in on_call_by_schedule(now)]
    if not rows:
        return []
    return [_title(_("On call")), blocks.section(on_call_lines(rows[: 2 * MOST]))]


def _may_appear(step: RunStep) -> bool:
    # A plan of a private incident says what the incident is about, whoever has its step.
    return step.run.incident is None or not step.run.incident.private


def _step(step: RunStep, words: str) -> Markup:
    address = f"{settings.PUBLIC_URL}{reverse('run', args=[step.run_id])}"
    due = blocks.joined(blocks.escape(_("due")), blocks.moment(step.due_at)) if step.due_at else ""
    run: Run = step.run
    return blocks.joined(
        blocks.link(address, words % {"title": step.title}, most=200), blocks.escape(run.title, most=100), due, by=" · "
    )


def _others(count: int, path: str) -> Sequence[Block]:
    if count <= 0:
        return []
    return [
        blocks.context(blocks.link(f"{settings.PUBLIC_URL}{path}", _("%(count)d more in Muster") % {"count": count}))
    ]


def _title(text: str) -> Block:
    return blocks.header(text)
