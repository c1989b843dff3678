"""Texts prepared in calm times, and who must agree before customers read anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from incidents.models import IncidentType
from ledger.actor import Actor
from ledger.rules import JSON
from statuspage.models import PublishingPolicy, Stage, UpdateTemplate
from statuspage.operations.checking import LONGEST_NAME, LONGEST_TEXT, one_line
from statuspage.operations.recording import record_settings
from statuspage.rules.languages import LANGUAGES
from statuspage.rules.wording import unknown_placeholders
from web.errors import BadInput, NotFound

SHORTEST_HOLD_S, LONGEST_S = 60, 7 * 86400


def save_template(
    *,
    label: str,
    stage: str,
    names: Mapping[str, str],
    texts: Mapping[str, str],
    by: Actor,
    now: datetime,
    incident_type: str = "",
    template: UpdateTemplate | None = None,
) -> UpdateTemplate:
    """Write a prepared text for a type of incident ("" for any) and a stage, or change one. Raises `BadInput`."""
    names = {code: one_line(name) for code, name in names.items() if one_line(name)}
    texts = {code: text.replace("\r\n", "\n").strip() for code, text in texts.items() if text.strip()}
    _refuse(_template_faults(one_line(label), stage, incident_type, names, texts))
    row = _locked(template) if template else UpdateTemplate()
    row.label, row.stage, row.incident_type = one_line(label), stage, incident_type
    row.names, row.texts = names, texts
    row.save()
    verb = "status.template_changed" if template else "status.template_added"
    words: dict[str, JSON] = {"names": names, "texts": texts}
    payload: dict[str, JSON] = {"template": row.pk, "label": row.label, "stage": stage, "type": incident_type, **words}
    record_settings(verb, by=by, now=now, payload=payload)
    return row


def archive_template(*, template: UpdateTemplate, by: Actor, now: datetime) -> UpdateTemplate:
    """Offer a template no longer. Doing it again changes nothing."""
    row = _locked(template)
    if row.archived_at is None:
        row.archived_at = now
        row.save(update_fields=["archived_at"])
        record_settings("status.template_archived", by=by, now=now, payload={"template": row.pk, "label": row.label})
    return row


def restore_template(*, template: UpdateTemplate, by: Actor, now: datetime) -> UpdateTemplate:
    """Offer an archived template again."""
    row = _locked(template)
    if row.archived_at is not None:
        row.archived_at = None
        row.save(update_fields=["archived_at"])
        record_settings("status.template_restored", by=by, now=now, payload={"template": row.pk, "label": row.label})
    return row


def save_publishing_policy(
    *, severity: int, approvals: int, promise_s: int, holds_s: int | None, by: Actor, now: datetime
) -> PublishingPolicy:
    """Set how updates come about for a severity (0: no internal incident). Locks it; the same again records nothing.

    Raises `BadInput`.
    """
    errors = {}
    if not 0 <= severity <= 4:
        errors["severity"] = "Choose 1 to 4, or 0 for updates without an incident behind them."
    if approvals not in (0, 1):
        errors["approvals"] = "Either nobody or one other person approves."
    if not SHORTEST_HOLD_S <= promise_s <= LONGEST_S:
        errors["promise_s"] = "Promise the next update within a minute to a week."
    if holds_s is not None and not SHORTEST_HOLD_S <= holds_s <= LONGEST_S:
        errors["holds_s"] = "Let Muster speak after a minute at the earliest and a week at the latest."
    _refuse(errors)
    PublishingPolicy.objects.get_or_create(severity=severity)
    policy = PublishingPolicy.objects.select_for_update(no_key=True).get(pk=severity)
    given: dict[str, JSON] = {"approvals": approvals, "promise_s": promise_s, "holds_s": holds_s}
    was: dict[str, JSON] = {field: getattr(policy, field) for field in given}
    if was != given:
        policy.approvals, policy.promise_s, policy.holds_s = approvals, promise_s, holds_s
        policy.save()
        payload: dict[str, JSON] = {"severity": severity, **given, "from": was}
        record_settings("status.policy_changed", by=by, now=now, payload=payload)
    return policy


def _locked(template: UpdateTemplate) -> UpdateTemplate:
    found = UpdateTemplate.objects.select_for_update(no_key=True).filter(pk=template.pk).first()
    if found is None:
        raise NotFound("There is no such template.")
    return found


def _template_faults(
    label: str, stage: str, incident_type: str, names: Mapping[str, str], texts: Mapping[str, str]
) -> dict[str, str]:
    errors = {}
    if not label or len(label) > 100:
        errors["label"] = "Give the template a name of up to 100 characters."
    if stage not in Stage.values:
        errors["stage"] = f"Choose one of {', '.join(Stage.values)}."
    if incident_type and incident_type not in IncidentType.values:
        errors["incident_type"] = "Choose a type of incident, or none for any."
    if not texts:
        errors["texts"] = "Write the text in one language at least."
    for field, given, longest in (("names", names, LONGEST_NAME), ("texts", texts, LONGEST_TEXT)):
        strange = sorted(unknown_placeholders(given.values()))
        if set(given) - set(LANGUAGES):
            errors[field] = "Choose among the languages offered."
        elif any(len(text) > longest for text in given.values()):
            errors[field] = f"Keep each under {longest} characters."
        elif strange:
            errors[field] = f"Nothing fills {', '.join(strange)}."
    return errors


def _refuse(errors: Mapping[str, str]) -> None:
    if errors:
        raise BadInput(" ".join(errors.values()), errors=errors)
