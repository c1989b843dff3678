"""Who may use the REST dialect: the account, with its token, by HTTP basic authentication."""

import base64
import binascii
import hmac

from simulator.provider.errors import ProviderError


def check(*, header: str, account_in_path: str, account_sid: str, auth_token: str) -> None:
    """Raises ProviderError 401 with code 20003 for anybody but the account itself."""
    scheme, _, encoded = header.partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        given = b""
    expected = f"{account_sid}:{auth_token}".encode()
    matches = hmac.compare_digest(given, expected) and hmac.compare_digest(
        account_in_path.encode(), account_sid.encode()
    )
    if scheme.lower() != "basic" or not matches:
        raise ProviderError(status=401, code=20003, message="Authenticate")
