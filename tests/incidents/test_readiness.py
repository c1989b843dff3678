"""The readiness report: each weakness made on purpose is found, and a sound company has none that is broken."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import override_settings

from incidents.models import MusterRequirement, SeverityPolicy
from incidents.readiness import report
from notifications.models import ContactMethod, ContactRule, EscalationPolicy, Level
from people.models import Override, Person, Role, Rotation, Schedule, TierMember, TierSuccessor
from tests.builders import NOW, make_person, make_policy, make_schedule, make_team
from tests.incidents.builders import Company, make_company, make_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    """Return a company that is ready."""
    company = make_company()
    make_service("mail", company.otto)
    return company


def found(grade: str = "") -> set[tuple[str, str]]:
    """Return the findings as (kind of finding, what it is about)."""
    return {(each.check, each.name) for each in report(now=NOW).findings if grade in ("", each.grade)}


def test_a_sound_company_is_ready(company: Company) -> None:
    made = report(now=NOW)
    assert [finding.sentence for finding in made.findings if finding.grade != "advice"] == []
    assert made.ready


def drop_methods(c: Company) -> None:
    """Leave the CEO without any contact method."""
    ContactMethod.objects.filter(person=c.ada).delete()


def disable_methods(c: Company) -> None:
    """Switch the CEO's contact methods off."""
    ContactMethod.objects.filter(person=c.ada).update(disabled_at=NOW, disabled_reason="The number does not exist.")


def only_a_webhook(c: Company) -> None:
    """Leave the CEO with something that takes no answer."""
    drop_methods(c)
    ContactMethod.objects.create(person=c.ada, channel="webhook", address="http://127.0.0.1:9/", verified_at=NOW)


def empty_vps(_: Company) -> None:
    """Take the VPs out of their tier."""
    TierMember.objects.filter(tier__key="vp").delete()


def nobody_on_call(_: Company) -> None:
    """End every rotation."""
    Rotation.objects.all().delete()


def quorum_out_of_reach(_: Company) -> None:
    """Ask for more VPs than there are, stand-ins included."""
    MusterRequirement.objects.filter(tier__key="vp").update(quorum=4)


def no_administrator(_: Company) -> None:
    """Take the administrators' role away."""
    Person.objects.administrators().update(role=Role.OBSERVER)


def administrator_by_mail_only(c: Company) -> None:
    """Leave the administrator with an e-mail address."""
    ContactMethod.objects.filter(person=c.alma).delete()
    ContactMethod.objects.create(person=c.alma, channel="email", address="alma@harbor.example", verified_at=NOW)


def empty_policy(_: Company) -> None:
    """Make a policy without levels."""
    EscalationPolicy.objects.create(name="Empty")


def policy_reaching_nobody(_: Company) -> None:
    """Make a policy whose only level is an empty team."""
    make_policy((300, [make_team("Nobody's team")]), name="Empty")


def sev1_without_leaders(_: Company) -> None:
    """Let a SEV1 call nobody."""
    MusterRequirement.objects.filter(severity=1).delete()


def sev2_unwritten(_: Company) -> None:
    """Forget what a SEV2 means."""
    SeverityPolicy.objects.filter(severity=2).delete()


def unknown_zone(_: Company) -> None:
    """Give a schedule a time zone that does not exist."""
    Schedule.objects.update(time_zone="Mars/Olympus")


@pytest.mark.parametrize(
    ("breaking", "check", "name"),
    [
        (drop_methods, "no_method", "Ada"),
        (disable_methods, "no_method", "Ada"),
        (only_a_webhook, "no_answer", "Ada"),
        (empty_vps, "empty_tier", "VP"),
        (nobody_on_call, "empty_tier", "ON_CALL"),
        (nobody_on_call, "gap", "Hosting"),
        (quorum_out_of_reach, "below_quorum", "VP"),
        (no_administrator, "no_administrator", "People"),
        (administrator_by_mail_only, "no_administrator_phone", "Alma"),
        (empty_policy, "no_levels", "Empty"),
        (policy_reaching_nobody, "empty_level", "Empty"),
        (sev1_without_leaders, "no_requirement", "SEV1"),
        (sev2_unwritten, "no_severity", "SEV2"),
        (unknown_zone, "no_zone", "Hosting"),
    ],
)
def test_what_would_keep_people_from_being_reached_is_broken(
    company: Company, breaking: Callable[[Company], None], check: str, name: str
) -> None:
    assert (check, name) not in found()
    breaking(company)
    assert (check, name) in found("broken")
    assert not report(now=NOW).ready


