"""Sentences about the roll-call of the leaders: verbs "muster.…"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from incidents.rules.numbers import in_words, listed
from incidents.sentences.saying import Said, Saying


def _tiers(said: Said) -> str:
    tiers = said.payload.get("tiers")
    return listed([str(tier["name"]) for tier in tiers]) if isinstance(tiers, list) else ""


def _started(said: Said) -> str:
    return _("The muster for %(severity)s began: %(tiers)s") % {
        "severity": said.get("severity"),
        "tiers": _tiers(said),
    }


def _widened(said: Said) -> str:
    return _("The muster was widened for %(severity)s: %(tiers)s") % {
        "severity": said.get("severity"),
        "tiers": _tiers(said),
    }


def _facts(said: Said) -> dict[str, str]:
    return {
        "person": said.get("person"),
        "tier": said.get("tier_name"),
        "way": said.way(said.get("via")),
        "other": said.get("stands_in_for"),
    }


def _confirmed(said: Said) -> str:
    if said.get("stands_in_for"):
        return _("%(person)s confirmed%(way)s, stands in for %(other)s") % _facts(said)
    return _("%(person)s confirmed%(way)s for %(tier)s") % _facts(said)


def _declined(said: Said) -> str:
    return _("%(person)s can't; the next in line for %(tier)s") % _facts(said)


def _late(said: Said) -> str:
    return _("%(person)s has not answered in time for %(tier)s") % _facts(said)


def _succeeded(said: Said) -> str:
    return _("%(person)s is succeeded by %(stand_in)s") % {**_facts(said), "stand_in": said.get("stand_in")}


def _tier_complete(said: Said) -> str:
    return _("%(tier)s: complete") % _facts(said)


def _complete(said: Said) -> str:
    took_ms = said.payload.get("time_to_muster_ms")
    took = in_words(took_ms / 1000) if isinstance(took_ms, int) else "?"
    return _("The muster is complete after %(time)s") % {"time": took}


def _exhausted(said: Said) -> str:
    return _("Nobody answered for %(tier)s; all of them and the administrators are being called") % _facts(said)


MUSTER: Final[Mapping[str, Saying]] = {
    "muster.started": Saying(icon="muster", say=_started, tone="calm"),
    "muster.widened": Saying(icon="muster", say=_widened, tone="watch"),
    "muster.confirmed": Saying(icon="check", say=_confirmed, tone="ok"),
    "muster.declined": Saying(icon="cross", say=_declined, tone="watch"),
    "muster.late": Saying(icon="late", say=_late, tone="bad"),
    "muster.succeeded": Saying(icon="handover", say=_succeeded, tone="watch"),
    "muster.tier_complete": Saying(icon="check", say=_tier_complete, tone="ok"),
    "muster.complete": Saying(icon="muster", say=_complete, tone="ok"),
    "muster.exhausted": Saying(icon="warn", say=_exhausted, tone="bad"),
}
