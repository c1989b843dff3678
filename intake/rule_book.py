"""The active routing rules and the services that a batch of alerts is about, read once."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.db.models.functions import Lower

from incidents.models import Service
from intake.facts import facts_of
from intake.models import Alert, RoutingRule
from intake.rules.routing import first_match
from intake.rules.service import named_service, names_in


class RuleBook:
    """Answers for an alert which service it is about and which rule takes it."""

    def __init__(self, alerts: Sequence[Alert]) -> None:
        self.rules = list(RoutingRule.objects.filter(active=True).select_related("service__policy"))
        names = {name for alert in alerts if alert.service_id is None for name in names_in(alert.fields)}
        ids = {alert.service_id for alert in alerts if alert.service_id is not None}
        services = Service.objects.annotate(folded=Lower("name")).select_related("policy")
        found = list(services.filter(Q(pk__in=ids) | Q(key__in=names) | Q(folded__in=names))) if ids or names else []
        self._by_id = {service.pk: service for service in found}
        self._by_name = {name.casefold(): service for service in found for name in (service.key, service.name)}

    def rule_for(self, alert: Alert) -> RoutingRule | None:
        """Set the alert's service (the key's own, else what the event names) and return the first rule that matches."""
        if alert.service_id is None:
            alert.service = named_service(alert.fields, self._by_name)
        else:
            alert.service = self._by_id[alert.service_id]
        return first_match(self.rules, facts_of(alert))
