"""A status page itself: what it is, how it looks, its secret link; and its components as staff see them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engine import clock
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, add_refusal, edit
from people.models import Person
from people.permissions import ADMINISTER, READ
from statuspage.addresses import public_address
from statuspage.doors import access_page
from statuspage.forms_page import LogoForm, PageForm
from statuspage.models import StatusPage
from statuspage.operations.change_page import (
    PageDraft,
    add_page,
    archive_page,
    change_page,
    restore_page,
    rotate_link,
    set_logo,
)
from web.errors import BadInput, NotFound

FORM: str = "statuspage/staff/page_form.html"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def status_page_add(request: HttpRequest, person: Person) -> HttpResponse:
    """Make a page."""
    form = PageForm(request.POST or None)

    def save(given: dict[str, Any]) -> str:
        page = add_page(draft=PageDraft(**given), by=actor_for(person, via="web"), now=clock.now())
        return reverse("status_components", args=[page.pk])

    editor = Editor(
        title=_("New status page"),
        intro=_("What customers of one audience read. Its components come next."),
        back=reverse("status_pages"),
        said=_("The page is made. Give it its components."),
        template=FORM,
    )
    return edit(request, form, editor, save=save)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def status_page_edit(request: HttpRequest, person: Person, status_page_id: str) -> HttpResponse:
    """Change what a page is and how it looks."""
    page = access_page(status_page_id)
    return _editor(request, person, page, LogoForm())


def _editor(request: HttpRequest, person: Person, page: StatusPage, logo_form: LogoForm) -> HttpResponse:
    ours = request.method == "POST" and not logo_form.is_bound
    form = PageForm(request.POST if ours else None, page=page)

    def save(given: dict[str, Any]) -> None:
        change_page(page_id=page.pk, draft=PageDraft(**given), by=actor_for(person, via="web"), now=clock.now())

    editor = Editor(
        title=page.name,
        intro=_("What is changed here is published within seconds."),
        back=reverse("status_pages"),
        said=_("The page is saved and on its way out."),
        template=FORM,
        more={"page": page, "address": public_address(page), "logo_form": logo_form, "has_logo": bool(page.logo_type)},
    )
    response = edit(request, form, editor, save=save)
    if logo_form.is_bound:
        response.status_code = 422
    return response


@require_POST
@signed_in(ADMINISTER)
def status_page_logo(request: HttpRequest, person: Person, status_page_id: str) -> HttpResponse:
    """Take a logo, or take it away; a picture that is refused is said beside its field."""
    page, by = access_page(status_page_id), actor_for(person, via="web")
    if "remove" in request.POST:
        with transaction.atomic():
            set_logo(page_id=page.pk, body=None, by=by, now=clock.now())
        messages.success(request, _("The logo is gone."))
        return HttpResponseRedirect(reverse("status_page_edit", args=[page.pk]))
    form = LogoForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            with transaction.atomic():
                set_logo(page_id=page.pk, body=form.cleaned_data["logo"].read(), by=by, now=clock.now())
        except BadInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The logo is on its way out."))
            return HttpResponseRedirect(reverse("status_page_edit", args=[page.pk]))
    return _editor(request, person, page, form)


@require_safe
@signed_in(READ)
def status_page_picture(request: HttpRequest, person: Person, status_page_id: str) -> HttpResponse:  # noqa: ARG001  (the door's shape)
    """Return the logo as it is published."""
    page = StatusPage.objects.filter(pk=status_page_id).first()
    if page is None:
        raise NotFound(_("There is no such status page."))
    if not page.logo:
        return HttpResponse(status=204)
    return HttpResponse(bytes(page.logo), content_type=page.logo_type)


@require_POST
@signed_in(ADMINISTER)
def status_page_rotate(request: HttpRequest, person: Person, status_page_id: str) -> HttpResponse:
    """Give a secret-link page a new link."""
    with transaction.atomic():
        rotate_link(page_id=status_page_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("The page has a new link; the old one leads nowhere within a minute."))
    return HttpResponseRedirect(reverse("status_page_edit", args=[status_page_id]))


@require_POST
@signed_in(ADMINISTER)
def status_page_archive(request: HttpRequest, person: Person, status_page_id: str) -> HttpResponse:
    """Put a page away; the way back is one button on the page it leads to."""
    with transaction.atomic():
        page = archive_page(page_id=status_page_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("“{name}” is no longer published. Its history is kept.").format(name=page.name))
    return HttpResponseRedirect(reverse("status_pages"))


@require_POST
@signed_in(ADMINISTER)
def status_page_restore(request: HttpRequest, person: Person, status_page_id: str) -> HttpResponse:
    """Publish an archived page again."""
    with transaction.atomic():
        page = restore_page(page_id=status_page_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("“{name}” is published again.").format(name=page.name))
    return HttpResponseRedirect(reverse("status_pages"))
