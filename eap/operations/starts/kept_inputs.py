"""Inputs that are kept for runs to come, with a schedule or an address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from eap.models import PlanVersion
from eap.operations.runs.start_run import check_inputs
from web.errors import BadInput


def check_kept(version: PlanVersion, inputs: Mapping[str, Any], *, now: datetime, partly: bool = False) -> None:
    """Raise `BadInput` with a sentence per field for inputs that a plan can't use, and for secrets, which are not kept.

    `partly`: whoever starts the run gives those that are missing.
    """
    given = check_inputs(version, inputs, now=now, refused="It was not saved.", partly=partly)
    if given.secret:
        sentence = "A secret can't be kept here; have the plan use one of the secrets of the settings instead."
        raise BadInput(sentence, errors={f"inputs.{next(iter(given.secret))}": sentence})
