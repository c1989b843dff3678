"""Pages and deliveries as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from notifications.answers import Answer
from notifications.models import Attempt, Delivery, Page, Responder
from people.api_shapes import PersonRef, optional_ref, person_ref
from web.api import Schema, Window
from web.api.fields import Given, Moment, Name, Text

PageStateAsked = Literal["", "open", "paging", "acknowledged", "exhausted", "cancelled"]
DeliveryStateAsked = Literal["", "pending", "sending", "sent", "delivered", "failed", "expired", "cancelled"]


class PagesAsked(Window):
    """Which pages: about an incident (id or number), in a state (`open`: paging or acknowledged), calling somebody."""

    incident: Name = ""
    state: PageStateAsked = ""
    person: Name = ""


class DeliveriesAsked(Window):
    """Which deliveries: about an incident, of a page, to a person, in a state, by a channel, written in a time.

    `provider`, `result` and `code` are of one and the same try; a provider alone finds also what it is to send next.
    `address`, a part of the number or address, is for who may audit.
    """

    incident: Name = ""
    page: Name = ""
    person: Name = ""
    state: DeliveryStateAsked = ""
    channel: Name = ""
    provider: Name = ""
    result: Name = ""
    code: Name = ""
    address: Name = ""
    since: Moment | None = None
    until: Moment | None = None


class PageIn(Given):
    """Whom to reach: a person (id or e-mail address) or a policy (id or name), and what about."""

    title: Text
    person: Name | None = None
    policy: Name | None = None
    urgency: Literal["high", "low"] = "high"
    incident: Annotated[Name | None, Field(description="Id or number of the incident it is about.")] = None


class AnswerIn(Given):
    """Who answers: whose token it is, unless `person` names somebody else, which counts as on their behalf."""

    person: Name | None = None


class DeclineIn(AnswerIn):
    """Who can't, and why."""

    reason: Text = ""


class SnoozeIn(Given):
    """Until when it is quiet: a time, or minutes from now (30 unless given), at most 24 hours ahead."""

    until: Moment | None = None
    minutes: Annotated[int, Field(ge=1, le=1440)] = 30

    def moment(self, now: datetime) -> datetime:
        """Return when the page starts again."""
        return self.until or now + timedelta(minutes=self.minutes)


class ReassignIn(Given):
    """Who is called instead: a person or a policy."""

    person: Name | None = None
    policy: Name | None = None


class MoreIn(Given):
    """Who is called too: ids or e-mail addresses."""

    people: Annotated[list[Name], Field(min_length=1, max_length=100)]


class CalledOut(Schema):
    """Somebody whom a page called. `on_behalf_by` names who answered for them, "" when they did themselves."""

    person: PersonRef
    state: str
    level: int
    round: int
    called_at: datetime
    delivered_at: datetime | None
    answered_at: datetime | None
    via: str
    on_behalf_by: str


class PageOut(Schema):
    """A page: the duty to reach somebody. `incident_id` is null for a page that stands alone."""

    id: str
    incident_id: str | None
    title: str
    state: str
    cancel_reason: str
    urgency: str
    severity: str
    purpose: str
    policy: str
    level: int
    round: int
    required_acknowledgements: int
    people: list[CalledOut]
    acknowledged_by: PersonRef | None
    acknowledged_at: datetime | None
    started_at: datetime
    next_step_at: datetime | None
    snoozed_until: datetime | None
    ended_at: datetime | None
    trouble: str


class AnsweredOut(PageOut):
    """The page after an answer; `changed` tells whether it did anything, `sentence` what."""

    changed: bool
    sentence: str


class AttemptOut(Schema):
    """One exchange with a provider."""

    at: datetime
    provider: str
    result: str
    code: str
    latency_ms: int | None


class DeliveryOut(Schema):
    """One message to one contact method. `repeated`: its first try had an unknown outcome."""

    id: str
    page_id: str | None
    person: PersonRef
    kind: str
    channel: str
    provider: str
    state: str
    reason: str
    repeated: bool
    attempts: list[AttemptOut]
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None


def page_out(page: Page) -> PageOut:
    """Return a page whose responders are at hand."""
    kind, _, id_ = page.subject.partition(":")
    return PageOut(
        id=str(page.pk),
        incident_id=id_ if kind == "incident" else None,
        title=page.title,
        state=page.state,
        cancel_reason=page.cancel_reason,
        urgency=page.urgency,
        severity=f"SEV{page.severity}",
        purpose=page.purpose,
        policy=page.policy_name,
        level=page.level,
        round=page.round,
        required_acknowledgements=page.required_acknowledgements,
        people=[_called_out(responder) for responder in page.responders_called.all()],
        acknowledged_by=optional_ref(page.acknowledged_by),
        acknowledged_at=page.acknowledged_at,
        started_at=page.started_at,
        next_step_at=page.next_step_at,
        snoozed_until=page.snoozed_until,
        ended_at=page.ended_at,
        trouble=page.trouble,
    )


def _called_out(responder: Responder) -> CalledOut:
    return CalledOut(
        person=person_ref(responder.person),
        state=responder.state,
        level=responder.level,
        round=responder.round,
        called_at=responder.called_at,
        delivered_at=responder.delivered_at,
        answered_at=responder.answered_at,
        via=responder.via,
        on_behalf_by=responder.on_behalf_by,
    )


def answered_out(page: Page, answer: Answer) -> AnsweredOut:
    """Return the page as it is after an answer, and the answer's words."""
    return AnsweredOut(**page_out(page).model_dump(), changed=answer.changed, sentence=answer.sentence)


def delivery_out(delivery: Delivery) -> DeliveryOut:
    """Return a delivery whose attempts are at hand; neither its address nor its content."""
    return DeliveryOut(
        id=str(delivery.pk),
        page_id=str(delivery.page_id) if delivery.page_id else None,
        person=person_ref(delivery.person),
        kind=delivery.kind,
        channel=delivery.channel,
        provider=delivery.provider,
        state=delivery.state,
        reason=delivery.reason,
        repeated=delivery.repeated,
        attempts=[_attempt_out(attempt) for attempt in delivery.attempts.all()],
        created_at=delivery.created_at,
        sent_at=delivery.sent_at,
        delivered_at=delivery.delivered_at,
    )


def _attempt_out(attempt: Attempt) -> AttemptOut:
    return AttemptOut(
        at=attempt.at,
        provider=attempt.provider,
        result=attempt.result,
        code=attempt.code,
        latency_ms=attempt.latency_ms,
    )
