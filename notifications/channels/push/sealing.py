"""Encrypting for one browser (RFC 8291, aes128gcm): the push service carries it and can't read it."""

from __future__ import annotations

from notifications.channels.push.subscription import Subscription, decoded


def sealed(content: bytes, *, to: Subscription) -> bytes:
    """Return `content` (at most 3993 bytes) encrypted with a fresh key, as the body of the request.

    The ciphers of pywebpush, without its client: that one resolves names by itself, where a name may answer differently
    the second time, and loads a second HTTP library of 12 MiB.
    """
    import http_ece
    from cryptography.hazmat.primitives.asymmetric import ec

    return bytes(
        http_ece.encrypt(
            content,
            private_key=ec.generate_private_key(ec.SECP256R1()),
            dh=decoded(to.p256dh),
            auth_secret=decoded(to.auth),
            version="aes128gcm",
        )
    )
