"""Encryption at rest for what Muster must be able to read again: provider tokens, signing secrets, chosen passwords.

`settings.SECRETS_KEYS` are Fernet keys (AES-128-CBC with HMAC-SHA-256), newest first: the first encrypts, all decrypt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression


class UnreadableSecretError(Exception):
    """None of the keys in SECRETS_KEYS opens a stored secret: a key was removed before `rotate_secrets` ran."""


@lru_cache(maxsize=4)
def _locksmith(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _keys() -> tuple[str, ...]:
    return tuple(settings.SECRETS_KEYS)


def encrypt(text: str) -> str:
    """Return `text` encrypted with the newest key, as URL-safe ASCII."""
    return _locksmith(_keys()).encrypt(text.encode()).decode("ascii")


def decrypt(token: str) -> str:
    """Return what `encrypt` was given. Raises `UnreadableSecretError` when no key fits."""
    try:
        return _locksmith(_keys()).decrypt(token.encode("ascii")).decode()
    except InvalidToken:
        raise UnreadableSecretError(
            "A stored secret can't be read with the keys in SECRETS_KEYS. Put the key it was made with back, as last."
        ) from None


if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField  # Django's fields are generic for the type checker only


class EncryptedTextField(_TextField):
    """Text that is encrypted in the database and plain in Python. It can't be searched; "" stays ""."""

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt on the way to the database."""
        text = super().get_prep_value(value)
        return encrypt(text) if text else text

    def from_db_value(self, value: str | None, _expression: Expression, _connection: BaseDatabaseWrapper) -> str | None:
        """Decrypt on the way from the database."""
        return decrypt(value) if value else value


def encrypted_fields() -> Iterator[tuple[type[models.Model], list[str]]]:
    """Yield every model that keeps secrets, with the names of the fields that do."""
    for model in apps.get_models():
        names = [field.name for field in model._meta.local_fields if isinstance(field, EncryptedTextField)]
        if names:
            yield model, names


def rotate(model: type[models.Model], names: list[str]) -> int:
    """Encrypt every row of `model` anew with the newest key; return how many rows were written.

    Rows are locked one at a time, so that the product runs on meanwhile.
    """
    manager = model._default_manager
    written = 0
    for key in manager.order_by("pk").values_list("pk", flat=True).iterator():
        with transaction.atomic():
            row = manager.select_for_update(no_key=True).filter(pk=key).first()
            if row is not None:
                row.save(update_fields=names)
                written += 1
    return written


_elsewhere: Final[dict[str, Callable[[], int]]] = {}


def register_rotation(name: str, rotate_them: Callable[[], int]) -> None:
    """Let `rotate_them` encrypt anew what lies outside an `EncryptedTextField`; it returns how many rows it wrote."""
    _elsewhere[name] = rotate_them


def rotations() -> dict[str, Callable[[], int]]:
    """Return everything that keeps secrets, by its name: each call encrypts it with the newest key."""
    fields = {
        f"{model._meta.label} ({', '.join(names)})": partial(rotate, model, names)
        for model, names in encrypted_fields()
    }
    return {**fields, **_elsewhere}
