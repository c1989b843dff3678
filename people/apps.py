"""Accounts, teams, leadership tiers, permissions, on-call schedules."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The people floor."""

    name = "people"
    verbose_name = "People"
