"""The part of "How I am reached" that turns notifications on for the device in hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.template import engines
from django.utils.safestring import SafeString

from notifications.channels.push.keys import push_keys
from notifications.models import ContactMethod
from people.models import Person


def device_panel(person: Person) -> SafeString:
    """Return the panel: our public key, and which devices are on, for device.js to compare the one in hand with."""
    known = ContactMethod.objects.filter(person=person, channel="push", disabled_at=None, opted_out_at=None)
    context = {"key": push_keys().public, "known": " ".join(known.values_list("address", flat=True))}
    return SafeString(_template().render(context))


@cache
def _template() -> Any:
    # Beside this file, not among the app's templates: deleting the folder deletes the channel.
    return engines["django"].from_string(Path(__file__).with_name("device.html").read_text(encoding="utf-8"))
