"""What tools send us, and what we make of it."""

from intake.models.alert import Alert, Event
from intake.models.heartbeat import Heartbeat, Ping
from intake.models.key import IntegrationKey
from intake.models.quarantine import Quarantined
from intake.models.rule import Burst, RoutingRule

__all__ = ["Alert", "Burst", "Event", "Heartbeat", "IntegrationKey", "Ping", "Quarantined", "RoutingRule"]
