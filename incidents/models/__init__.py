"""What people respond to, who holds which role, and the roll-call of the leaders."""

from incidents.models.incident import Incident, IncidentType, RoleAssignment, RoleName
from incidents.models.muster import Muster, MusterSeat, MusterTier
from incidents.models.service import Service
from incidents.models.severity import MusterRequirement, SeverityPolicy

__all__ = [
    "Incident",
    "IncidentType",
    "Muster",
    "MusterRequirement",
    "MusterSeat",
    "MusterTier",
    "RoleAssignment",
    "RoleName",
    "Service",
    "SeverityPolicy",
]
