"""Whom the fault tests page: many services of one person each, and one with a second level. Run inside the product."""

from __future__ import annotations

from typing import Final

from bench.company import PREFIX, build
from notifications.models import ContactMethod, EscalationPolicy, Level
from people.models import Person

SERVICES: Final = 400
RELAY: Final = SERVICES - 1
"""The number of the service whose policy has a second level."""
RELAY_S: Final = 5
"""Until that second level is called."""


def load() -> None:
    """Create services 0 to 399, each with a policy that reaches one person by one message: even ones by SMS, odd ones
    by e-mail, which no provider can be asked about. The person of `RELAY - 1` is the second level of `RELAY`."""
    build(SERVICES)
    odd = [method for method in ContactMethod.objects.filter(person__in=_people()) if int(method.address[-1]) % 2]
    for method in odd:
        number = int(method.address.removeprefix("+1206555"))
        if number != RELAY:
            method.channel, method.address = "email", mailbox(number)
    ContactMethod.objects.bulk_update(odd, ["channel", "address"])
    policy = EscalationPolicy.objects.get(name=f"{PREFIX}{RELAY}")
    policy.levels.update(delay_s=RELAY_S)
    second = Level.objects.create(policy=policy, position=2, delay_s=86_400)
    second.targets.create(person=Person.objects.get(name=f"Bench {RELAY - 1}"))


def _people() -> list[Person]:
    return list(Person.objects.filter(email__startswith=PREFIX))


def mailbox(number: int) -> str:
    """Return the address of an odd service's person."""
    return f"faults-{number}@bench.example"


def phone(number: int) -> str:
    """Return the number of an even service's person."""
    return f"+1206555{number:04d}"
