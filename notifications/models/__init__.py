"""How people are reached, and the duty to reach them."""

from notifications.models.alarm import Alarm
from notifications.models.carrier import Carrier
from notifications.models.contact import ContactMethod, ContactRule, DiscreetCalls, Urgency, VerificationCode
from notifications.models.delivery import Attempt, Delivery, InboundReceipt, RefusedCallback
from notifications.models.page import Page, PageRecheck, Responder
from notifications.models.policy import EscalationPolicy, Level, Target
from notifications.models.push import PushKeys
from notifications.models.question import QuestionTold
from notifications.models.self_test import SelfTest, SelfTestRun
from notifications.models.stranger import IgnoredText

__all__ = [
    "Alarm",
    "Attempt",
    "Carrier",
    "ContactMethod",
    "ContactRule",
    "Delivery",
    "DiscreetCalls",
    "EscalationPolicy",
    "IgnoredText",
    "InboundReceipt",
    "Level",
    "Page",
    "PageRecheck",
    "PushKeys",
    "QuestionTold",
    "RefusedCallback",
    "Responder",
    "SelfTest",
    "SelfTestRun",
    "Target",
    "Urgency",
    "VerificationCode",
]
