"""Answering where somebody acted, by the address that came with it: good five times within 30 minutes."""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from notifications.channels.base import CALL_S, OutcomeUnknown, PermanentFailure
from notifications.slack.client import Answer
from notifications.slack.errors import failure_of


def answer_by(url: str, body: Mapping[str, Any]) -> Answer:
    """Post `body` to a response_url. Raises as `notifications.slack.client.call`."""
    from slack_sdk.webhook import WebhookClient

    if not url.startswith("http"):
        raise PermanentFailure("Slack gave no usable address to answer to.", scope="message", code="no_address")
    try:
        # Slack's own, from a body that it signed.
        answer = WebhookClient(url, timeout=int(CALL_S), retry_handlers=[]).send_dict(dict(body))
    except (OSError, HTTPException, ValueError) as error:
        raise OutcomeUnknown(f"Slack gave no answer ({type(error).__name__}).", code="no_answer") from None
    if answer.status_code == 200:
        return {"ok": True}
    word = str(answer.body or "").strip()
    if answer.status_code == 404:
        raise PermanentFailure("It was too late to answer there.", scope="message", code=word[:40] or "404")
    headers = {name.lower(): str(value) for name, value in answer.headers.items()}
    raise failure_of(status=answer.status_code, code=word, retry_after=headers.get("retry-after"))
