"""The people of Harbor Hosting. Numbers are of a range that Sweden keeps for fiction (070-174 06 05 to 99)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from people.models import Role


@dataclass(frozen=True, slots=True)
class Character:
    """One of the cast; `called` people are rung at once when paged, the others after two minutes."""

    name: str
    title: str
    role: str
    number: int
    called: bool = False

    @property
    def email(self) -> str:
        """Return the e-mail address, which is also the name to sign in with."""
        return f"{self.name.split()[0].lower()}@harbor.example"

    @property
    def phone(self) -> str:
        """Return the mobile number in E.164."""
        return f"+467017406{self.number:02d}"

    @property
    def slack(self) -> str:
        """Return who they are in the simulator's Slack workspace."""
        return f"U0HARBOR{self.number:02d}"


CAST: Final = (
    Character("Ada Lindqvist", "CEO", Role.EXECUTIVE, 5, called=True),
    Character("Vic Okafor", "VP Operations", Role.EXECUTIVE, 6, called=True),
    Character("Vera Novak", "VP Engineering", Role.EXECUTIVE, 7, called=True),
    Character("Mia Tanaka", "Manager Support", Role.RESPONDER, 8, called=True),
    Character("Max Brandt", "Manager Network", Role.RESPONDER, 9, called=True),
    Character("Otto Berg", "On call", Role.RESPONDER, 10, called=True),
    Character("Olga Marin", "On call", Role.RESPONDER, 11, called=True),
    Character("Cam Duarte", "Communications", Role.COMMUNICATIONS, 12),
    Character("Sid Rao", "Security", Role.RESPONDER, 13),
    Character("Sue Adler", "Support", Role.OBSERVER, 14),
    Character("Leo Frank", "Legal", Role.AUDITOR, 15),
    Character("Alma Holt", "Administrator", Role.ADMINISTRATOR, 16, called=True),
)
TIME_ZONE: Final = "Europe/Stockholm"
