"""Accounts, teams, leadership tiers, permissions, on-call schedules."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The people floor."""

    name = "people"
    verbose_name = "People"

    def ready(self) -> None:
        """Tell the ground who a token's caller is, and who may see what in the navigation."""
        from people.callers import caller_of_digest
        from people.permissions import may
        from web import navigation
        from web.callers import register_lookup

        register_lookup(caller_of_digest)
        navigation.judge_with(may)
