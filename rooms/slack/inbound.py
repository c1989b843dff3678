"""Take what came: known or new, by whom, what is answered at once, what is worked off after."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.db import connection, transaction
from django.utils.translation import gettext as _

from engine import broker
from notifications.slack.words import escaped
from people.models import Person
from rooms.slack import people
from rooms.slack.client import ChannelFailure, post_later
from rooms.slack.reading import Arrived
from rooms.slack.registry import Came, Door, door_for
from web.errors import Refusal

TASK: Final = "rooms.slack.inbound"
UNDECIDED: Final = timedelta(seconds=10)
"""So long what is answered at once waits for that answer; three times what Slack waits for it."""
Answer = dict[str, Any] | None
NOTHING_NEW: Final[dict[str, Any]] = {}
"""The answer to a double: an empty one, told from others by HTTP's status 204."""

log = structlog.get_logger(__name__)


def receive(arrived: Arrived, *, now: datetime) -> Answer:
    """Keep what came and return the body of the answer, None for an empty one. Expects no open transaction.

    A double changes nothing and is answered `NOTHING_NEW`. What takes longer is queued with what came, in the same
    commit.
    """
    door = door_for(arrived.kind, arrived.name)
    if door is None:
        return _unheard_of(arrived)
    person = people.person_of(arrived.user_id) if arrived.user_id else None
    if person is None and not door.strangers:
        return _offer_linking(arrived, now=now)
    kept = _keep(arrived, door=door, now=now)
    if kept is None:
        return NOTHING_NEW
    if door.at_once is None:
        return None
    with people.speaking_to(person):
        answer = _at_once(door, came_of(arrived, person=person, now=now))
    if door.later is not None:
        _settle(kept, refused=_is_refusal(answer), queue=door.queue, now=now)
    return answer


def came_of(arrived: Arrived, *, person: Person | None, now: datetime) -> Came:
    """Return what features see of what arrived."""
    return Came(
        kind=arrived.kind,
        name=arrived.name,
        key=arrived.key,
        team_id=arrived.team_id,
        user_id=arrived.user_id,
        channel_id=arrived.channel_id,
        trigger_id=arrived.trigger_id,
        response_url=arrived.response_url,
        payload=arrived.payload,
        person=person,
        now=now,
    )


def tell(came: Came, text: str, *, now: datetime, blocks: list[dict[str, Any]] | None = None) -> None:
    """Answer somebody later, for their eyes only: where they acted if Slack gave a way back, else by direct message.

    `text` is Slack's markup: what people wrote is escaped by the caller. Writes into the outbox in the caller's
    transaction.
    """
    _whisper(
        {"text": text, "blocks": blocks} if blocks else {"text": text},
        user_id=came.user_id,
        channel_id=came.channel_id,
        response_url=came.response_url,
        dedup="",
        now=now,
    )


def _at_once(door: Door, came: Came) -> Answer:
    assert door.at_once is not None  # noqa: S101  (asked before)
    try:
        return door.at_once(came)
    except Refusal as refusal:
        sentence = refusal.sentence
    except ChannelFailure as failure:
        log.warning("slack_answer_failed", kind=came.kind, name=came.name, code=failure.code)
        sentence = f"{failure.detail} {_('If nothing opened, try again, or do it on the web.')}"
    except Exception:
        # The edge of the door: Slack waits, and a stack trace is no answer.
        log.exception("slack_answer_failed", kind=came.kind, name=came.name)
        sentence = _("Something went wrong in Muster. It was not done; try again, or do it on the web.")
    if came.kind == "command":
        return {"response_type": "ephemeral", "text": escaped(sentence)}
    if came.kind == "submission" and (block := _first_block(came)):
        return {"response_action": "errors", "errors": {block: sentence}}
    with transaction.atomic():
        tell(came, escaped(sentence), now=came.now)
    return None


