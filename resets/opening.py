"""From a system's row to a backend that works: its settings read, its secrets resolved when they are needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from eap.actions.base import Trouble
from eap.actions.redaction import Redaction
from resets.backends.registry import kind_of

if TYPE_CHECKING:
    from resets.backends.base import Backend
    from resets.models import System

TIMEOUT_S: Final = 60.0


def open_backend(
    system: System,
    *,
    say: Callable[[str], None],
    stopped: Callable[[], bool],
    redaction: Redaction | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Backend[Any]:
    """Return a backend for one thread's consecutive calls to this system; the caller closes it.

    What it says is cleaned of every secret that it asked for, which `redaction` has learned afterwards. Nothing is
    connected yet. Raises a final `Trouble` for a kind nobody has and for settings that do not fit it.
    """
    from pydantic import ValidationError

    from eap.secret_store import value_of
    from resets.backends.base import Surroundings
    from web.secrets import UnreadableSecretError

    hidden = redaction if redaction is not None else Redaction()

    def secret(name: str) -> str:
        try:
            return hidden.learn(value_of(name))
        except UnreadableSecretError as error:
            raise Trouble(str(error)) from None

    try:
        kind = kind_of(system.kind)
        settings = kind.settings.model_validate(system.settings)
    except KeyError:
        raise Trouble(f"There is no kind of system called {system.kind}.") from None
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, each["loc"])) or "settings" for each in error.errors())
        raise Trouble(f"The settings of {system.name} are not right: {fields}. Mend them under Settings.") from None
    around = Surroundings(secret=secret, say=lambda text: say(hidden.clean(text)), stopped=stopped, timeout_s=timeout_s)
    return kind(settings, around)