def unverify(c: Company) -> None:
    """Forget that Ada's phone was verified."""
    ContactMethod.objects.filter(person=c.ada).update(verified_at=None)


def stop_texting(c: Company) -> None:
    """Let Ada have texted STOP."""
    ContactMethod.objects.filter(person=c.ada, channel="sms").update(opted_out_at=NOW)


def drop_rules(c: Company) -> None:
    """Leave Ada without rules."""
    ContactRule.objects.filter(person=c.ada).delete()


def one_channel(c: Company) -> None:
    """Leave Ada with one channel."""
    ContactRule.objects.filter(person=c.ada, contact_method__channel="sms").delete()


def leave(c: Company) -> None:
    """Let Max leave without taking him out of the managers."""
    Person.objects.filter(pk=c.max.pk).update(is_active=False)


def no_line(_: Company) -> None:
    """Let nobody stand in for the VPs."""
    TierSuccessor.objects.filter(tier__key="vp").delete()


def a_hole_next_week(_: Company) -> None:
    """End the rotation after three days."""
    Rotation.objects.update(ends_on=(NOW + timedelta(days=3)).date())


def service_without_policy(_: Company) -> None:
    """Add a service for which nobody is paged."""
    make_service("dns")


def one_empty_level(c: Company) -> None:
    """Add a level without anybody to a policy that works."""
    policy = make_policy((300, [c.otto]), name="Half")
    Level.objects.create(policy=policy, position=2)


@pytest.mark.parametrize(
    ("weakening", "check", "name"),
    [
        (unverify, "unverified", "Ada"),
        (stop_texting, "opted_out", "Ada"),
        (drop_rules, "no_rule", "Ada"),
        (one_channel, "one_channel", "Ada"),
        (leave, "left", "Max"),
        (no_line, "no_line", "VP"),
        (a_hole_next_week, "gap", "Hosting"),
        (service_without_policy, "no_policy", "Dns"),
        (one_empty_level, "empty_level", "Half"),
    ],
)
def test_what_leaves_one_way_only_is_weak(
    company: Company, weakening: Callable[[Company], None], check: str, name: str
) -> None:
    assert (check, name) not in found()
    weakening(company)
    assert (check, name) in found("weak")


def test_an_override_fills_a_hole(company: Company) -> None:
    a_hole_next_week(company)
    Override.objects.create(
        schedule=Schedule.objects.get(),
        person=company.olga,
        starts_at=NOW + timedelta(days=1),
        ends_at=NOW + timedelta(days=30),
    )
    assert ("gap", "Hosting") not in found()


def test_a_schedule_of_people_who_left_is_a_gap(company: Company) -> None:
    make_schedule("Night", make_person("Max", active=False))
    assert ("gap", "Night") in found("broken")


@override_settings(TWILIO_FROM="")
def test_a_channel_without_its_settings_is_broken_for_those_who_rely_on_it(company: Company) -> None:
    assert any(check == "channel_trouble" for check, _ in found("broken"))


def test_the_command_prints_and_fails_when_something_is_broken(company: Company) -> None:
    out = io.StringIO()
    call_command("readiness", stdout=out)
    assert out.getvalue().endswith("Ready. 0 broken, 0 weak.\n")
    no_administrator(company)
    out = io.StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("readiness", "--broken", stdout=out)
    assert left.value.code == 1
    assert "BROKEN  There is no administrator" in out.getvalue()
    assert "advice" not in out.getvalue()
