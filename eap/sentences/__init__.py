"""How the ledgers of runs, of plans and of what automations stand on read to people, a file per noun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from eap.sentences.about_automation import AUTOMATION
from eap.sentences.about_plans import PLAN
from eap.sentences.about_runs import RUN
from incidents.sentences import Saying

SAYINGS: Final[Mapping[str, Saying]] = {**RUN, **PLAN, **AUTOMATION}

__all__ = ["SAYINGS"]
