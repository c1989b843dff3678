"""The plans' tables."""

from eap.models.approval import Vote
from eap.models.inventory import Inventory, InventoryHost
from eap.models.plan import Edit, Plan, PlanVersion, Review
from eap.models.run import Run
from eap.models.secret import Secret
from eap.models.start import AutomaticStart, RunHook, RunSchedule
from eap.models.step import Evidence, LineAnswer, RunStep
from eap.models.target import LogLine, StepTarget

__all__ = [
    "AutomaticStart",
    "Edit",
    "Evidence",
    "Inventory",
    "InventoryHost",
    "LineAnswer",
    "LogLine",
    "Plan",
    "PlanVersion",
    "Review",
    "Run",
    "RunHook",
    "RunSchedule",
    "RunStep",
    "Secret",
    "StepTarget",
    "Vote",
]
