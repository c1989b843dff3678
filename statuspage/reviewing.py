"""An update as the second person reads it: everything that customers will see, and why it may go out or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from people.models import Person
from people.permissions import APPROVE_UPDATE, BY_ROLE, may
from statuspage.models import Component, EmergencyOverride, PublicIncident, StatusUpdate, Subscriber
from statuspage.operations.contents import digest_of
from statuspage.operations.open_override import override_of
from statuspage.operations.publish_update import policy_for
from statuspage.rules.languages import LANGUAGES
from statuspage.rules.stages import implied_statuses


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What is read in one language; `missing`: readers of it get the page's own language."""

    code: str
    label: str
    name: str
    text: str
    missing: bool


@dataclass(frozen=True, kw_only=True)
class Said:
    """What an update makes of a component. `implied`: nobody wrote it, the stage brings it along."""

    component: Component
    before: str
    after: str
    implied: bool


@dataclass(frozen=True, kw_only=True)
class Review:
    """One update, ready to be judged.

    `digest` stands for exactly what is shown. `wrote_it`: the reader drafted it, so they can't approve it. `needed`: a
    second person must. `others` may approve it. `reach` is how many subscribers would hear of it.
    """

    update: StatusUpdate
    digest: str
    readings: list[Reading]
    said: list[Said]
    servers: list[str]
    needed: bool
    wrote_it: bool
    may_approve: bool
    may_publish: bool
    override: EmergencyOverride | None
    others: list[Person]
    reach: int

    @property
    def unwritten(self) -> list[str]:
        """The languages of the page without a text of their own."""
        return [reading.label for reading in self.readings if reading.missing]


def review(update: StatusUpdate, *, person: Person, now: datetime) -> Review:
    """Return what `person` needs to judge an update that they may see."""
    needed = policy_for(update).approvals > 0
    waits = update.state in (StatusUpdate.State.DRAFT, StatusUpdate.State.APPROVED)
    approves = may(person, APPROVE_UPDATE)
    wrote_it = update.drafted_by_id == person.pk
    digest = digest_of(update)
    approved = update.state == StatusUpdate.State.APPROVED and update.digest == digest
    return Review(
        update=update,
        digest=digest,
        readings=readings(update),
        said=said_of_components(update),
        servers=list(update.public_incident.hit_servers.values_list("server__name", flat=True)[:200]),
        needed=needed,
        wrote_it=wrote_it,
        may_approve=waits and approves and not wrote_it and not approved,
        may_publish=waits and approves and (approved or not needed),
        override=override_of(person, now=now),
        others=[each for each in approvers() if each.pk != update.drafted_by_id] if waits else [],
        reach=_reach(update),
    )


def approvers() -> QuerySet[Person, Person]:
    """Return everybody who may approve, by name."""
    roles = [role for role, capabilities in BY_ROLE.items() if APPROVE_UPDATE in capabilities]
    return Person.objects.active().filter(role__in=roles).order_by("name")


def readings(update: StatusUpdate) -> list[Reading]:
    """Return what is read in each language of the page, its own first."""
    public = update.public_incident
    page = public.page
    found = []
    for code in (page.language, *page.languages):
        text, own = update.texts.get(code, ""), code == page.language
        name = public.name if own else public.names.get(code) or public.name
        label = LANGUAGES.get(code, code)
        found.append(Reading(code=code, label=label, name=name, text=text, missing=not text))
    return found


def said_of_components(update: StatusUpdate) -> list[Said]:
    """Return what an update makes of each component, published or still to be, in the order of the page."""
    public = update.public_incident
    rows = {each.component_id: each for each in update.components.select_related("component")}
    if update.state == StatusUpdate.State.PUBLISHED:
        found = [
            Said(component=each.component, before=each.old_status, after=each.new_status, implied=False)
            for each in rows.values()
        ]
    else:
        affected = {each.component_id: each for each in public.affected.select_related("component")}
        implied = _implied(update, {pk: each.status for pk, each in affected.items()})
        known = {each.component_id: each.component for each in affected.values()}
        known |= {each.component_id: each.component for each in rows.values()}
        after = {**implied, **{pk: each.new_status for pk, each in rows.items()}}
        found = [
            Said(component=known[pk], before=known[pk].status, after=status, implied=pk not in rows)
            for pk, status in after.items()
        ]
    return sorted(found, key=lambda said: (said.component.position, said.component.name))


def _implied(update: StatusUpdate, affected: Mapping[str, str]) -> dict[str, str]:
    """Return what the stage alone says. For a planned maintenance: what the components will be while it runs."""
    public = update.public_incident
    planned = public.kind == PublicIncident.Kind.MAINTENANCE
    if planned and update.stage == "scheduled":
        return dict(affected)
    return implied_statuses(
        stage=update.stage, before=public.status if public.published_at else "", affected=affected, planned=planned
    )


def _reach(update: StatusUpdate) -> int:
    """Return how many confirmed subscribers of the page there are; which components they chose is not looked at."""
    if not update.deliver:
        return 0
    active = Subscriber.objects.filter(page=update.public_incident.page, state=Subscriber.State.ACTIVE)
    return active.filter(customer=None).count()
