"""What the measurements need in the database: services, people with one phone each, one rule; and years of history."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any, Final

from bench.product import Product

PREFIX: Final = "bench-"


def connect(product: Product) -> None:
    """Make Django talk to the product's database."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ["DATABASE_URL"] = product.facts["database_url"]
    os.environ["REDIS_URL"] = product.facts["redis_url"]
    os.environ["VAR_DIR"] = str(product.folder / "bench")
    os.environ["SECRET_KEY"] = "measuring only " * 4
    os.environ["SECRETS_KEYS"] = "A" * 43 + "="
    import django

    django.setup()


def build(services: int) -> None:
    """Create services `bench-N`, each with a policy that reaches one person by one SMS, and the rule for them.

    SEV3 needs no leaders here: an incident pages its service's policy, one person, once.
    """
    from django.db import transaction

    from incidents.models import MusterRequirement, Service
    from intake.models import RoutingRule
    from notifications.models import ContactMethod, ContactRule, EscalationPolicy, Level, Target
    from people.models import Person

    now = datetime.now(tz=UTC)
    with transaction.atomic():
        MusterRequirement.objects.filter(severity_id=3).delete()
        people = Person.objects.bulk_create(
            Person(email=f"{PREFIX}{n}@bench.example", name=f"Bench {n}") for n in range(services)
        )
        methods = ContactMethod.objects.bulk_create(
            ContactMethod(person=person, channel="sms", address=f"+1206555{n:04d}", verified_at=now)
            for n, person in enumerate(people)
        )
        ContactRule.objects.bulk_create(
            ContactRule(person=method.person, urgency="high", contact_method=method) for method in methods
        )
        policies = EscalationPolicy.objects.bulk_create(
            EscalationPolicy(name=f"{PREFIX}{n}", rounds=1) for n in range(services)
        )
        levels = Level.objects.bulk_create(Level(policy=policy, position=1, delay_s=86_400) for policy in policies)
        Target.objects.bulk_create(
            Target(level=level, person=person) for level, person in zip(levels, people, strict=True)
        )
        Service.objects.bulk_create(
            Service(key=f"{PREFIX}{n}", name=f"Bench {n}", policy=policy) for n, policy in enumerate(policies)
        )
        RoutingRule.objects.create(
            name="Bench",
            position=0,
            action="incident",
            incident_severity=3,
            conditions=[{"field": "service", "is": "starts_with", "value": PREFIX}],
            storm_alerts=0,
        )


HISTORY: Final[tuple[tuple[str, str], ...]] = (
    (
        "incidents",
        """INSERT INTO incidents_incident (id, number, title, summary, severity, type, status, private, muster_state,
            declared_by_name, declared_via, opened_by_rule, alert_count, suggestion, trouble, opened_at, resolved_at,
            closed_at, version)
        SELECT gen_random_uuid(), 10000000 + n, 'Old incident ' || n, '', 3, 'other', 'closed', false, 'none',
            'History', 'rule', '', 10, '', '', t, t + interval '1 hour', t + interval '1 day', 3
        FROM (SELECT n, now() - n * interval '5 minutes' AS t FROM generate_series(1, 100000) n) AS old""",
    ),
    (
        "alerts",
        """INSERT INTO intake_alert (integration_id, dedup_key, group_key, summary, source, severity, fields, links,
            state, count, first_seen, last_seen, routed_at, resolved_at, settled_at, trouble)
        SELECT (SELECT min(id) FROM intake_integrationkey), 'old-' || n, '', 'Old alert', 'host-' || n % 5000, 'error',
            '{}', '[]', 'resolved', 1, t, t, t, t, t, ''
        FROM (SELECT n, now() - n * interval '30 seconds' AS t FROM generate_series(1, 1000000) n) AS old""",
    ),
    (
        "pages",
        """INSERT INTO notifications_page (id, subject, purpose, title, urgency, severity, state, cancel_reason, policy,
            policy_name, required_acknowledgements, level, round, code, trouble, started_at, paging_since, ended_at)
        SELECT gen_random_uuid(), 'incident:' || id, 'service', title, 'high', 3, 'cancelled', 'resolved', '{}', 'Old',
            1, 1, 1, lpad((number % 10000)::text, 4, '0'), '', opened_at, opened_at, closed_at
        FROM incidents_incident WHERE number > 10000000""",
    ),
    (
        "deliveries",
        """INSERT INTO notifications_delivery (page_id, person_id, kind, channel, address, provider, content, urgency,
            severity, level, round, state, reason, repeated, not_before, fence, tries, provider_rank, provider_ref,
            created_at, sent_at, delivered_at, ended_at)
        SELECT p.id, (SELECT id FROM people_person LIMIT 1), 'page', 'sms', '+12065550' || n,
            'twilio', '{}', 'high', 3, 1, 1, 'delivered', '', false, p.started_at, 1, 1, 3,
            md5(p.id::text || n), p.started_at, p.started_at, p.started_at, p.started_at
        FROM notifications_page p CROSS JOIN generate_series(1, 10) n WHERE p.policy_name = 'Old'""",
    ),
)


def fill_history(report: Any) -> None:
    """Store 100,000 incidents and pages, 1,000,000 alerts and 1,000,000 deliveries, all over, and analyse."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for what, statement in HISTORY:
            cursor.execute(statement)
            report(f"    {cursor.rowcount:,} {what}")
        cursor.execute("ANALYZE")
