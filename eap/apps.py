"""Emergency Action Plans: plans, runs, steps, approvals, automation, drills."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


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
    from eap import host_source, hosts
    from eap.actions.base import actions
    from eap.actions.check import Check
    from eap.actions.http import Http
    from eap.actions.script import Script
    from eap.actions.ssh import Ssh
    from eap.operations.automation.refresh_inventory import INVENTORIES
    from engine.duties import register
    from people import settings_index
    from people.permissions import ADMINISTER, READ
    from people.settings_index import Entry

    for action in (Check(), Http(), Script(), Ssh()):
        actions.register(action)
    host_source.register(hosts.find)
    register(INVENTORIES)
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
    from eap.operations.runs.follow_merge import follow_merge
    from eap.sentences import RUN
    from eap.subject import DOOR, KIND
    from incidents import sentences
    from incidents.registry import mergings
    from notifications.registry import subjects
    from notifications.subject_doors import subject_doors

    subjects.register(KIND)
    subject_doors.register(DOOR)
    sentences.register(RUN)
    mergings.register("eap", follow_merge)
    register_duties()


def _join_plans() -> None:
    """Give plans their place in the navigation, counting the versions that wait for a second person."""
    from eap.plan_queries import waiting_for_me
    from people.permissions import READ
    from web import navigation
    from web.navigation import Item

    navigation.register(
        Item(label=_("Plans"), url_name="plans", icon="plan", order=40, capability=READ, count=waiting_for_me)
    )


def _join_screens() -> None:
    """Give runs their place in the navigation, counting what waits for the reader, and in an incident's room."""
    from eap.panel import PLANS
    from eap.run_queries import waiting_count
    from incidents.panels import panels
    from people.permissions import READ
    from web import navigation
    from web.navigation import Item

    panels.register(PLANS)
    navigation.register(
        Item(label=_("Runs"), url_name="runs", icon="play", order=35, capability=READ, count=waiting_count)
    )
