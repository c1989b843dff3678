"""How people are reached, and the duty to reach them."""

from notifications.models.contact import ContactMethod, ContactRule, Urgency
from notifications.models.delivery import Attempt, Delivery, InboundReceipt
from notifications.models.page import Page, PageRecheck, Responder
from notifications.models.policy import EscalationPolicy, Level, Target

__all__ = [
    "Attempt",
    "ContactMethod",
    "ContactRule",
    "Delivery",
    "EscalationPolicy",
    "InboundReceipt",
    "Level",
    "Page",
    "PageRecheck",
    "Responder",
    "Target",
    "Urgency",
]
