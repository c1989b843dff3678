"""The active routing rules and the services, read once a batch."""

from __future__ import annotations

from incidents.models import Service
from intake.facts import facts_of
from intake.models import Alert, RoutingRule
from intake.rules.routing import first_match
from intake.rules.service import named_service


class RuleBook:
    """Answers for an alert which service it is about and which rule takes it."""

    def __init__(self) -> None:
        self.rules = list(RoutingRule.objects.filter(active=True).select_related("service__policy"))
        services = list(Service.objects.select_related("policy"))
        self._by_id = {service.pk: service for service in services}
        self._by_name = {name.casefold(): service for service in services for name in (service.key, service.name)}

    def rule_for(self, alert: Alert) -> RoutingRule | None:
        """Set the alert's service (the key's own, else what the event names) and return the first rule that matches."""
        if alert.service_id is None:
            alert.service = named_service(alert.fields, self._by_name)
        else:
            alert.service = self._by_id[alert.service_id]
        return first_match(self.rules, facts_of(alert))
