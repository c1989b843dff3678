"""How the ledger reads of what automations stand on: verbs "inventory.…" and "secret.…"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.utils.translation import gettext as _

from incidents.sentences import Said, Saying


def _say(text: str) -> Callable[[Said], str]:
    """Return a sentence with its facts put in; the text is translated when it is read."""
    names = ("name", "hosts", "added", "changed", "removed")
    return lambda said: _(text) % {"who": said.who, **{name: said.get(name) for name in names}}


AUTOMATION: Final[Mapping[str, Saying]] = {
    "inventory.saved": Saying(icon="server", say=_say("%(who)s saved the inventory %(name)s"), tone="calm"),
    "inventory.filled": Saying(
        icon="server",
        say=_say(
            "%(who)s filled the inventory %(name)s: %(hosts)s hosts, %(added)s added, %(changed)s changed, "
            "%(removed)s removed"
        ),
        tone="calm",
    ),
    "inventory.removed": Saying(icon="trash", say=_say("%(who)s removed the inventory %(name)s"), tone="watch"),
    "secret.saved": Saying(icon="key", say=_say("%(who)s saved the secret %(name)s"), tone="watch"),
    "secret.removed": Saying(icon="trash", say=_say("%(who)s removed the secret %(name)s"), tone="watch"),
}
