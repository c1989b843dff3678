"""Second factors at rest: what rotating the keys means for them."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction

from web.secrets import decrypt, encrypt


def rotate_second_factors() -> int:
    """Encrypt every authenticator's secrets with the newest key; return how many rows were written.

    allauth keeps them within a JSON column: TOTP its `secret`, recovery codes their `seed`.
    """
    written = 0
    for key in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update(no_key=True).filter(pk=key).first()
            secrets = {name: row.data[name] for name in ("secret", "seed") if name in row.data} if row else {}
            if secrets:
                row.data.update({name: encrypt(decrypt(text)) for name, text in secrets.items()})
                row.save(update_fields=["data"])
                written += 1
    return written
