"""How the ledger of a reset reads to people, on its own page and in the incident's timeline: verbs "reset.…"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.sentences import Said, Saying

PHASES: Final = {
    "seal": gettext_lazy("seal the old hashes"),
    "disable": gettext_lazy("disable"),
    "lock": gettext_lazy("lock the passwords"),
    "rotate": gettext_lazy("rotate the passwords"),
    "revoke": gettext_lazy("revoke sessions and keys"),
    "verify": gettext_lazy("verify"),
    "enable": gettext_lazy("re-enable"),
}


def _facts(said: Said) -> dict[str, str]:
    counts = {name: f"{said.payload.get(name) or 0:,}" for name in ("applied", "unchanged", "skipped", "missed")}
    return {
        "who": said.who,
        "reset": f"{_('EXERCISE: ') if said.payload.get('drill') else ''}{said.get('title')}",
        "phase": str(PHASES.get(said.get("phase"), said.get("phase"))),
        "sentence": said.get("sentence"),
        "wave": said.get("wave"),
        "through": said.get("through"),
        "accounts": f"{said.payload.get('accounts') or 0:,}",
        "host": said.get("host") or said.get("system"),
        "way": said.way(),
        **counts,
    }


def _say(text: str) -> Callable[[Said], str]:
    """Return a sentence with its facts put in; the text is translated when it is read."""
    return lambda said: (_(text) % _facts(said)).strip()


def _verified(said: Said) -> str:
    counts = {name: f"{said.payload.get(name) or 0:,}" for name in ("looked_at", "failed", "untried")}
    if not said.payload.get("failed"):
        return _("%(looked_at)s accounts were looked at; all are as they should be") % counts
    return _("%(looked_at)s accounts were looked at; %(failed)s checks do not hold") % counts


RESET: Final[Mapping[str, Saying]] = {
    "reset.created": Saying(icon="plus", say=_say("%(who)s prepared “%(reset)s”%(way)s"), tone="calm"),
    "reset.excluded": Saying(
        icon="edit", say=_say("%(who)s put %(accounts)s accounts on the list of those left alone")
    ),
    "reset.included": Saying(
        icon="edit", say=_say("%(who)s took %(accounts)s accounts off the list of those left alone")
    ),
    "reset.exclusions_approved": Saying(
        icon="check", say=_say("%(who)s approved the list of %(accounts)s accounts that are left alone"), tone="calm"
    ),
    "reset.frozen": Saying(icon="lock", say=_say("“%(reset)s” was frozen to %(accounts)s accounts"), tone="calm"),
    "reset.verified": Saying(icon="search", say=_verified, tone="calm"),
    "reset.seals_doomed": Saying(
        icon="edit", say=_say("%(who)s asked that the sealed hashes be destroyed"), tone="watch"
    ),
    "reset.seals_destroyed": Saying(
        icon="check", say=_say("%(who)s destroyed the sealed hashes of %(accounts)s accounts%(way)s"), tone="ok"
    ),
    "reset.exported": Saying(icon="download", say=_say("%(who)s took a file of what became of each account%(way)s")),
    "reset.reported": Saying(icon="note", say=_say("The report of “%(reset)s” was made"), tone="ok"),
    "reset.released": Saying(
        icon="play", say=_say("%(who)s had “%(reset)s” begin%(way)s: %(phase)s, through wave %(through)s"), tone="calm"
    ),
    "reset.gate_opened": Saying(icon="check", say=_say("%(who)s opened the gate of wave %(wave)s: %(phase)s")),
    "reset.wave_opened": Saying(icon="play", say=_say("Wave %(wave)s began, %(accounts)s accounts: %(phase)s")),
    "reset.wave_done": Saying(
        icon="check", say=_say("Wave %(wave)s is done: %(phase)s; %(missed)s missed, %(skipped)s left alone")
    ),
    "reset.phase_done": Saying(
        icon="check",
        say=_say(
            "“%(reset)s”, %(phase)s: %(applied)s done, %(unchanged)s already so, %(skipped)s left alone, "
            "%(missed)s missed"
        ),
        tone="ok",
    ),
    "reset.held": Saying(icon="warn", say=_say("“%(reset)s” holds, %(phase)s: %(sentence)s"), tone="bad"),
    "reset.paused": Saying(icon="pause", say=_say("%(who)s paused “%(reset)s”"), tone="watch"),
    "reset.resumed": Saying(icon="play", say=_say("%(who)s went on with “%(reset)s”"), tone="calm"),
    "reset.aborted": Saying(
        icon="stop", say=_say("%(who)s aborted “%(reset)s”%(way)s; what is disabled stays disabled"), tone="bad"
    ),
    "reset.retried": Saying(
        icon="refresh", say=_say("%(who)s had %(accounts)s accounts tried again: %(phase)s"), tone="calm"
    ),
    "reset.given_up": Saying(
        icon="warn", say=_say("%(who)s gave up on %(host)s, %(accounts)s accounts: %(phase)s"), tone="watch"
    ),
    "reset.closed": Saying(icon="check", say=_say("%(who)s closed “%(reset)s”"), tone="ok"),
}
