"""What people type about people, teams, tiers and schedules."""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from people.models import Person, Role, Rotation, Schedule, Team, Tier
from web.fields import ChoicesInOrder

ROLES: Final = {
    Role.ADMINISTRATOR: _("changes all settings and may do everything"),
    Role.RESPONDER: _("declares, responds, pages others, takes command"),
    Role.EXECUTIVE: _("sees everything, takes command, decides and approves"),
    Role.COMMUNICATIONS: _("responds, writes what customers read"),
    Role.OBSERVER: _("reads and declares"),
    Role.AUDITOR: _("reads everything, the ledger included; changes nothing"),
}


def zone_choices() -> list[tuple[str, str]]:
    """Return every time zone of the system, places before the rest."""
    zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix")))
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in zones)]


def people_choices() -> list[tuple[str, str]]:
    """Return everybody who is here, by name, with their title."""
    people = Person.objects.active().values_list("pk", "name", "title")
    return [(str(pk), f"{name}, {title}" if title else name) for pk, name, title in people]


class ProfileForm(forms.Form):
    """Who somebody is and what they may do."""

    name = forms.CharField(label=_("Name"), max_length=100)
    title = forms.CharField(label=_("Title"), max_length=100, required=False, help_text=_("Such as CEO or On call."))
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect, initial=Role.RESPONDER)
    time_zone = forms.ChoiceField(label=_("Time zone"), initial="UTC")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, f"{role.label}: {ROLES[role]}") for role in Role]  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = zone_choices()  # type: ignore[attr-defined]


class NewPersonForm(ProfileForm):
    """Somebody who gets an account."""

    field_order = ("name", "email", "title", "role", "time_zone")
    email = forms.EmailField(label=_("E-mail address"), help_text=_("They sign in with it."))


class TokenForm(forms.Form):
    """What a token is for."""

    name = forms.CharField(label=_("What is it for?"), max_length=100, help_text=_("Such as “Deployment script”."))


class TeamForm(forms.Form):
    """A team and its members."""

    name = forms.CharField(label=_("Name"), max_length=100)

    def __init__(self, *args: Any, team: Team | None = None, **kwargs: Any) -> None:
        if team is not None:
            members = [str(pk) for pk in team.teammember_set.values_list("person_id", flat=True)]
            kwargs["initial"] = {"name": team.name, "members": members}
        super().__init__(*args, **kwargs)
        self.fields["members"] = ChoicesInOrder(label=_("Members"), choices=people_choices(), required=False)


class TierForm(forms.Form):
    """A leadership tier, its members and who stands in."""

    name = forms.CharField(label=_("Name"), max_length=100)
    rank = forms.IntegerField(
        label=_("Rank"), min_value=1, max_value=99, initial=1, help_text=_("1 is the top; the muster shows it first.")
    )
    schedule = forms.ModelChoiceField(
        label=_("Whoever is on call in"),
        queryset=Schedule.objects.none(),
        required=False,
        empty_label=_("Members of its own"),
        help_text=_("Choose a schedule for the tier of the engineer on call; leave the members empty then."),
    )

    def __init__(self, *args: Any, tier: Tier | None = None, **kwargs: Any) -> None:
        if tier is not None:
            kwargs["initial"] = {
                "name": tier.name,
                "rank": tier.rank,
                "schedule": tier.schedule_id,
                "members": [str(pk) for pk in tier.seats.values_list("person_id", flat=True)],
                "line": [str(pk) for pk in tier.succession.values_list("person_id", flat=True)],
            }
        super().__init__(*args, **kwargs)
        choices = people_choices()
        self.fields["schedule"].queryset = Schedule.objects.all()  # type: ignore[attr-defined]
        self.fields["members"] = ChoicesInOrder(label=_("Members"), choices=choices, required=False)
        self.fields["line"] = ChoicesInOrder(
            label=_("Line of succession"),
            choices=choices,
            required=False,
            help_text=_("Who is called, in this order, when a member can't or does not answer in time."),
        )


class ScheduleForm(forms.Form):
    """A schedule's name and clock."""

    name = forms.CharField(label=_("Name"), max_length=100)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), initial="UTC", help_text=_("Hand-overs follow this zone's clock, summer time included.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = zone_choices()  # type: ignore[attr-defined]


class RotationForm(forms.Form):
    """People who take turns."""

    name = forms.CharField(label=_("Name"), max_length=100, required=False, help_text=_("Such as “Nights”."))
    turn_length = forms.IntegerField(label=_("A turn takes"), min_value=1, max_value=52, initial=1)
    kind = forms.ChoiceField(label=_("Days or weeks"), choices=Rotation.Kind.choices, initial=Rotation.Kind.WEEKLY)
    handover_at = forms.TimeField(
        label=_("Hand-over at"),
        initial="09:00",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("In the schedule's time zone."),
    )
    starts_on = forms.DateField(
        label=_("First turn starts on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label=_("Ends on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, rotation: Rotation | None = None, **kwargs: Any) -> None:
        if rotation is not None:
            names = ("name", "turn_length", "kind", "handover_at", "starts_on", "ends_on")
            kwargs["initial"] = {name: getattr(rotation, name) for name in names}
            kwargs["initial"]["people"] = [str(pk) for pk in rotation.places.values_list("person_id", flat=True)]
        super().__init__(*args, **kwargs)
        self.fields["people"] = ChoicesInOrder(label=_("People, in the order of their turns"), choices=people_choices())


class OverrideForm(forms.Form):
    """Somebody takes the duty for a while."""

    person = forms.ModelChoiceField(label=_("Who takes over"), queryset=Person.objects.get_queryset().none())
    starts_at = forms.DateTimeField(
        label=_("From"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    ends_at = forms.DateTimeField(
        label=_("Until"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.active()  # type: ignore[attr-defined]
