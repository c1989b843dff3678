"""How the ledger of a run reads to people, on its own page and in the incident's timeline: verbs "run.…"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.utils.translation import gettext as _

from incidents.rules.numbers import in_words
from incidents.sentences import Said, Saying


def _facts(said: Said) -> dict[str, str]:
    title = said.get("title")
    return {
        "who": said.who,
        "plan": f"{_('EXERCISE: ') if said.payload.get('drill') else ''}{said.get('plan')}",
        "step": f"{_('EXERCISE: ') if said.payload.get('drill') else ''}{title}",
        "sentence": said.get("sentence"),
        "person": said.get("person"),
        "way": said.way(),
    }


def _say(text: str) -> Callable[[Said], str]:
    """Return a sentence with its facts put in; the text is translated when it is read."""
    return lambda said: (_(text) % _facts(said)).strip()


def _ended(said: Said) -> str:
    took = said.payload.get("took_s")
    facts = {**_facts(said), "time": in_words(took) if isinstance(took, int) else "?", "outcome": said.get("outcome")}
    match said.get("state"):
        case "done":
            return _("“%(plan)s” is done after %(time)s. %(outcome)s") % facts
        case "failed":
            return _("“%(plan)s” failed after %(time)s. %(outcome)s") % facts
        case _:
            unproved = said.payload.get("stop_confirmed") is False
            text = _("“%(plan)s” was stopped after %(time)s. %(outcome)s") % facts
            return f"{text} {_('Stop not confirmed.')}" if unproved else text


def _voted(said: Said) -> str:
    facts = {**_facts(said), "approved": said.get("approved"), "of": said.get("of")}
    if said.get("answer") == "deny":
        return _("%(who)s said no%(way)s: %(step)s") % facts
    return _("%(who)s approved%(way)s (%(approved)s of %(of)s): %(step)s") % facts


def _chosen(said: Said) -> str:
    return _("%(who)s chose “%(option)s”: %(step)s") % {**_facts(said), "option": said.get("option")}


def _line(said: Said) -> str:
    words = {"yes": _("yes"), "no": _("no"), "na": _("not applicable")}
    facts = {**_facts(said), "answer": words.get(said.get("answer"), ""), "text": said.get("text")}
    return _("%(who)s answered %(answer)s: %(text)s") % {**facts, "who": said.get("initials") or said.who}


def _unanswered(said: Said) -> str:
    facts = {**_facts(said), "before": said.get("from")}
    if not said.get("person"):
        return _("Nobody answered, and nobody is left to be asked: %(step)s") % facts
    return _("%(before)s did not answer; given to %(person)s: %(step)s") % facts


def _stopped(said: Said) -> str:
    if said.payload.get("confirmed") is False:
        return _("“%(step)s” was stopped; stop not confirmed") % _facts(said)
    return _("“%(step)s” was stopped, and it is proved") % _facts(said)


def _of_a_decision(said: Said) -> bool:
    return said.get("kind") in ("decision", "approval")


def _always(_said: Said) -> bool:
    return True


RUN: Final[Mapping[str, Saying]] = {
    "run.started": Saying(icon="play", say=_say("%(who)s started “%(plan)s”%(way)s"), tone="calm"),
    "run.paused": Saying(icon="pause", say=_say("%(who)s paused “%(plan)s”"), tone="watch"),
    "run.resumed": Saying(icon="play", say=_say("%(who)s went on with “%(plan)s”"), tone="calm"),
    "run.stopping": Saying(icon="stop", say=_say("%(who)s stopped “%(plan)s”%(way)s"), tone="watch"),
    "run.ended": Saying(icon="plan", say=_ended, tone="quiet"),
    "run.incident_opened": Saying(icon="warn", say=_say("“%(plan)s” failed; %(who)s opened an incident"), tone="bad"),
    "run.incident_joined": Saying(icon="warn", say=_say("“%(plan)s” failed again"), tone="bad"),
    "run.undo_begun": Saying(icon="undo", say=_say("%(who)s began to take back “%(plan)s”"), tone="watch"),
    "run.inputs_changed": Saying(
        icon="edit", say=_say("%(who)s changed the inputs of “%(plan)s”; approvals are asked for again"), tone="watch"
    ),
    "run.step_ready": Saying(icon="now", say=_say("Unlocked: %(step)s")),
    "run.step_started": Saying(icon="play", say=_say("%(person)s began: %(step)s"), tone="calm"),
    "run.step_done": Saying(icon="check", say=_say("%(step)s: %(sentence)s"), tone="ok", detail=_of_a_decision),
    "run.step_failed": Saying(icon="warn", say=_say("Failed: %(step)s. %(sentence)s"), tone="bad"),
    "run.step_skipped": Saying(icon="right", say=_say("%(who)s skipped: %(step)s"), tone="watch"),
    "run.step_left_out": Saying(icon="right", say=_say("Left out: %(step)s. %(sentence)s"), detail=_always),
    "run.step_unknown": Saying(icon="question", say=_say("Nobody knows what became of: %(step)s"), tone="bad"),
    "run.step_cancelled": Saying(icon="stop", say=_say("Cancelled: %(step)s. %(sentence)s"), detail=_always),
    "run.step_stopped": Saying(icon="stop", say=_stopped, tone="watch"),
    "run.step_reassigned": Saying(icon="handover", say=_say("%(who)s gave it to %(person)s: %(step)s"), tone="calm"),
    "run.step_escalated": Saying(icon="escalate", say=_say("Overdue, given to %(person)s: %(step)s"), tone="watch"),
    "run.step_unanswered": Saying(icon="escalate", say=_unanswered, tone="bad"),
    "run.step_overdue": Saying(icon="late", say=_say("Overdue: %(step)s"), tone="watch"),
    "run.step_added": Saying(icon="plus", say=_say("%(who)s added a step: %(step)s"), tone="calm"),
    "run.step_retried": Saying(icon="refresh", say=_say("%(who)s had it tried again: %(step)s"), tone="calm"),
    "run.step_settled": Saying(icon="check", say=_say("%(who)s settled what was unknown: %(step)s"), tone="watch"),
    "run.step_waits_again": Saying(icon="undo", say=_say("Waits again: %(step)s")),
    "run.approval_void": Saying(icon="undo", say=_say("To be approved again: %(step)s"), tone="watch"),
    "run.gate_reached": Saying(icon="lock", say=_say("The next wave waits for an approval: %(step)s"), tone="watch"),
    "run.chosen": Saying(icon="route", say=_chosen, tone="calm"),
    "run.voted": Saying(icon="check", say=_voted, tone="calm"),
    "run.line_answered": Saying(icon="check", say=_line),
    "run.evidence_added": Saying(icon="note", say=_say("%(who)s added evidence: %(step)s")),
}
