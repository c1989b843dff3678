"""Harbor Hosting's status page: eight services as components in four groups, and what is planned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from demonstration.cast import TIME_ZONE
from demonstration.words import prepare_texts
from incidents.models import Service
from people.actors import actor_for
from people.models import Person
from statuspage.models import (
    Component,
    ComponentGroup,
    Mailing,
    PublishingPolicy,
    StatusPage,
    StatusUpdate,
)
from statuspage.operations.approve_update import approve_update
from statuspage.operations.contents import digest_of
from statuspage.operations.maintenance import draft_maintenance
from statuspage.operations.publish_update import publish_update
from statuspage.operations.request_publication import request_publication
from statuspage.rules.logo import recognise

People = Mapping[str, Person]
Components = Mapping[str, Component]
OPENED: Final = timedelta(days=735)
"""How long ago the page was opened: a little more than the two years that its history tells."""
LOGO: Final = Path(__file__).parent / "harbor.png"

# group: (names in other languages, components: (service's key, name, names in other languages))
GROUPS: Final[tuple[tuple[str, dict[str, str], tuple[tuple[str, str, dict[str, str]], ...]], ...]] = (
    (
        "Hosting",
        {"de": "Hosting", "fr": "Hébergement", "es": "Alojamiento", "nl": "Hosting"},
        (
            (
                "shared-hosting",
                "Web hosting",
                {"de": "Webhosting", "fr": "Hébergement web", "es": "Alojamiento web", "nl": "Webhosting"},
            ),
            (
                "databases",
                "Databases",
                {"de": "Datenbanken", "fr": "Bases de données", "es": "Bases de datos", "nl": "Databases"},
            ),
        ),
    ),
    (
        "Servers",
        {"de": "Server", "fr": "Serveurs", "es": "Servidores", "nl": "Servers"},
        (
            ("vps", "VPS", {}),
            (
                "dedicated",
                "Dedicated servers",
                {
                    "de": "Dedizierte Server",
                    "fr": "Serveurs dédiés",
                    "es": "Servidores dedicados",
                    "nl": "Dedicated servers",
                },
            ),
        ),
    ),
    (
        "Mail & DNS",
        {"de": "E-Mail & DNS", "fr": "Messagerie & DNS", "es": "Correo y DNS", "nl": "E-mail & DNS"},
        (
            ("email", "E-mail", {"de": "E-Mail", "fr": "Messagerie", "es": "Correo", "nl": "E-mail"}),
            ("dns", "DNS", {}),
        ),
    ),
    (
        "Access",
        {"de": "Zugang", "fr": "Accès", "es": "Acceso", "nl": "Toegang"},
        (
            (
                "control-panel",
                "Control panel",
                {"de": "Control Panel", "fr": "Panneau de contrôle", "es": "Panel de control", "nl": "Controlepaneel"},
            ),
            (
                "ftp-ssh",
                "FTP and SSH",
                {"de": "FTP und SSH", "fr": "FTP et SSH", "es": "FTP y SSH", "nl": "FTP en SSH"},
            ),
        ),
    ),
)
# severity: approvals, promise, silence until Muster speaks (seconds)
POLICIES: Final = ((1, 1, 1200, 600), (2, 1, 1800, 900), (3, 1, 3600, None), (4, 0, 7200, None), (0, 1, 3600, None))
# days ahead, hour, minutes, component, name and text by language
PLANNED: Final = (
    (
        4,
        2,
        90,
        "databases",
        {"en": "Database update", "de": "Datenbank-Update", "fr": "Mise à jour des bases de données"},
        {
            "en": "MySQL and PostgreSQL get their security updates. Each database is away for two minutes at most.",
            "de": "MySQL und PostgreSQL erhalten Sicherheitsupdates. Jede Datenbank ist höchstens zwei Minuten weg.",
            "fr": "MySQL et PostgreSQL reçoivent leurs mises à jour de sécurité. Chaque base est absente deux minutes "
            "au plus.",
        },
    ),
    (
        11,
        22,
        240,
        "vps",
        {"en": "Hypervisor update, zone 1", "de": "Hypervisor-Update, Zone 1"},
        {
            "en": "Servers of zone 1 move to updated hosts while they run. A pause of some seconds is possible.",
            "de": "Server der Zone 1 ziehen im laufenden Betrieb um. Eine Pause von einigen Sekunden ist möglich.",
        },
    ),
)


def open_status_page(*, now: datetime) -> Components:
    """Create the page, its components by their services' keys, the prepared texts and the policies."""
    opened = now - OPENED
    logo = LOGO.read_bytes()
    page = StatusPage.objects.create(
        name="Harbor Hosting",
        headline="How our services are, right now and over the last two years.",
        support_url="https://support.harbor.example/",
        language="en",
        languages=["de", "fr", "es", "nl"],
        time_zone=TIME_ZONE,
        accent="#0a5a83",
        accent_dark="#7cc7ef",
        logo=logo,
        logo_type=recognise(logo).content_type,
        created_at=opened,
        updated_at=now,
    )
    components = _components(page, opened)
    prepare_texts()
    PublishingPolicy.objects.bulk_create(
        PublishingPolicy(severity=severity, approvals=approvals, promise_s=promise_s, holds_s=holds_s)
        for severity, approvals, promise_s, holds_s in POLICIES
    )
    request_publication()
    return components


