"""A person with an account: someone who can be paged, sign in, hold a role."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person may do in Muster; `people.permissions` says what each one means."""

    ADMINISTRATOR = "administrator", _("Administrator")
    RESPONDER = "responder", _("Responder")
    EXECUTIVE = "executive", _("Executive")
    COMMUNICATIONS = "communications", _("Communications")
    OBSERVER = "observer", _("Observer")
    AUDITOR = "auditor", _("Auditor")


class PersonQuerySet(models.QuerySet["Person"]):
    """Reads of people."""

    def active(self) -> Self:
        """Return those who still work here."""
        return self.filter(is_active=True)

    def administrators(self) -> Self:
        """Return active administrators: the last ones to be alarmed when all else failed."""
        return self.active().filter(role=Role.ADMINISTRATOR)


class PersonManager(BaseUserManager["Person"]):
    """Creates accounts; e-mail addresses are kept in lower case."""

    def get_queryset(self) -> PersonQuerySet:
        """Return the queryset with Muster's own reads."""
        return PersonQuerySet(self.model, using=self._db)

    def active(self) -> PersonQuerySet:
        """Return those who still work here."""
        return self.get_queryset().active()

    def administrators(self) -> PersonQuerySet:
        """Return active administrators."""
        return self.get_queryset().administrators()

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """Create a person; without a password the account can't sign in by one."""
        person = self.model(email=email.strip().lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """An account. People are never deleted, only made inactive: the ledger names them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    title = models.CharField(_("title"), max_length=100, blank=True, help_text=_("Such as CEO or Manager Support."))
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.RESPONDER)
    time_zone = models.CharField(max_length=64, default="UTC", help_text=_("IANA name such as Europe/Stockholm."))
    language = models.CharField(max_length=10, default="en")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="person_role_known"),
            models.UniqueConstraint(Lower("email"), name="person_email_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """Return the name people call them by."""
        return self.name

    def get_short_name(self) -> str:
        """Return the first word of the name."""
        return self.name.split(" ", 1)[0]

    @property
    def initials(self) -> str:
        """Return one or two capitals for the person's face in lists."""
        words = self.name.split()
        return (words[0][:1] + words[-1][:1] if len(words) > 1 else self.name[:2]).upper()
