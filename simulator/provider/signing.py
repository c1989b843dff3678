"""How requests to the customer are signed: by the account's token, or by a shared key."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Signing:
    """`secret` is the account's token; with a `key` it is the shared key of that name, and SHA-256 is used."""

    secret: str = field(repr=False)
    key: str = ""

    def headers(self, *, url: str, params: Mapping[str, str]) -> dict[str, str]:
        """The signature: base64 of an HMAC over the address and every parameter's name and value, sorted by name.

        A shared key's name and its algorithm stand in a header of their own.
        """
        signed = url + "".join(name + params[name] for name in sorted(params))
        algorithm = hashlib.sha256 if self.key else hashlib.sha1
        digest = hmac.new(self.secret.encode(), signed.encode(), algorithm).digest()
        told = {"X-Twilio-Signature": base64.b64encode(digest).decode()}
        if self.key:
            told["X-Twilio-Webhooks-Signature-Settings"] = f"key={self.key},algorithm=HMAC_SHA256"
        return told
