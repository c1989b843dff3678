"""Servers, customers and subscribers of Harbor Hosting, and two figures with a month of points."""

from __future__ import annotations

import math
import random
from datetime import datetime, timedelta
from typing import Final

from demonstration.status_page import Components
from statuspage.models import Asset, Customer, Metric, MetricPoint, Server, StatusPage, Subscriber

# names of servers: prefix, how many, the component's service
SERVERS: Final = (
    ("web", 40, "shared-hosting"),
    ("db", 8, "databases"),
    ("mail", 8, "email"),
    ("ns", 4, "dns"),
    ("vps-host", 20, "vps"),
)
FIRST: Final = ("nordic", "blue", "green", "old", "little", "silver", "north", "sunny", "river", "copper")
SECOND: Final = ("bakery", "garage", "studio", "books", "dental", "garden", "cycles", "law", "tiles", "coffee")
LANGUAGES: Final = ("en", "en", "de", "de", "de", "fr", "es", "nl")
CUSTOMERS: Final = 100
STEP: Final = timedelta(minutes=30)


def fill_page(components: Components, *, now: datetime) -> None:
    """Create them, the same each time."""
    chance = random.Random(20_260_406)  # noqa: S311  (a story, no secret)
    page = components["dns"].page
    servers = _servers(page, components)
    _customers(page, [server for server in servers if server.name.startswith("web")], chance, now)
    _subscribers(page, chance, now)
    _figures(page, chance, now)


def _servers(page: StatusPage, components: Components) -> list[Server]:
    planned = [(f"{prefix}{number:02d}", key) for prefix, count, key in SERVERS for number in range(1, count + 1)]
    servers = Server.objects.bulk_create(Server(page=page, name=name) for name, _key in planned)
    through = Server.components.through
    through.objects.bulk_create(
        through(server_id=server.pk, component_id=components[key].pk)
        for server, (_name, key) in zip(servers, planned, strict=True)
    )
    return servers


def _customers(page: StatusPage, servers: list[Server], chance: random.Random, now: datetime) -> None:
    since = now - timedelta(days=400)
    names = [f"{first} {second}" for first in FIRST for second in SECOND][:CUSTOMERS]
    customers = Customer.objects.bulk_create(
        Customer(
            page=page,
            number=f"H{10_000 + 37 * place}",
            name=name.title(),
            email=f"owner@{name.replace(' ', '-')}.example",
            language=LANGUAGES[place % len(LANGUAGES)],
            created_at=since,
            updated_at=since,
        )
        for place, name in enumerate(names)
    )
    Asset.objects.bulk_create(
        Asset(
            customer=customer, kind=Asset.Kind.DOMAIN, name=f"{prefix}{name.replace(' ', '-')}.example", server=server
        )
        for customer, name in zip(customers, names, strict=True)
        for prefix in ("", "shop.")[: chance.choice((1, 1, 2))]
        for server in (chance.choice(servers),)
    )


def _subscribers(page: StatusPage, chance: random.Random, now: datetime) -> None:
    kinds = [(Subscriber.Channel.EMAIL, f"it{number}@customer.example", "active") for number in range(1, 37)]
    kinds += [(Subscriber.Channel.SMS, f"+467017406{number}", "active") for number in (31, 32)]
    kinds += [(Subscriber.Channel.EMAIL, f"new{number}@customer.example", "pending") for number in (1, 2, 3)]
    kinds += [(Subscriber.Channel.EMAIL, "gone@customer.example", "quarantined")]
    made = []
    for channel, address, state in kinds:
        since = now - timedelta(days=chance.randrange(20, 600))
        made.append(
            Subscriber(
                page=page,
                channel=channel,
                address=address,
                state=state,
                language=chance.choice(LANGUAGES),
                minimum_impact=chance.choice(("none", "none", "none", "major")),
                failures=5 if state == "quarantined" else 0,
                quarantined_at=since if state == "quarantined" else None,
                confirmed_at=None if state == "pending" else since,
                asked_at=since,
                created_at=since,
            )
        )
    Subscriber.objects.bulk_create(made)


def _figures(page: StatusPage, chance: random.Random, now: datetime) -> None:
    created = now - timedelta(days=400)
    told = (("Answer time of websites", "ms", 0, 180.0, 45.0), ("Delivery of mail", "s", 1, 2.4, 0.7))
    points = []
    for position, (name, unit, decimals, middle, swing) in enumerate(told, start=1):
        metric = Metric.objects.create(
            page=page, name=name, unit=unit, decimals=decimals, position=position, created_at=created
        )
        for place in range(30 * 48):
            at = (now - place * STEP).replace(microsecond=0)
            day = math.sin((at.hour + at.minute / 60 - 8) / 24 * 2 * math.pi)
            value = max(0.1, middle + swing * day + chance.gauss(0, swing / 6))
            points.append(MetricPoint(metric=metric, at=at, value=round(value, decimals + 1)))
    MetricPoint.objects.bulk_create(points)