def _components(page: StatusPage, opened: datetime) -> dict[str, Component]:
    services = {service.key: service for service in Service.objects.all()}
    found: dict[str, Component] = {}
    position = 0
    for group_name, group_names, members in GROUPS:
        position += 1
        group = ComponentGroup.objects.create(
            page=page, name=group_name, names=group_names, position=position, created_at=opened, updated_at=opened
        )
        for key, name, names in members:
            position += 1
            component = Component.objects.create(
                page=page,
                group=group,
                name=name,
                names=names,
                description=services[key].description,
                position=position,
                start_date=opened.date(),
                created_at=opened,
                updated_at=opened,
            )
            component.services.add(services[key])
            found[key] = component
    return found


def plan_maintenance(people: People, components: Components, *, now: datetime) -> None:
    """Announce what is planned, as was done five days ago, and leave one announcement waiting for approval."""
    page = components["dns"].page
    said = now - timedelta(days=5)
    for days, hour, minutes, key, name, text in PLANNED:
        begins = _at(now + timedelta(days=days), hour)
        update = draft_maintenance(
            page=page,
            name=name["en"],
            names={code: each for code, each in name.items() if code != "en"},
            texts=text,
            components={components[key].pk: "under_maintenance"},
            scheduled_for=begins,
            scheduled_until=begins + timedelta(minutes=minutes),
            remind_before_s=86_400,
            by=actor_for(people["Cam"], via="web"),
            now=said,
        )
        let_out(update, people, now=said)
    begins = _at(now + timedelta(days=16), 4)
    draft_maintenance(
        page=page,
        name="Control panel update",
        names={"de": "Control-Panel-Update"},
        texts={
            "en": "The control panel is away for some minutes. Websites, mail and databases are not affected.",
            "de": "Das Control Panel ist einige Minuten weg. Websites, E-Mail und Datenbanken sind nicht betroffen.",
        },
        components={components["control-panel"].pk: "under_maintenance"},
        scheduled_for=begins,
        scheduled_until=begins + timedelta(minutes=45),
        remind_before_s=86_400,
        by=actor_for(people["Cam"], via="web"),
        now=now - timedelta(hours=2),
    )


def let_out(update: StatusUpdate, people: People, *, now: datetime) -> None:
    """Let Vera approve and publish what Cam wrote at a moment gone by. Nothing is sent: its mailing is over."""
    vera = people["Vera"]
    by = actor_for(vera, via="web")
    fresh = StatusUpdate.objects.select_related("public_incident__page").get(pk=update.pk)
    approve_update(update=fresh, digest=digest_of(fresh), person=vera, by=by, now=now)
    publish_update(update=fresh, person=vera, by=by, now=now)
    Mailing.objects.filter(update=update).update(
        state=Mailing.State.DONE, figures={"sent": 38}, ended_at=now + timedelta(seconds=9)
    )


def _at(day: datetime, hour: int) -> datetime:
    zone = ZoneInfo(TIME_ZONE)
    return datetime.combine(day.astimezone(zone).date(), time(hour), tzinfo=zone)
