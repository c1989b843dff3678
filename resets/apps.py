"""Mass credential resets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.http import HttpRequest

    from eap.belongings import Belonging
    from eap.models import Run
    from incidents.models import Incident
    from people.models import Person


class ResetsConfig(AppConfig):
    """The floor above the plans: it gives them actions, and customers the page on which they set a new password."""

    name = "resets"
    verbose_name = _("Credential resets")

    def ready(self) -> None:
        """Register what the engine does, how the ledger reads, and what people see."""
        _join_engine()
        _join_customers()
        _join_plans()
        _join_screens()


def _join_engine() -> None:
    """Have due work done, and say how it reads."""
    from incidents import sentences
    from resets.duties import register_duties
    from resets.sentences import RESET

    register_duties()
    sentences.register(RESET)


def _join_plans() -> None:
    """Give plans the action that drives a reset, and their runs the way to it."""
    from eap import belongings
    from eap.actions.registry import actions

    belongings.register("resets", _resets_of_run)
    actions.register_place("reset", "resets.actions.reset:ResetAction")


def _join_customers() -> None:
    """Have customers written to, and say how that reads."""
    from incidents import sentences
    from resets.notices import duties as notices
    from resets.notices.sentences import NOTICES
    from resets.self_set import duties as self_set

    notices.register_duties()
    self_set.register_duties()
    sentences.register(NOTICES)


def _join_screens() -> None:
    """Give resets and what they work on their places."""
    from incidents.panels import Panel, panels
    from people import settings_index
    from people.permissions import READ
    from people.settings_index import Entry
    from resets.access import audible_resets
    from web import navigation
    from web.listening import listening_doors
    from web.navigation import Item

    listening_doors.register("reset", audible_resets)
    panels.register(Panel(key="resets", title=_("Credential resets"), order=6, render=_resets_of))
    navigation.register(Item(label=_("Resets"), url_name="resets", icon="shield", order=45, capability=READ))
    settings_index.register(
        Entry(
            label=_("Account systems"),
            text=_("What holds our customers' accounts, for credential resets."),
            url_name="account_systems",
            icon="key",
            group=_("Plans"),
            order=630,
            capability=READ,
        )
    )


def _resets_of(request: HttpRequest, incident: Incident) -> str:
    """Draw the panel, loading what it is made of with the first room that is opened."""
    from resets.panel import resets_of

    return resets_of(request, incident)


def _resets_of_run(run: Run, person: Person) -> list[Belonging]:
    """Find them, loading what it takes with the first run that is opened."""
    from resets.panel import resets_of_run

    return resets_of_run(run, person)
