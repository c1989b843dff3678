"""`/secrets/` and `/inventories/`: what automations stand on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eap.forms_automation import HostsFileForm, InventoryForm, SecretForm
from eap.models import Inventory, Secret
from eap.operations.automation.refresh_inventory import refresh_inventory
from eap.operations.automation.save_inventory import fill_inventory, remove_inventory, save_inventory
from eap.operations.automation.save_secret import remove_secret, save_secret
from eap.rules.inventory import read_hosts
from engine import clock
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, edit
from people.models import Person
from people.permissions import ADMINISTER, READ, may
from web.errors import NotFound

HOSTS_A_PAGE = 100


@require_safe
@signed_in(ADMINISTER)
def secrets(request: HttpRequest, person: Person) -> HttpResponse:  # noqa: ARG001 - the door's shape
    """List the secrets by name, without values."""
    return render(request, "eap/automation/secrets.html", {"secrets": Secret.objects.defer("value")})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def secret_edit(request: HttpRequest, person: Person, name: str = "") -> HttpResponse:
    """Keep a new secret, or change one."""
    secret = Secret.objects.defer("value").filter(name=name).first() if name else None
    if name and secret is None:
        raise NotFound(_("There is no such secret."))
    form = SecretForm(request.POST or None, secret=secret)

    def save(given: dict[str, Any]) -> None:
        save_secret(**given, by=actor_for(person, via="web"), now=clock.now())

    editor = Editor(
        title=_("Secret {name}").format(name=name) if name else _("New secret"),
        intro=_("Plans refer to it by name. It is hidden from logs, messages and evidence."),
        back=reverse("secrets"),
        said=_("The secret is kept."),
        remove_url=reverse("secret_remove", args=[name]) if name else "",
        remove_word=_("Remove"),
        remove_text=_("Steps that need it fail from now on. This can't be undone: nobody can read the value again."),
    )
    return edit(request, form, editor, save=save)


@require_POST
@signed_in(ADMINISTER)
def secret_remove(request: HttpRequest, person: Person, name: str) -> HttpResponse:
    """Take a secret away."""
    with transaction.atomic():
        remove_secret(name=name, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("Secret {name} is gone.").format(name=name))
    return HttpResponseRedirect(reverse("secrets"))


@require_safe
@signed_in(READ)
def inventories(request: HttpRequest, person: Person) -> HttpResponse:  # noqa: ARG001 - the door's shape
    """List the inventories with their size, age and trouble."""
    found = Inventory.objects.annotate(
        count=Count("hosts"), for_drills=Count("hosts", filter=Q(hosts__drill=True))
    ).order_by("name")
    return render(request, "eap/automation/inventories.html", {"inventories": found})


@require_http_methods(["GET", "HEAD"])
@signed_in(READ)
def inventory(request: HttpRequest, person: Person, inventory_id: int) -> HttpResponse:
    """Show an inventory's hosts, searched by name or group."""
    found = _inventory(inventory_id)
    words = request.GET.get("q", "").strip()[:100]
    hosts = found.hosts.filter(Q(name__icontains=words) | Q(groups__contains=[words])) if words else found.hosts.all()
    page = Paginator(hosts, HOSTS_A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {"inventory": found, "page": page, "words": words, "form": HostsFileForm()}
    context["may_change"] = may(person, ADMINISTER)
    return render(request, "eap/automation/inventory.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def inventory_edit(request: HttpRequest, person: Person, inventory_id: int | None = None) -> HttpResponse:
    """Make an inventory, or change where it comes from."""
    found = _inventory(inventory_id) if inventory_id is not None else None
    form = InventoryForm(request.POST or None, inventory=found)

    def save(given: dict[str, Any]) -> str:
        saved = save_inventory(**given, inventory_id=inventory_id, by=actor_for(person, via="web"), now=clock.now())
        return reverse("inventory", args=[saved.pk])

    editor = Editor(
        title=_("Inventory {name}").format(name=found.name) if found else _("New inventory"),
        intro=_("Hosts with groups and variables; plans name a group, or inventory:group."),
        back=reverse("inventory", args=[found.pk]) if found else reverse("inventories"),
        said=_("The inventory is saved."),
        remove_url=reverse("inventory_remove", args=[found.pk]) if found else "",
        remove_word=_("Remove"),
        remove_text=_("The inventory and its hosts are removed. Runs under way keep the hosts they began with."),
    )
    return edit(request, form, editor, save=save)


@require_POST
@signed_in(ADMINISTER)
def inventory_fill(request: HttpRequest, person: Person, inventory_id: int) -> HttpResponse:
    """Put a file's hosts in place of the present ones, or fetch them anew."""
    found = _inventory(inventory_id)
    by, now = actor_for(person, via="web"), clock.now()
    if found.source == Inventory.Source.HTTP:
        counts = refresh_inventory(inventory_id=found.pk, by=by, now=now)
    else:
        form = HostsFileForm(request.POST, request.FILES)
        if not form.is_valid():
            messages.error(request, _("Choose a file."))
            return HttpResponseRedirect(reverse("inventory", args=[found.pk]))
        file = form.cleaned_data["file"]
        hosts = read_hosts(file.read(), filename=file.name)
        with transaction.atomic():
            counts = fill_inventory(inventory_id=found.pk, hosts=hosts, by=by, now=now)
    said = _("{added} added, {changed} changed, {removed} removed.").format(**counts)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("inventory", args=[found.pk]))


@require_POST
@signed_in(ADMINISTER)
def inventory_remove(request: HttpRequest, person: Person, inventory_id: int) -> HttpResponse:
    """Take an inventory away."""
    with transaction.atomic():
        remove_inventory(inventory_id=inventory_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("The inventory is gone."))
    return HttpResponseRedirect(reverse("inventories"))


def _inventory(inventory_id: int) -> Inventory:
    found = Inventory.objects.defer("token").filter(pk=inventory_id).first()
    if found is None:
        raise NotFound(_("There is no such inventory."))
    return found
