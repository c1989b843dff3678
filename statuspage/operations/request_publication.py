"""Ask for the published files to be made anew."""

from __future__ import annotations

from django.db.models import F

from engine import wake
from statuspage.models import Publisher

DUTY = "status_publisher"


def request_publication() -> None:
    """Count up what the files should show, in the caller's transaction, and wake the publisher after its commit.

    Locks the publisher's row for the rest of the transaction, so it is called last, just before the ledger.
    """
    if not Publisher.objects.filter(pk=1).update(wanted=F("wanted") + 1):
        Publisher.objects.get_or_create(pk=1)
        Publisher.objects.filter(pk=1).update(wanted=F("wanted") + 1)
    wake.after_commit(DUTY)
