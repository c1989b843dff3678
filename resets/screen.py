"""A reset as its page shows it: what waits for the reader, each phase with its figures, the notices beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from people.models import Person
from people.permissions import RUN_PLAN, may
from resets.chart import pace
from resets.models import Exclusion, Notice, Phase, Reset, SealDestruction, Wave
from resets.notices.queries import RoundFigures
from resets.queries import Counts, HostProgress, PhaseProgress

STATES: Final[Mapping[str, tuple[str, str]]] = {
    "draft": ("quiet", "edit"),
    "frozen": ("calm", "lock"),
    "running": ("calm", "play"),
    "paused": ("watch", "pause"),
    "done": ("ok", "check"),
    "aborted": ("bad", "stop"),
}
PHASE_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "waiting": ("quiet", "hourglass"),
    "running": ("calm", "play"),
    "held": ("bad", "warn"),
    "done": ("ok", "check"),
}
NOTICE_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "draft": ("quiet", "edit"),
    "approved": ("calm", "check"),
    "sending": ("calm", "play"),
    "paused": ("watch", "pause"),
    "done": ("ok", "check"),
    "cancelled": ("quiet", "stop"),
}
WAVES: Final[tuple[str | Promise, ...]] = (
    gettext_lazy("Canary"),
    gettext_lazy("First hundred"),
    gettext_lazy("One percent"),
    gettext_lazy("Ten percent"),
    gettext_lazy("The rest"),
)
HOSTS_SHOWN: Final = 60


@dataclass(frozen=True)
class WaveRow:
    """A wave of a phase: its name, figures, and how it stands."""

    wave: Wave
    name: str
    counts: Counts
    kind: str
    icon: str
    word: str


@dataclass(frozen=True)
class PhaseRow:
    """A phase as the page shows it; `text` says how far, how fast and how long still."""

    progress: PhaseProgress
    kind: str
    icon: str
    text: str
    waves: list[WaveRow]
    hosts: list[HostProgress]
    more_hosts: int

    @property
    def phase(self) -> Phase:
        """Return the phase itself."""
        return self.progress.phase


@dataclass(frozen=True)
class Gate:
    """A wave that waits for a second person."""

    wave: Wave
    title: str
    text: str
    may_open: bool


def rows(found: list[PhaseProgress]) -> list[PhaseRow]:
    """Return the phases in the order of their beginning; hosts with trouble first, then those with most left."""
    return [_row(each) for each in found]


def _row(each: PhaseProgress) -> PhaseRow:
    kind, icon = PHASE_STATES[each.phase.state]
    hosts = sorted(each.hosts, key=lambda host: (not host.is_away, -host.counts.missed, -host.counts.left, host.host))
    return PhaseRow(
        progress=each,
        kind=kind,
        icon=icon,
        text=how_far(each),
        waves=[_wave(one.wave, one.counts, one.gate) for one in each.waves],
        hosts=hosts[:HOSTS_SHOWN],
        more_hosts=max(0, len(hosts) - HOSTS_SHOWN),
    )


def how_far(each: PhaseProgress) -> str:
    """Return the figures in words: "1,180,000 of 1,200,000 · 23,400 a second · 1 s left · 12 missed"."""
    counts = each.counts
    parts = [_("%(done)s of %(all)s") % {"done": f"{counts.accounts - counts.left:,}", "all": f"{counts.accounts:,}"}]
    if each.rate_per_s:
        parts.append(_("%(rate)s a second") % {"rate": pace(each.rate_per_s)})
    if each.eta_s and counts.left:
        parts.append(_("%(time)s left") % {"time": span(each.eta_s)})
    if counts.skipped:
        parts.append(_("%(count)s skipped") % {"count": f"{counts.skipped:,}"})
    if counts.missed:
        parts.append(_("%(count)s missed") % {"count": f"{counts.missed:,}"})
    return " · ".join(parts)


def span(seconds: float) -> str:
    """Return a length of time as people say it: "40 s", "12 min", "3 h 10 min"."""
    whole = max(1, round(seconds))
    if whole < 90:
        return _("%(seconds)d s") % {"seconds": whole}
    minutes = round(whole / 60)
    if minutes < 90:
        return _("%(minutes)d min") % {"minutes": minutes}
    return _("%(hours)d h %(minutes)d min") % {"hours": minutes // 60, "minutes": minutes % 60}


def _wave(wave: Wave, counts: Counts, gate: str) -> WaveRow:
    if wave.state == Wave.State.DONE:
        shown = ("ok", "check", _("Done"))
    elif wave.state == Wave.State.OPEN:
        shown = ("calm", "play", _("Under way"))
    elif wave.wanted and gate == "shut":
        shown = ("watch", "decide", _("Waits for a second person"))
    elif wave.wanted:
        shown = ("quiet", "hourglass", _("Next"))
    else:
        shown = ("quiet", "hourglass", _("Not asked for"))
    return WaveRow(wave, str(WAVES[wave.number]), counts, *shown)


def gates(found: list[PhaseProgress], reset: Reset, person: Person) -> list[Gate]:
    """Return the waves that a second person has to open now: the first shut one of each phase under way."""
    if reset.state not in (Reset.State.RUNNING, Reset.State.FROZEN, Reset.State.PAUSED):
        return []
    waiting = []
    for each in found:
        for one in each.waves:
            if one.wave.state == Wave.State.DONE:
                continue
            if one.wave.state == Wave.State.CLOSED and one.wave.wanted and one.gate == "shut":
                waiting.append(_gate(each, one.wave, one.counts.accounts or one.wave.accounts, reset, person))
            break
    return waiting


def _gate(each: PhaseProgress, wave: Wave, accounts: int, reset: Reset, person: Person) -> Gate:
    done = each.counts.accounts - each.counts.left
    text = ngettext(
        "%(accounts)s account comes next; of %(done)s so far %(missed)s were missed.",
        "%(accounts)s accounts come next; of %(done)s so far %(missed)s were missed.",
        accounts,
    ) % {"accounts": f"{accounts:,}", "done": f"{done:,}", "missed": f"{each.counts.missed:,}"}
    title = _("%(phase)s: open wave %(wave)d, “%(name)s”?") % {
        "phase": each.phase.get_name_display(),
        "wave": wave.number,
        "name": WAVES[wave.number],
    }
    return Gate(wave, title, text, may(person, RUN_PLAN) and person.pk != reset.created_by_id)


@dataclass(frozen=True)
class Waiting:
    """What waits for a person on a reset's page, beside the gates."""

    exclusions: int
    notices: list[Notice]
    seals: SealDestruction | None


def waiting(reset: Reset, rounds: list[RoundFigures]) -> Waiting:
    """Return the lists, notices and requests that nobody has approved yet."""
    open_list = Exclusion.objects.filter(reset=reset, approved_at=None).count() if reset.state == "draft" else 0
    asked = SealDestruction.objects.filter(reset=reset, done_at=None).select_related("asked_by").first()
    return Waiting(open_list, [each.notice for each in rounds if each.notice.state == "draft"], asked)
