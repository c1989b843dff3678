"""The verbs of the rooms, by text message."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from notifications.commands import Command
from people.models import Person
from people.permissions import may
from rooms.verbs import Said, verbs


class TextedVerbs:
    """A text that begins with a verb is meant for the rooms."""

    def knows(self, body: str) -> bool:
        """Tell whether the first word is a verb."""
        return verbs.read(body) is not None

    def run(self, command: Command) -> str:
        """Do what the text asks for, as its sender."""
        found = verbs.read(command.body)
        if found is None:
            return ""
        verb, argument = found
        return verbs.run(verb, Said(person=command.person, argument=argument, via=command.via, now=command.now))

    def offer(self, person: Person) -> str:
        """Return the verbs that this person may use."""
        with translation.override(person.language):
            usages = ", ".join(str(verb.usage) for verb in verbs.all() if may(person, verb.capability))
            return _("You can text: %(usages)s.") % {"usages": usages} if usages else ""
