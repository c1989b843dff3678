"""Load Harbor Hosting into an empty installation, and keep its credentials file in step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from demonstration import credentials
from demonstration.account_systems import prepare_account_systems
from demonstration.caller_line import NAME, NUMBER, open_caller_line
from demonstration.cast import CAST, TIME_ZONE, Character
from demonstration.change_freeze import adopt_change_freeze
from demonstration.customers import fill_page
from demonstration.emergency_plans import prepare_plans
from demonstration.history import tell_history
from demonstration.nightly_backup import nightly_backup
from demonstration.organisation import organise
from demonstration.public_past import tell_public_past
from demonstration.self_test import switch_weekly_test_on
from demonstration.simulated_slack import announce_in_slack, link_to_slack
from demonstration.status_page import open_status_page, plan_maintenance
from intake.models import IntegrationKey
from intake.operations.issue_key import issue_key, revoke_key
from ledger.actor import Actor
from notifications.models import ContactMethod, ContactRule, Urgency
from people.models import ApiToken, Person
from people.operations.add_person import add_person
from people.operations.issue_token import issue_token, revoke_token

BY: Final = Actor.system(name="Demonstration", via="cli")
MARK: Final = "Demonstration"
KEYS: Final = {
    "routing_key": IntegrationKey.Kind.EVENTS_V2,
    "alertmanager": IntegrationKey.Kind.ALERTMANAGER,
    "grafana": IntegrationKey.Kind.GRAFANA,
    "webhook": IntegrationKey.Kind.WEBHOOK,
}
LOCK: Final = 0x4D757374
"""Two starts at once must not load two companies."""


def load(*, now: datetime) -> str:
    """Load the company unless there are people already; return in a sentence what was done.

    A company that is there is never changed, but for credentials whose file is gone: they are made anew.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if not Person.objects.exists():
            company = _create(now)
            done = "Harbor Hosting is loaded."
        else:
            known = credentials.read()
            if known is not None:
                return "There is a company already; nothing was changed."
            company = _renew(now)
            done = "The demonstration's passwords, tokens and keys were made anew, because their file was gone."
        transaction.on_commit(lambda: credentials.write(company))
    return done


def _create(now: datetime) -> dict[str, Any]:
    people = {character.name.split()[0]: _person(character, now) for character in CAST}
    organise(people, now=now)
    switch_weekly_test_on(now=now)
    password = credentials.new_password()
    _set_password(people, password)
    company = _credentials(people, password, now)
    link_to_slack(people, now=now)
    announce_in_slack(now=now)
    open_caller_line(now=now)
    components = open_status_page(now=now)
    tell_public_past(people, components, now=now)
    tell_history(people, components, now=now)
    plan_maintenance(people, components, now=now)
    fill_page(components, now=now)
    prepare_plans(by=BY, now=now)
    adopt_change_freeze(people, now=now)
    prepare_account_systems(now=now)
    return company


def _renew(now: datetime) -> dict[str, Any]:
    found = {person.email: person for person in Person.objects.active()}
    people = {c.name.split()[0]: found[c.email] for c in CAST if c.email in found}
    password = credentials.new_password()
    _set_password(people, password)
    for token in ApiToken.objects.filter(name=MARK, revoked_at=None):
        revoke_token(token_id=token.pk, by=BY, now=now)
    for key in IntegrationKey.objects.filter(name__startswith=MARK, revoked_at=None):
        revoke_key(key_id=key.pk, by=BY, now=now)
    return _credentials(people, password, now)


def _person(character: Character, now: datetime) -> Person:
    person = add_person(
        email=character.email,
        name=character.name,
        title=character.title,
        role=character.role,
        time_zone=TIME_ZONE,
        by=BY,
        now=now,
    )
    methods = {
        channel: ContactMethod.objects.create(person=person, channel=channel, address=address, verified_at=now)
        for channel, address in (("voice", character.phone), ("sms", character.phone), ("email", character.email))
    }
    rules = (
        (Urgency.HIGH, "voice", 0 if character.called else 120),
        (Urgency.HIGH, "sms", 0),
        (Urgency.HIGH, "email", 0),
        (Urgency.LOW, "email", 0),
        (Urgency.LOW, "sms", 0),
    )
    ContactRule.objects.bulk_create(
        ContactRule(person=person, urgency=urgency, contact_method=methods[channel], delay_s=delay_s)
        for urgency, channel, delay_s in rules
    )
    return person


def _set_password(people: Mapping[str, Person], password: str) -> None:
    """Store one password for all, hashed once: a slow hash for each would take seven seconds on two cores."""
    hashed = make_password(password)
    for person in people.values():
        person.password = hashed
    Person.objects.bulk_update(people.values(), ["password"])


def _credentials(people: Mapping[str, Person], password: str, now: datetime) -> dict[str, Any]:
    listed = []
    administrator = ""
    for character in CAST:
        person = people.get(character.name.split()[0])
        if person is None:
            continue
        token = issue_token(person=person, name=MARK, by=BY, now=now)[1]
        if character.title == "Administrator":
            administrator = token
        listed.append(
            {
                "id": str(person.pk),
                "name": character.name,
                "title": character.title,
                "email": character.email,
                "password": password,
                "phone": character.phone,
                "slack": character.slack,
                "api_token": token,
            }
        )
    keys = {
        name: issue_key(name=f"{MARK}: {kind.label}", kind=kind, service=None, by=BY, now=now)[1]
        for name, kind in KEYS.items()
    }
    return {
        "people": listed,
        "api_token": administrator,
        "routing_key": keys["routing_key"],
        "integration_keys": {name: keys[name] for name in ("alertmanager", "grafana", "webhook")},
        "heartbeat_key": nightly_backup(by=BY, now=now),
        "lines": [{"name": NAME, "number": NUMBER}],
    }