def _first_block(came: Came) -> str:
    """Return the first input of a modal: only inputs can carry an error."""
    blocks = came.view.get("blocks")
    inputs = [each for each in blocks if isinstance(each, dict)] if isinstance(blocks, list) else []
    return next((str(each.get("block_id", "")) for each in inputs if each.get("type") == "input"), "")


def _is_refusal(answer: Answer) -> bool:
    return answer is not None and answer.get("response_action") == "errors"


def _unheard_of(arrived: Arrived) -> Answer:
    if arrived.kind == "command":
        text = _("Muster does not know %(name)s.") % {"name": arrived.name}
        return {"response_type": "ephemeral", "text": text}
    return None


def _offer_linking(arrived: Arrived, *, now: datetime) -> Answer:
    if arrived.kind == "event" or not arrived.user_id:
        return None  # nobody asked us for anything
    offered = people.offer(team_id=arrived.team_id, user_id=arrived.user_id)
    if arrived.kind == "command":
        return {"response_type": "ephemeral", **offered}
    with transaction.atomic():
        _whisper(
            offered,
            user_id=arrived.user_id,
            channel_id=arrived.channel_id,
            response_url=arrived.response_url,
            dedup=f"offer:{arrived.key}" if arrived.key else "",
            now=now,
        )
    return {"response_action": "clear"} if arrived.kind == "submission" else None


def _whisper(
    said: dict[str, Any], *, user_id: str, channel_id: str, response_url: str, dedup: str, now: datetime
) -> None:
    if response_url:
        # It works also where the app is no member, which Slack's own method for this does not.
        hidden = {"response_type": "ephemeral", "replace_original": False}
        post_later("response_url", {"url": response_url, **hidden, **said}, lane="", dedup=dedup, now=now)
    elif channel_id.startswith(("C", "G")):
        post_later("chat.postEphemeral", {"channel": channel_id, "user": user_id, **said}, dedup=dedup, now=now)
    else:
        post_later("chat.postMessage", {"channel": user_id, **said}, dedup=dedup, now=now)


def _keep(arrived: Arrived, *, door: Door, now: datetime) -> int | None:
    """Store what came and return its row; None for a double. One commit; the workers hear of it after that.

    What is answered at once first waits for that for a moment: a process killed meanwhile leaves it to the engine.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO rooms_slackinbound"
                " (key, kind, name, user_id, payload, queue, state, tries, not_before, reason, received_at, ended_at)"
                " VALUES (%s, %s, %s, %s, %s::jsonb, %s, %s, 0, %s, '', %s, %s)"
                " ON CONFLICT (key) DO NOTHING RETURNING id",
                [
                    arrived.key[:200] or f"{arrived.kind}:{now.timestamp()}:{id(arrived)}",
                    arrived.kind,
                    arrived.name[:255],
                    arrived.user_id[:20],
                    json.dumps(arrived.payload),
                    door.queue,
                    "pending" if door.later is not None else "done",
                    now if door.at_once is None else now + UNDECIDED,
                    now,
                    None if door.later is not None else now,
                ],
            )
            row = cursor.fetchone()
        if row is None:
            return None
        if door.later is not None and door.at_once is None:
            _hand_over(row[0], queue=door.queue)
    return int(row[0])


def _settle(row_id: int, *, refused: bool, queue: str, now: datetime) -> None:
    """Let what was answered at once be worked off now; end what was refused."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            if refused:
                cursor.execute(
                    "UPDATE rooms_slackinbound SET state = 'done', ended_at = %s WHERE id = %s", [now, row_id]
                )
            else:
                cursor.execute("UPDATE rooms_slackinbound SET not_before = %s WHERE id = %s", [now, row_id])
        if not refused:
            _hand_over(row_id, queue=queue)


def _hand_over(row_id: int, *, queue: str) -> None:
    transaction.on_commit(lambda: broker.hand_over(TASK, [str(row_id)], queue))
