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
        from web import navigation
        from web.callers import register_lookup
        from web.navigation import Item

        register_lookup(caller_of_digest)
        navigation.judge_with(may)
        settings = _("Settings")
        places = (
            Item(label=_("On call"), url_name="on_call", icon="calendar", order=35, capability=READ),
            Item(label=_("People"), url_name="people", icon="person", order=200, capability=READ, group=settings),
            Item(label=_("Teams"), url_name="teams", icon="people", order=205, capability=READ, group=settings),
            Item(label=_("Tiers"), url_name="tiers", icon="command", order=210, capability=READ, group=settings),
            Item(
                label=_("Schedules"), url_name="schedules", icon="calendar", order=215, capability=READ, group=settings
            ),
            Item(label=_("API tokens"), url_name="tokens", icon="key", order=290, group=settings),
        )
        for place in places:
            navigation.register(place)
