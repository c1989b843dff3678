"""What the ledger stores. Triggers guard every table (migration 0002); the constraints here are the second lock."""

from __future__ import annotations

from typing import cast

from django.db import models

from ledger.actor import Actor, ActorKind
from ledger.rules import GENESIS, Record, microseconds

HASH_LENGTH = 64
SUBJECT_LENGTH = 140
# Subjects are collated as bytes ("C"), so that the database and Python read the tables in the same order.


class Entry(models.Model):
    """One thing that somebody did. It is never updated, and deleted only as part of a sealed segment.

    There is no column that the hash does not cover.
    """

    pk = models.CompositePrimaryKey("subject", "seq")
    subject = models.CharField(max_length=SUBJECT_LENGTH, db_collation="C")
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    actor_kind = models.TextField()
    actor_id = models.TextField(blank=True)
    actor_name = models.TextField()
    actor_via = models.TextField()
    verb = models.CharField(max_length=63)
    payload = models.JSONField()
    personal_digest = models.CharField(max_length=HASH_LENGTH, blank=True)
    hash = models.CharField(max_length=HASH_LENGTH)

    personal_text: str = ""
    """The personal text, "(erased)" or "" where there never was one; `ledger.queries.entries` fills it in."""

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(seq__gte=1), name="ledger_entry_counts_from_one")]

    def __str__(self) -> str:
        return f"{self.subject} {self.seq} {self.verb}"

    @property
    def actor(self) -> Actor:
        """Return who did it."""
        return Actor(
            kind=cast(ActorKind, self.actor_kind),
            id=self.actor_id,
            name=self.actor_name,
            via=self.actor_via,
        )

    def record(self, *, previous: str) -> Record:
        """Return what the entry's hash covers, as the successor of the entry with hash `previous`."""
        return Record(
            subject=self.subject,
            seq=self.seq,
            at_us=microseconds(self.at),
            actor_kind=self.actor_kind,
            actor_id=self.actor_id,
            actor_name=self.actor_name,
            actor_via=self.actor_via,
            verb=self.verb,
            payload=self.payload,
            personal_digest=self.personal_digest,
            previous=previous,
        )


class Head(models.Model):
    """Where a subject's chain stands. Its row lock is the last of all locks, and one per subject, so that two incidents
    never wait for each other."""

    subject = models.CharField(max_length=SUBJECT_LENGTH, db_collation="C", primary_key=True)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=HASH_LENGTH, default=GENESIS)
    anchored_seq = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["subject"],
                condition=models.Q(seq__gt=models.F("anchored_seq")),
                name="ledger_head_to_anchor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.seq}"


class PersonalText(models.Model):
    """Free text that a person wrote, beside the chain by its salted digest, so that it can be erased."""

    pk = models.CompositePrimaryKey("subject", "seq")
    subject = models.CharField(max_length=SUBJECT_LENGTH, db_collation="C")
    seq = models.BigIntegerField()
    salt = models.CharField(max_length=32)
    text = models.TextField()

    def __str__(self) -> str:
        return f"{self.subject} {self.seq}"


class Segment(models.Model):
    """Entries that left as a sealed export. Segments are chained themselves; the seal's own entry carries `hash`."""

    pk = models.CompositePrimaryKey("subject", "last_seq")
    subject = models.CharField(max_length=SUBJECT_LENGTH, db_collation="C")
    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    last_hash = models.CharField(max_length=HASH_LENGTH)
    file = models.CharField(max_length=200)
    digest = models.CharField(max_length=HASH_LENGTH)
    hash = models.CharField(max_length=HASH_LENGTH)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_seq__gte=1) & models.Q(last_seq__gte=models.F("first_seq")),
                name="ledger_segment_holds_entries",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.first_seq}-{self.last_seq}"


class AnchorFolder(models.Model):
    """The last line written to one folder of anchors, so that a cut-off file shows. One row per folder (per host)."""

    id = models.CharField(max_length=32, primary_key=True)
    chain = models.CharField(max_length=HASH_LENGTH)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.id
