"""Slack's methods about windows: modals and home tabs."""

from typing import Any

from simulator.slack.blocks import WrongBlocks, check_view
from simulator.slack.methods import Answer, Given, Method, Methods, Refused, parsed
from simulator.slack.triggers import Trigger, Triggers
from simulator.slack.workspace import View, Workspace

MOST_STACKED = 3


class Windows(Methods):
    """A window opens by the trigger_id of what somebody just did."""

    def __init__(self, room: Workspace, triggers: Triggers) -> None:
        super().__init__(room)
        self._triggers = triggers

    def table(self) -> dict[str, Method]:
        return {
            "views.open": self.open,
            "views.push": self.push,
            "views.update": self.update,
            "views.publish": self.publish,
        }

    def open(self, given: Given, at_s: float) -> Answer:
        trigger, view = self._trigger(given, at_s), self._view(given, kind="modal")
        return {"view": self.room.add_view(user=trigger.user, given=view).public()}

    def push(self, given: Given, at_s: float) -> Answer:
        trigger, view = self._trigger(given, at_s), self._view(given, kind="modal")
        below = self.room.views.get(trigger.view)
        if below is None or not below.open:
            raise Refused("not_found")
        root = below.root or below.id
        stacked = [each for each in self.room.views.values() if each.open and root in {each.id, each.root}]
        if len(stacked) >= MOST_STACKED:
            raise Refused("push_limit_reached")
        return {"view": self.room.add_view(user=trigger.user, given=view, root=root).public()}

    def update(self, given: Given, _at_s: float) -> Answer:
        found = self._known(given)
        if given.get("hash") and given["hash"] != found.hash:
            raise Refused("hash_conflict")
        self.room.change_view(found, given=self._view(given, kind="modal"))
        return {"view": found.public()}

    def publish(self, given: Given, _at_s: float) -> Answer:
        user = str(given.get("user_id", ""))
        if not self.is_person(user):
            raise Refused("user_not_found")
        return {"view": self.room.add_view(user=user, given=self._view(given, kind="home")).public()}

    def _known(self, given: Given) -> View:
        wanted, external = str(given.get("view_id", "")), str(given.get("external_id", ""))
        for view in self.room.views.values():
            if view.open and (view.id == wanted or (external and view.given.get("external_id") == external)):
                return view
        raise Refused("not_found")

    def _trigger(self, given: Given, at_s: float) -> Trigger:
        found = self._triggers.use(str(given.get("trigger_id", "")), at_s=at_s)
        if isinstance(found, str):
            raise Refused(found)
        return found

    @staticmethod
    def _view(given: Given, *, kind: str) -> dict[str, Any]:
        view: dict[str, Any] = parsed(given.get("view"), dict) or {}
        try:
            check_view(view)
        except WrongBlocks as wrong:
            raise Refused("invalid_arguments", messages=[f"[ERROR] {wrong}"]) from wrong
        if view["type"] != kind:
            raise Refused("invalid_arguments", messages=[f"[ERROR] a {kind} is wanted"])
        return view
