"""The status page's tables."""

from statuspage.models.component import Component, ComponentGroup, ComponentStatus, ImpactChange
from statuspage.models.customer import Asset, Customer, HitServer, Server
from statuspage.models.customer_import import CustomerImport
from statuspage.models.feedback import Comment, Report
from statuspage.models.incident import (
    INCIDENT_STAGES,
    MAINTENANCE_STAGES,
    UNRESOLVED_STAGES,
    AffectedComponent,
    Impact,
    PublicIncident,
    Stage,
    StatusUpdate,
    UpdateComponent,
)
from statuspage.models.letter import Letter
from statuspage.models.metric import Metric, MetricPoint
from statuspage.models.page import StatusPage
from statuspage.models.public_form import FormUse
from statuspage.models.publishing import Publisher, Target
from statuspage.models.subscriber import Mailing, Notice, Subscriber
from statuspage.models.wording import EmergencyOverride, PublishingPolicy, UpdateTemplate

__all__ = [
    "INCIDENT_STAGES",
    "MAINTENANCE_STAGES",
    "UNRESOLVED_STAGES",
    "AffectedComponent",
    "Asset",
    "Comment",
    "Component",
    "ComponentGroup",
    "ComponentStatus",
    "Customer",
    "CustomerImport",
    "EmergencyOverride",
    "FormUse",
    "HitServer",
    "Impact",
    "ImpactChange",
    "Letter",
    "Mailing",
    "Metric",
    "MetricPoint",
    "Notice",
    "PublicIncident",
    "Publisher",
    "PublishingPolicy",
    "Report",
    "Server",
    "Stage",
    "StatusPage",
    "StatusUpdate",
    "Subscriber",
    "Target",
    "UpdateComponent",
    "UpdateTemplate",
]
