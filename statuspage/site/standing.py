"""What stands on a page: groups, components with their record, metrics, servers. Read as plain tuples."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import Avg, DateTimeField, F, Func, Value

from statuspage.customers.hits import servers_now
from statuspage.models import Component as ComponentRow
from statuspage.models import ComponentGroup, MetricPoint, StatusPage
from statuspage.models import Metric as MetricRow
from statuspage.site.pieces import Component, Group, Metric, Point, Server
from statuspage.site.records import Records
from statuspage.site.rows import texts

GROUP_FIELDS: Final = ("id", "name", "names", "description", "position", "created_at", "updated_at")
COMPONENT_FIELDS: Final = (
    *("id", "group_id", "name", "names", "description", "position", "status", "showcase", "only_show_if_degraded"),
    *("archived_at", "start_date", "created_at", "updated_at"),
)
CHARTED: Final = timedelta(days=1)
BIN: Final = Value(timedelta(minutes=5))
EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""From when five minutes are counted, so that bins stay the same from one publication to the next."""


def groups(page: StatusPage) -> tuple[Group, ...]:
    """Return the groups in their order."""
    found = ComponentGroup.objects.filter(page=page).order_by("position", "name").values_list(*GROUP_FIELDS)
    return tuple(Group(**{**dict(zip(GROUP_FIELDS, row, strict=True)), "names": texts(row[2])}) for row in found)


def components(page: StatusPage, *, now: datetime) -> tuple[Component, ...]:
    """Return the components in their order, archived ones too, each with its record up to `now`."""
    result = []
    records = Records(page, now=now)
    found = ComponentRow.objects.filter(page=page).order_by("position", "name")
    for row in found.values_list(*COMPONENT_FIELDS):
        facts: dict[str, Any] = dict(zip(COMPONENT_FIELDS, row, strict=True))
        facts["names"] = texts(facts["names"])
        facts["archived"] = facts.pop("archived_at") is not None
        record = records.of(facts["id"], start_date=facts["start_date"], created_at=facts["created_at"])
        result.append(Component(**facts, days=record.days if facts["showcase"] else (), uptime=record.uptime))
    return tuple(result)


def servers(page: StatusPage, *, now: datetime) -> tuple[Server, ...]:
    """Return the servers by name, with what hits each now."""
    return tuple(Server(name=each.name, file=each.file, hits=each.hits) for each in servers_now(page.pk, now))


def metrics(page: StatusPage, *, now: datetime) -> tuple[Metric, ...]:
    """Return the metrics with the means of every five minutes of the day up to `now`."""
    points: dict[str, list[Point]] = defaultdict(list)
    means = (
        MetricPoint.objects.filter(metric__page=page, at__gt=now - CHARTED, at__lte=now)
        .annotate(bin=Func(BIN, F("at"), Value(EPOCH), function="date_bin", output_field=DateTimeField()))
        .values("metric_id", "bin")
        .annotate(mean=Avg("value"))
        .order_by("metric_id", "bin")
        .values_list("metric_id", "bin", "mean")
    )
    for metric, at, value in means:
        points[metric].append(Point(at=at, value=value))
    rows = MetricRow.objects.filter(page=page).order_by("position", "name")
    return tuple(
        Metric(id=id, name=name, unit=unit, decimals=decimals, points=tuple(points[id]))
        for id, name, unit, decimals in rows.values_list("id", "name", "unit", "decimals")
    )
