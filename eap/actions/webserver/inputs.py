"""What the web server actions are told: which site, which archives, how they are encrypted, where its parts run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from eap.actions.base import Inputs
from eap.actions.texts import secret_names, without_secrets
from eap.actions.webserver.host.journal import STEPS


def _plain(path: str) -> str:
    if ".." in path.split("/") or "\0" in path or "\n" in path:
        raise ValueError("Give the path from the top, without “..”.")
    return without_secrets(path)


def _address(text: str) -> str:
    if text and not secret_names(text) and urlsplit(text).scheme not in ("http", "https"):
        raise ValueError("Give an address that begins with https:// or http://.")
    return text


def _word_for(word: str) -> Callable[[object], object]:
    """Read `word` as nothing given: a run's input of type text can't be empty."""
    return lambda value: "" if value == word else value


AbsolutePath = Annotated[
    str, StringConstraints(pattern=r"^/.*[^/]$", min_length=2, max_length=500), AfterValidator(_plain)
]
MaybePath = Annotated[str, StringConstraints(pattern=r"^(/.*[^/])?$", max_length=500), AfterValidator(_plain)]
ArchiveName = Annotated[
    str, BeforeValidator(_word_for("newest")), StringConstraints(max_length=200), AfterValidator(without_secrets)
]
SiteName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{0,63}$")]
Program = Annotated[str, StringConstraints(pattern=r"^(/.*[^/]|nginx[a-z0-9.-]{0,20})$"), AfterValidator(_plain)]
Address = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(_address)]
Port = Annotated[int, Field(ge=1, le=65_535)]


class Database(Inputs):
    """The site's PostgreSQL database. An empty `name`: the site has none. `password` refers to a secret.

    `os_user`: as which user of the host pg_dump and its like run, for sign-in by that (peer). `programs`: their folder,
    where it is not on the host's PATH.
    """

    name: Word = ""
    host: Annotated[str, StringConstraints(max_length=253), AfterValidator(without_secrets)] = ""
    port: Annotated[int, Field(ge=0, le=65_535)] = 0
    user: Word = ""
    password: str = ""
    os_user: Word = ""
    programs: MaybePath = ""


class Web(Inputs):
    """The web server, nginx. `unit` is the systemd unit that starts it again, "" where the program itself does.

    `patience`: seconds that requests under way may take before they are cut off.
    """

    program: Program = "nginx"
    conf: AbsolutePath = "/etc/nginx/nginx.conf"
    pid_file: AbsolutePath = "/run/nginx.pid"
    host: Annotated[str, StringConstraints(max_length=253), AfterValidator(without_secrets)] = "127.0.0.1"
    port: Port = 80
    unit: Word = "nginx"
    patience: Annotated[int, Field(ge=1, le=600)] = 60


class Limits(Inputs):
    """What an archive may hold: members, bytes once unpacked, bytes for each packed one. More is refused."""

    files: Annotated[int, Field(ge=1, le=50_000_000)] = 2_000_000
    gigabytes: Annotated[int, Field(ge=1, le=100_000)] = 500
    ratio: Annotated[int, Field(ge=2, le=1_032)] = 200


class Site(Inputs):
    """One site: its `name` begins the names of its archives, `root` is its folder, `archives` the folder of its backups
    as the host sees it.

    `where: host` works on the targets by SSH as `user` with `key` or `password` (secrets); `where: local` on this very
    machine, and only below the folders of ACTION_LOCAL_DIRS. `passphrase` refers to the secret that archives are
    encrypted with; `recipient_file` is a public key on the host to encrypt for instead, `gpg_home` the host's folder of
    keys that opens such archives.
    """

    name: SiteName
    root: AbsolutePath
    archives: AbsolutePath
    where: Literal["host", "local"] = "host"
    user: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_.-]{0,31}$")] = "root"
    port: Port = 22
    key: str = ""
    password: str = ""
    passphrase: str = ""
    recipient_file: MaybePath = ""
    gpg_home: MaybePath = ""
    database: Database = Database()


class BackupInputs(Inputs):
    """Back up `site`, keep the newest `keep` archives, tell `heartbeat` (an address, maybe a secret) how it went."""

    site: Site
    keep: Annotated[int, Field(ge=1, le=1_000)] = 14
    heartbeat: Address = ""


class RestoreInputs(Inputs):
    """One `step` of a restore. `archive` is a name in the folder of archives, or newest; `sha256` its checksum
    where it is known from elsewhere. `must_dump: false` goes on where the present database can't be dumped any more.
    `address` is what has to answer afterwards, `page` the file of the site that it has to answer with.
    """

    step: Literal[STEPS]  # type: ignore[valid-type]  # the steps are defined once, where they are carried out
    site: Site
    archive: ArchiveName = ""
    sha256: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")] = ""
    must_dump: bool = True
    web: Web | None = None
    address: Annotated[Address, AfterValidator(without_secrets)] = ""
    page: Annotated[
        str, BeforeValidator(_word_for("none")), StringConstraints(max_length=500), AfterValidator(without_secrets)
    ] = ""
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _knows_the_web_server(self) -> RestoreInputs:
        if self.step in ("stop", "start") and self.web is None:
            raise ValueError("Say which web server is stopped and started: `web`.")
        return self


class TrialInputs(Inputs):
    """Try to restore `site` below `scratch`, a folder of the host that holds nothing else. The newest archive may be
    `oldest_hours` old (0: any age). `database: false` leaves the dump at being readable."""

    site: Site
    scratch: AbsolutePath
    archive: ArchiveName = ""
    oldest_hours: Annotated[int, Field(ge=0, le=9_000)] = 26
    database: bool = True
    heartbeat: Address = ""
    limits: Limits = Limits()
