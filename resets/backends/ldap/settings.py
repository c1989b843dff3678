"""Where a directory is, which entries of it are accounts, and by what they are disabled."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, model_validator

from resets.backends.base import Settings

AttributeName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9;.-]{0,60}$")]
OptionalName = Annotated[str, StringConstraints(pattern=r"^([A-Za-z][A-Za-z0-9;.-]{0,60})?$")]


class LdapSettings(Settings):
    """`bind_password` and the values of `probes` (login to old password) are names of secrets.

    `uri` is ldaps://, ldap:// (StartTLS is required) or ldapi:// (an empty `bind_dn` then signs in as the process's own
    user). `plain_text_on_loopback` allows ldap:// without TLS, to an address of this machine only. Names in `narrow`
    say which attribute holds an account's host, group or plan.

    `mark` is an attribute that every account may have and that may hold several values: it keeps one value
    `muster-reset:…` of ours beside what stands there. `disable_by`: "ppolicy" locks for good where the policy in force
    has pwdLockout; `otherwise` is taken where it has not. "attribute" writes `disable_value`, "hash" puts `!` before
    the hash. `policy` is the default policy's DN. What is set aside of `keys` goes to `keys_aside`, or stays as a
    comment.
    """

    uri: str
    start_tls: bool = True
    plain_text_on_loopback: bool = False
    ca_file: str = ""
    bind_dn: str = ""
    bind_password: str = ""
    base: str
    filter: Annotated[str, StringConstraints(pattern=r"^\(.+\)$")] = "(objectClass=posixAccount)"
    login: AttributeName = "uid"
    set_at: OptionalName = "pwdChangedTime"
    mail: OptionalName = "mail"
    mail_changed_at: OptionalName = ""
    language: OptionalName = "preferredLanguage"
    customer: OptionalName = ""
    narrow: dict[Literal["host", "group", "plan"], AttributeName] = Field(default_factory=dict)
    mark: AttributeName = "description"
    policy: str = ""
    disable_by: Literal["ppolicy", "attribute", "hash"] = "ppolicy"
    otherwise: Literal["attribute", "hash", ""] = ""
    disable_attribute: OptionalName = ""
    disable_value: str = ""
    keys: OptionalName = "sshPublicKey"
    keys_aside: OptionalName = ""
    shortest_password: Annotated[int, Field(ge=8, le=64)] = 12
    probes: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _holds_together(self) -> LdapSettings:
        where = urlsplit(self.uri)
        if where.scheme not in {"ldap", "ldaps", "ldapi"}:
            raise ValueError("uri must begin with ldaps://, ldap:// or ldapi://.")
        if where.scheme == "ldap" and not self.start_tls:
            if not self.plain_text_on_loopback:
                raise ValueError("ldap:// without StartTLS would send passwords readable; use start_tls or ldaps://.")
            if not _is_loopback(where.hostname or ""):
                raise ValueError("plain_text_on_loopback is for 127.0.0.1 and ::1 only.")
        if not self.bind_dn and where.scheme != "ldapi":
            raise ValueError("bind_dn is missing: accounts can't be changed anonymously.")
        if "attribute" in {self.disable_by, self.otherwise} and not (self.disable_attribute and self.disable_value):
            raise ValueError("Disabling by an attribute needs disable_attribute and disable_value.")
        return self


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
