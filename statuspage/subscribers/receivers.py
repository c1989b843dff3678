"""Who hears of an update."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from statuspage.customers.hits import customers_to_tell
from statuspage.models import AffectedComponent, Component, Impact, StatusUpdate, Subscriber, UpdateComponent
from statuspage.rules.impact import impact_of
from statuspage.subscribers.wishes import RANKS


def receivers(update: StatusUpdate) -> QuerySet[Subscriber]:
    """Return the active subscribers who hear of `update`, an update with its public incident.

    Those who chose components hear when the incident ever touched one of them; the impact that counts is the worst it
    ever had. So who heard that it began hears that it ended, and a newer update reaches everybody an older one would
    have reached: the older one's waiting mail can be dropped. A customer's own subscription hears of what hits their
    servers, domains and accounts, and of nothing else.
    """
    public = update.public_incident
    reached = [impact for impact, rank in RANKS.items() if rank <= RANKS[worst_impact(update)]]
    chosen = Subscriber.components.through.objects.filter(
        subscriber=OuterRef("pk"), component__in=touched_components(update)
    )
    general = Q(customer=None) & (Q(all_components=True) | Exists(chosen))
    targeted = Q(customer__in=customers_to_tell(update).values("pk"))
    return Subscriber.objects.filter(
        general | targeted, page=public.page_id, state=Subscriber.State.ACTIVE, minimum_impact__in=reached
    )


def touched_components(update: StatusUpdate) -> list[str]:
    """Return the ids of all components that the update's incident ever touched, this update included."""
    public = update.public_incident
    said = UpdateComponent.objects.filter(_spoken(update)).values_list("component_id", flat=True)
    affected = AffectedComponent.objects.filter(public_incident=public).values_list("component_id", flat=True)
    return sorted({*said, *affected})


def worst_impact(update: StatusUpdate) -> str:
    """Return the worst impact that the incident ever had, by what its updates said and by what it is said to have."""
    public = update.public_incident
    if public.impact == Impact.MAINTENANCE:
        return Impact.MAINTENANCE
    shown = Component.objects.filter(page=public.page_id, archived_at=None).count()
    by_update: dict[str, list[str]] = {}
    for key, status in UpdateComponent.objects.filter(_spoken(update)).values_list("update_id", "new_status"):
        by_update.setdefault(key, []).append(status)
    impacts = [impact_of(statuses, shown=shown) for statuses in by_update.values()]
    return max([*impacts, public.impact, public.impact_override or Impact.NONE], key=RANKS.__getitem__)


def _spoken(update: StatusUpdate) -> Q:
    """Return what picks everything said about the incident so far: published updates, and this one as a draft."""
    published = Q(update__state=StatusUpdate.State.PUBLISHED)
    return Q(update__public_incident=update.public_incident_id) & (published | Q(update=update))
