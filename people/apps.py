"""Accounts, teams, leadership tiers, permissions, on-call schedules."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """The people floor."""

    name = "people"
    verbose_name = "People"

    def ready(self) -> None:
        """Tell the ground who a token's caller is, and who may see what in the navigation."""
        from people.callers import caller_of_digest
        from people.permissions import READ, may
        from people.settings_index import PEOPLE, Entry, register
        from web import navigation
        from web.callers import register_lookup
        from web.navigation import Item

        register_lookup(caller_of_digest)
        navigation.judge_with(may)
        places = (
            Item(label=_("On call"), url_name="on_call", icon="calendar", order=35, capability=READ),
            Item(label=_("Settings"), url_name="settings", icon="gear", order=300),
        )
        for place in places:
            navigation.register(place)
        entries = (
            ("people", "person", READ, _("People"), _("Accounts, roles, how they are reached.")),
            ("tiers", "command", READ, _("Leadership tiers"), _("Whom incidents muster, and who stands in.")),
            ("teams", "people", READ, _("Teams"), _("Who owns services and is paged together.")),
            ("schedules", "calendar", READ, _("Schedules"), _("Who is on call when: turns and overrides.")),
            ("tokens", "key", "", _("API tokens"), _("Keys of scripts and tools to the API.")),
        )
        for order, (url_name, icon, capability, label, text) in enumerate(entries, start=100):
            entry = Entry(
                label=label, text=text, url_name=url_name, icon=icon, group=PEOPLE, order=order, capability=capability
            )
            register(entry)
