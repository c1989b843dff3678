"""`/status-pages/customers/import/`: files of customers and servers in, and out again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engine import clock
from ledger.operations.append import append
from people.actors import actor_for
from people.doors import signed_in
from people.editing import add_refusal
from people.models import Person
from people.permissions import ADMINISTER
from statuspage.customers.columns import COLUMNS
from statuspage.customers.export import customer_lines, server_lines
from statuspage.customers.forms import ImportForm
from statuspage.customers.operations.import_rows import UnfitFile
from statuspage.customers.operations.upload import confirm_import, drop_import, receive_import, run_import
from statuspage.customers.queries import imports_lately, pages_offered
from statuspage.models import CustomerImport
from web.errors import BadInput, NotFound

AT_ONCE_BYTES: Final = 1_000_000
"""Some 15,000 lines, which take less than 5 s here; what is larger is read by the engine, with a progress bar."""
EXPORTS: Final = {"customers": customer_lines, "servers": server_lines}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def status_import(request: HttpRequest, person: Person) -> HttpResponse:
    """Take a file; a small one is read at once."""
    form = ImportForm(request.POST or None, request.FILES or None)
    faults: list[tuple[int, str]] = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            with transaction.atomic():
                row = receive_import(
                    page=form.cleaned_data["page"],
                    chunks=file.chunks(),
                    file_name=file.name or "",
                    replace=form.cleaned_data["replace"],
                    person=person,
                    now=clock.now(),
                )
        except UnfitFile as refusal:
            faults = [(fault.line, fault.sentence) for fault in refusal.faults]
        except BadInput as refusal:
            add_refusal(form, refusal)
        else:
            if file.size <= AT_ONCE_BYTES:
                run_import(import_id=row.pk, now=clock.now())
            return HttpResponseRedirect(reverse("status_imported", args=[row.pk]))
    context = {
        "form": form,
        "faults": faults,
        "kinds": [(kind.label, columns) for kind, columns in COLUMNS.items()],
        "lately": imports_lately(),
    }
    refused = bool(form.errors or faults)
    return render(request, "statuspage/customers/import.html", context, status=422 if refused else 200)


@require_safe
@signed_in(ADMINISTER)
def status_imported(request: HttpRequest, person: Person, import_id: str) -> HttpResponse:  # noqa: ARG001
    """Show how far a file is, what was wrong with it, what it would do, or what it did."""
    row = (
        CustomerImport.objects.select_related("page", "by").defer("content", "page__logo").filter(pk=import_id).first()
    )
    if row is None:
        raise NotFound(_("There is no such import."))
    context = {"row": row, "counts": _in_words(row.counts), "removes": _removes(row.counts)}
    return render(request, "statuspage/customers/imported.html", context)


@require_POST
@signed_in(ADMINISTER)
def status_import_decide(request: HttpRequest, person: Person, import_id: str) -> HttpResponse:  # noqa: ARG001
    """Let a file that removes something be written, or drop it."""
    now = clock.now()
    if request.POST.get("move") == "drop":
        with transaction.atomic():
            drop_import(import_id=import_id, now=now)
    else:
        with transaction.atomic():
            row = confirm_import(import_id=import_id, now=now)
        if len(row.content) <= AT_ONCE_BYTES // 4:  # it is kept compressed
            run_import(import_id=import_id, now=clock.now())
    return HttpResponseRedirect(reverse("status_imported", args=[import_id]))


@require_POST
@signed_in(ADMINISTER)
def status_export(request: HttpRequest, person: Person) -> HttpResponse:
    """Hand out a page's customers or servers as a file; that they left is in the ledger."""
    page, what = pages_offered().filter(pk=request.POST.get("page", "")).first(), request.POST.get("what", "")
    if page is None or what not in EXPORTS:
        raise BadInput(_("Say whose file you want: a page's customers or servers."))
    now = clock.now()
    with transaction.atomic():
        append(subject=page.subject, verb=f"status.{what}_exported", by=actor_for(person, via="web"), now=now)
    lines: Iterator[bytes] = EXPORTS[what](page)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{what}-{now:%Y-%m-%d}.csv"'
    return cast(HttpResponse, response)  # the doors speak of answers of any kind


def _removes(counts: dict[str, int]) -> bool:
    return any(count for name, count in counts.items() if name.endswith("_removed"))


def _in_words(counts: dict[str, int]) -> list[str]:
    """Return each count that is not zero as a few words."""
    say = {
        "customers_new": lambda n: ngettext("%(n)s new customer", "%(n)s new customers", n),
        "customers_changed": lambda n: ngettext("%(n)s changed customer", "%(n)s changed customers", n),
        "customers_removed": lambda n: ngettext("%(n)s removed customer", "%(n)s removed customers", n),
        "assets_new": lambda n: ngettext("%(n)s new asset", "%(n)s new assets", n),
        "assets_changed": lambda n: ngettext("%(n)s moved asset", "%(n)s moved assets", n),
        "assets_removed": lambda n: ngettext("%(n)s removed asset", "%(n)s removed assets", n),
        "servers_new": lambda n: ngettext("%(n)s new server", "%(n)s new servers", n),
        "servers_linked": lambda n: ngettext("%(n)s server's components set", "%(n)s servers' components set", n),
        "servers_removed": lambda n: ngettext("%(n)s server put away", "%(n)s servers put away", n),
        "subscribed": lambda n: ngettext("%(n)s new subscription", "%(n)s new subscriptions", n),
        "unsubscribed": lambda n: ngettext("%(n)s ended subscription", "%(n)s ended subscriptions", n),
    }
    return [say[name](count) % {"n": f"{count:,}"} for name, count in counts.items() if count and name in say]
