"""The registry of actions, filled in `AppConfig.ready`; it loads none of them before somebody asks."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eap.actions.base import Action


class Actions:
    """Actions by name. Most processes never run one, so a place ("eap.actions.ssh:Ssh") is as good as an action."""

    def __init__(self) -> None:
        self._actions: dict[str, Action[Any]] = {}
        self._places: dict[str, str] = {}

    def register(self, action: Action[Any]) -> None:
        """Add an action; a second one of the same name is a mistake."""
        if action.name in self._places or self._actions.setdefault(action.name, action) is not action:
            raise ValueError(f"Two actions are called {action.name!r}.")

    def register_place(self, name: str, place: str) -> None:
        """Add the action at `place` (module, colon, class), which is loaded when it is first asked for."""
        if name in self._actions or self._places.setdefault(name, place) != place:
            raise ValueError(f"Two actions are called {name!r}.")

    def get(self, name: str) -> Action[Any] | None:
        """Return the action of this name, None for a name nobody registered."""
        if name not in self._actions and name in self._places:
            module, _, kind = self._places[name].partition(":")
            self._actions[name] = getattr(import_module(module), kind)()
        return self._actions.get(name)

    def all(self) -> list[Action[Any]]:
        """Return every action by name."""
        found = (self.get(name) for name in sorted({*self._actions, *self._places}))
        return [action for action in found if action is not None]


actions = Actions()
