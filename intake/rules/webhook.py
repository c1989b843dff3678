"""Any JSON: what of it is which event; each part by the key's mapping, else by a known tool's, else by usual names."""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

from intake.rules.mapping import WebhookMapping
from intake.rules.parsed import Action, NotUnderstood, ParsedEvent
from intake.rules.paths import at, filled, text_of
from intake.rules.severity import SEVERITY_OF, USUAL
from intake.rules.text import clean
from intake.rules.webhook_shapes import ACKNOWLEDGED, INSIDE, LISTS, NAMES, RESOLVED, KnownShape, shape_of

SUMMARY_LENGTH: Final = 1024
KEY_LENGTH: Final = 255
LINK_LENGTH: Final = 2000
MOST_EVENTS: Final = 1000
"""Of one body: each is a row or two, in one commit."""
_NO_EVENT: Final = "Not an event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """One event, and whether its dedup key was given or is made of what it says."""

    event: ParsedEvent
    key_given: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a body says. `left` is the body with only those events in it that could not be understood, and `errors`
    says why; None when all could. `shape` is the tool that was recognised."""

    understood: list[Understood]
    shape: KnownShape | None
    left: Any = None
    errors: tuple[str, ...] = ()

    @property
    def events(self) -> list[ParsedEvent]:
        """Return the events, in the order of the body."""
        return [each.event for each in self.understood]

    @property
    def unkeyed(self) -> set[str]:
        """Return the keys of those that open an alert and name none: they were made of what the events say."""
        opening = (each.event for each in self.understood if not each.key_given and each.event.action == "trigger")
        return {event.dedup_key for event in opening}


def read_webhook(body: Any, mapping: WebhookMapping) -> Reading:
    """Return the events of a body. What the mapping leaves open is read as a recognised tool's.

    Raises `NotUnderstood` when nothing in it can be understood.
    """
    shape = None if mapping.each else shape_of(body)
    mapping = mapping.over(shape.mapping) if shape else mapping
    path, items = _items(body, mapping)
    understood: list[Understood] = []
    left: list[Any] = []
    errors: dict[str, None] = {}
    for item in items:
        try:
            understood.append(_read(item, body, mapping))
        except NotUnderstood as error:
            left.append(item)
            errors.update(dict.fromkeys(error.errors))
    if not understood:
        raise NotUnderstood(_NO_EVENT, list(errors) or ["There is no event in it: its list is empty."])
    rest = _only(body, path, left) if left else None
    return Reading(understood=understood, shape=shape, left=rest, errors=tuple(errors))


def _items(body: Any, mapping: WebhookMapping) -> tuple[str | None, list[Any]]:
    """Return the path of the list of events ("" for the body itself, None for no list), and the events."""
    path: str | None = mapping.each or None
    found: Any = body
    if path is not None:
        found = at(body, path)
        if not isinstance(found, list):
            raise NotUnderstood(_NO_EVENT, [f"There is no list at “{path}”, where this key's events should be."])
    elif isinstance(body, list):
        path = ""
    elif isinstance(body, dict):
        path = next((name for name in LISTS if _are_objects(body.get(name))), None)
        found = body[path] if path else [body]
    else:
        raise NotUnderstood(_NO_EVENT, ["The body must be a JSON object or a list of objects."])
    if len(found) > MOST_EVENTS:
        raise NotUnderstood(_NO_EVENT, [f"There are {len(found)} events in it; at most {MOST_EVENTS} can be taken."])
    return path, found


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _only(body: Any, path: str | None, items: list[Any]) -> Any:
    """Return the body with only these events in its list, so that it can be read again without the others."""
    if path is None or path == "":
        return items if path == "" else body
    whole = copy.deepcopy(body)
    found = at(whole, path)
    found[:] = items
    return whole


def _read(item: Any, body: Any, mapping: WebhookMapping) -> Understood:
    if not isinstance(item, dict):
        raise NotUnderstood(_NO_EVENT, ["An event must be a JSON object."])
    inner = _holders(item)
    outer = inner if item is body else [*inner, *_holders(body)]
    said = {
        name: filled(getattr(mapping, name), item, body) if getattr(mapping, name) else _usual(name, outer)
        for name in ("state", "severity", "source", "service", "link")
    }
    key = filled(mapping.dedup_key, item, body) if mapping.dedup_key else _usual("dedup_key", inner)
    summary = _summary(item, body, mapping, outer)
    if not (summary or key):
        sentence = "It says neither what is wrong nor which alert it belongs to: no summary and no dedup key was found."
        raise NotUnderstood(_NO_EVENT, [f"{sentence} Set where they stand in the key's mapping."])
    source = clean(said["source"] or "webhook", KEY_LENGTH)
    summary = clean(summary or f"Event {key} of {source}", SUMMARY_LENGTH)
    event = ParsedEvent(
        action=_action(said["state"], said["severity"], mapping),
        dedup_key=_fitting(key) if key else _made_key(said["service"], source, summary),
        raw=item,
        summary=summary,
        source=source,
        severity=_severity(said["severity"], said["state"], mapping),
        fields={**({"service": said["service"]} if said["service"] else {}), "custom_details": item},
        links=_links(said["link"]),
    )
    return Understood(event=event, key_given=bool(key))


def _summary(item: Any, body: Any, mapping: WebhookMapping, holders: list[dict[str, Any]]) -> str:
    """Return what is wrong, also where the mapping finds nothing: a page must not be lost for a missing field."""
    mapped = filled(mapping.summary, item, body).rstrip(" :") if mapping.summary else ""
    return mapped or _usual("summary", holders)


def _holders(body: Any) -> list[dict[str, Any]]:
    """Return an object and those known ones inside it, their names without case, underscores and hyphens."""
    if not isinstance(body, dict):
        return []
    top = {_plain(name): value for name, value in body.items()}
    inside = (top.get(name) for name in INSIDE)
    return [top, *({_plain(k): v for k, v in each.items()} for each in inside if isinstance(each, dict))]


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _usual(what: str, holders: list[dict[str, Any]]) -> str:
    """Return the first text under a usual name; of an object that has a name of its own, that."""
    for holder in holders:
        for name in NAMES[what]:
            value = holder.get(name)
            if isinstance(value, dict):
                value = value.get("name") if what in ("source", "service") else None
            if isinstance(value, str | int | float) and not isinstance(value, bool) and (text := text_of(value)):
                return text
    return ""


def _action(state: str, severity: str, mapping: WebhookMapping) -> Action:
    """Return what an event does; a tool without a state may say "ok" as its level."""
    word = (state or severity).lower()
    if word in mapping.ignored_words:
        return "change"
    if word in mapping.resolved_words:
        return "resolve"
    if word in mapping.acknowledged_words:
        return "acknowledge"
    return "resolve" if word in RESOLVED else "acknowledge" if word in ACKNOWLEDGED else "trigger"


def _severity(severity: str, state: str, mapping: WebhookMapping) -> str:
    """Return one of our four; a tool without a severity may say it as its state ("CRITICAL")."""
    for word in (severity.lower(), state.lower()):
        found = mapping.severity_words.get(word) or SEVERITY_OF.get(word)
        if found:
            return found
    return USUAL


def _fitting(key: str) -> str:
    """Return a key that the alert can hold."""
    return key if len(key) <= KEY_LENGTH else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _made_key(*said: str) -> str:
    """Return a key for an event without one: the same words from the same place are the same alert."""
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _links(link: str) -> list[dict[str, str]]:
    is_link = link.startswith(("http://", "https://")) and len(link) <= LINK_LENGTH
    return [{"href": link, "text": "Source"}] if is_link else []
