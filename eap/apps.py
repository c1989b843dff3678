"""Emergency Action Plans: plans, runs, steps, approvals, automation, drills."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


def _later(place: str) -> Callable[..., Any]:
    """Return what calls the function at `place` (module, colon, name), loading it with the first call.

    What documents of plans are made of takes 10 MiB, and most processes never read one.
    """

    def call(*arguments: Any, **named: Any) -> Any:
        module, _colon, name = place.partition(":")
        return getattr(import_module(module), name)(*arguments, **named)

    return call


class EapConfig(AppConfig):
    """The plans' floor."""

    name = "eap"
    verbose_name = _("Plans")

    def ready(self) -> None:
        """Join the house."""
        _join_plans()
        _join_automation()
        _join_runs()
        _join_screens()


def _join_automation() -> None:
    """Register the built-in actions, where their hosts come from, and the settings they stand on."""
    from eap.actions.registry import actions
    from engine.duties import Duty, register
    from people import settings_index
    from people.permissions import ADMINISTER, READ
    from people.settings_index import Entry

    for name, kind in (("check", "Check"), ("http", "Http"), ("script", "Script"), ("ssh", "Ssh")):
        actions.register_place(name, f"eap.actions.{name}:{kind}")
    for name, place in (
        ("webserver-backup", "backup:Backup"),
        ("webserver-restore", "restore:Restore"),
        ("webserver-restore-test", "trial:Trial"),
    ):
        actions.register_place(name, f"eap.actions.webserver.{place}")
    refresh_due = _later("eap.operations.automation.refresh_inventory:refresh_due")
    register(Duty(name="inventories", run=refresh_due, every_s=60.0, budget_s=60.0, late_after_s=600.0))
    plans = _("Plans")
    entries = (
        ("inventories", "server", READ, 610, _("Inventories"), _("The hosts that automations run on.")),
        ("secrets", "key", ADMINISTER, 620, _("Secrets"), _("What automations sign in with.")),
    )
    for url_name, icon, capability, order, label, text in entries:
        entry = Entry(
            label=label, text=text, url_name=url_name, icon=icon, group=plans, order=order, capability=capability
        )
        settings_index.register(entry)


def _join_runs() -> None:
    """Say how messages speak of a run and how its ledger reads, and do what is due for runs."""
    from eap.duties import register_duties
    from eap.sentences import SAYINGS
    from eap.subject import DOOR, KIND
    from incidents import sentences
    from incidents.registry import mergings
    from notifications.questions import QuestionKind, questions
    from notifications.registry import subjects
    from notifications.subject_doors import subject_doors
    from web.listening import listening_doors

    subjects.register(KIND)
    subject_doors.register(DOOR)
    for kind in ("run", "run-log"):
        listening_doors.register(kind, _later("eap.run_queries:audible_runs"))
    questions.register(
        QuestionKind(kind="run", ask=_later("eap.phone_question:ask"), answer=_later("eap.phone_question:answer"))
    )
    sentences.register(SAYINGS)
    mergings.register("eap", _later("eap.operations.runs.follow_merge:follow_merge"))
    register_duties()


def _join_plans() -> None:
    """Give plans their place in the navigation, counting the versions that wait for a second person."""
    from people.permissions import READ
    from web import navigation
    from web.navigation import Item

    navigation.register(
        Item(
            label=_("Plans"),
            url_name="plans",
            icon="plan",
            order=40,
            capability=READ,
            count=_later("eap.plan_queries:waiting_for_me"),
        )
    )


def _join_screens() -> None:
    """Give runs their place in the navigation, counting what waits for the reader, and in an incident's room."""
    from incidents.panels import Panel, panels
    from people.permissions import READ
    from web import navigation
    from web.navigation import Item

    panels.register(Panel(key="plans", title=_("Emergency Action Plans"), order=5, render=_later("eap.panel:plans_of")))
    navigation.register(
        Item(
            label=_("Runs"),
            url_name="runs",
            icon="play",
            order=35,
            capability=READ,
            count=_later("eap.run_queries:waiting_count"),
        )
    )
