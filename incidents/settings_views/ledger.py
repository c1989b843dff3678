"""`/ledger/`: what was done, by whom, when, chain by chain; and whether it is as it was written."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.models import Incident
from incidents.timeline import sentence_of
from ledger import anchor_files
from ledger.models import AnchorFolder, Entry, Head
from ledger.operations.verify import verify
from ledger.queries import entries
from people.doors import signed_in
from people.models import Person
from people.permissions import AUDIT
from web.errors import BadInput

PER_PAGE: Final = 50
NEWEST_INCIDENTS: Final = 30


@require_safe
@signed_in(AUDIT)
def ledger(request: HttpRequest, person: Person) -> HttpResponse:  # noqa: ARG001  (the door's shape)
    """List the chains, or show one, newest entries first; `subject` may also be an incident's number."""
    subject = _subject(request.GET.get("subject", "").strip())
    head = Head.objects.filter(pk=subject).first() if subject else None
    context: dict[str, Any] = {"subject": subject, "head": head, "name": _name(subject)}
    if head is None:
        context |= {"settings_chains": _settings_chains(), "incidents": Incident.objects.all()[:NEWEST_INCIDENTS]}
        return render(request, "incidents/settings/ledger.html", context)
    before = request.GET.get("before", "")
    end = min(int(before), head.seq + 1) if before.isascii() and before.isdigit() and len(before) < 10 else head.seq + 1
    start = max(end - 1 - PER_PAGE, 0)
    found = entries(subject, after_seq=start, limit=end - 1 - start)
    older = f"?{urlencode({'subject': subject, 'before': start + 1})}" if start else ""
    context |= {
        "rows": [(entry, sentence_of(entry), _payload(entry)) for entry in reversed(found)],
        "older": older,
        "newer": f"?{urlencode({'subject': subject})}" if end <= head.seq else "",
    }
    return render(request, "incidents/settings/chain.html", context)


@require_POST
@signed_in(AUDIT)
def ledger_verify(request: HttpRequest, person: Person) -> HttpResponse:  # noqa: ARG001  (the door's shape)
    """Check one chain entry by entry, and against the anchors that this host keeps. Reads only."""
    subject = request.POST.get("subject", "")
    if not Head.objects.filter(pk=subject).exists():
        raise BadInput(_("There is no such chain."))
    anchored = AnchorFolder.objects.exists() and anchor_files.folder_id(settings.LEDGER_ANCHOR_DIR) != ""
    found = verify(anchors=[settings.LEDGER_ANCHOR_DIR] if anchored else [], subject=subject)
    if found.broken is not None:
        sentence = _("Broken at entry {seq}: {reason}. Tell the auditor; do not change anything.")
        messages.error(request, sentence.format(seq=found.broken.seq, reason=found.broken.reason))
    elif anchored:
        sentence = _("Verified: every entry is as it was written, and all {anchors} anchored heads are in the chain.")
        messages.success(request, sentence.format(anchors=found.anchors))
    else:
        sentence = _("Verified: every entry follows the one before. This host keeps no anchors to compare with.")
        messages.success(request, sentence)
    return HttpResponseRedirect(f"{reverse('ledger')}?{urlencode({'subject': subject})}")


def _subject(text: str) -> str:
    """Return the chain that somebody means: a subject as it is, or the incident of a number."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        incident = Incident.objects.filter(number=int(text)).first()
        return incident.subject if incident else text
    return text


def _name(subject: str) -> str:
    """Return what people call a chain."""
    kind, _separator, id_ = subject.partition(":")
    if kind == "incident":
        try:
            incident = Incident.objects.filter(pk=UUID(id_)).first()
        except ValueError:
            incident = None
        return f"{incident.number} {incident.title}" if incident else subject
    if kind == "settings":
        return _("Settings: {area}").format(area=id_)
    return subject


def _settings_chains() -> list[tuple[Head, str]]:
    heads = Head.objects.filter(subject__startswith="settings:").order_by("subject")
    return [(head, _name(head.subject)) for head in heads]


def _payload(entry: Entry) -> str:
    """Return what belongs to an entry as readable JSON; "" for nothing."""
    return json.dumps(entry.payload, indent=2, ensure_ascii=False) if entry.payload else ""
