"""Which hosts, who signs in there, and which of their users are accounts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from resets.backends.base import Settings

SecretName = Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9_]{0,59})?$")]
FilePath = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9/._-]{1,200}$")]
KeyFile = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._][A-Za-z0-9/._-]{0,100}$")]


class ShadowSettings(Settings):
    """`hosts` is an inventory, a group, or a group of an inventory (`harbor:web`); a host is a shard.

    We sign in as `user` by `key` or `password` (names of secrets); anyone but root needs sudo without a password. Users
    with an id outside `min_uid`…`max_uid` are left alone, and so is `user`. `key_files` stand in the users' homes.
    `revoked_keys` is the file that the hosts' sshd has as RevokedKeys: keys of files that changed after the cutoff are
    added to it. `crontabs` that are set aside go into `folder`, where also the state is kept, readable by root only.
    `probes` are logins with the name of the secret that was their password.
    """

    hosts: Annotated[str, Field(min_length=1, max_length=200)]
    user: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_.-]{0,31}$")] = "root"
    port: Annotated[int, Field(ge=1, le=65_535)] = 22
    key: SecretName = ""
    password: SecretName = ""
    min_uid: Annotated[int, Field(ge=100)] = 1_000
    max_uid: int = 59_999
    key_files: Annotated[tuple[KeyFile, ...], Field(max_length=10)] = (".ssh/authorized_keys", ".ssh/authorized_keys2")
    revoked_keys: FilePath | Literal[""] = ""
    crontabs: Literal["report", "set_aside"] = "report"
    folder: FilePath = "/var/lib/muster-resets"
    scheme: Literal["sha512_crypt", "yescrypt"] = "sha512_crypt"
    shortest_password: Annotated[int, Field(ge=8, le=64)] = 12
    probes: dict[str, SecretName] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _holds_together(self) -> ShadowSettings:
        if not (self.key or self.password):
            raise ValueError("Say by which key or password we sign in: the name of a secret.")
        if self.max_uid < self.min_uid:
            raise ValueError("max_uid is smaller than min_uid.")
        if any(".." in path.split("/") for path in (*self.key_files, self.revoked_keys, self.folder)):
            raise ValueError("Paths may not hold `..`.")
        return self
