"""A real OpenLDAP server on loopback, with TLS, a password policy (or none) and accounts of its own."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.integration.tls import write_certificates
from tests.programs import missing, program

BASE: Final = "ou=people,dc=harbor,dc=example"
POLICY: Final = "cn=default,ou=policies,dc=harbor,dc=example"
ROOT: Final = "cn=root,dc=harbor,dc=example"
KEEPER: Final = "uid=keeper,dc=harbor,dc=example"
READER: Final = "uid=reader,dc=harbor,dc=example"
RELAX: Final = "1.3.6.1.4.1.4203.666.5.12"
"""OpenLDAP's control that lets the root write what the server keeps for itself."""
SECRETS: Final = {"root": "root-of-the-tree", "keeper": "keeper-of-accounts", "reader": "reader-only-here"}

CONFIG: Final = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
attributetype ( 1.3.6.1.4.1.24552.500.1.1.1.13 NAME 'sshPublicKey' EQUALITY octetStringMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )
objectclass ( 1.3.6.1.4.1.24552.500.1.1.2.0 NAME 'ldapPublicKey' SUP top AUXILIARY MAY ( sshPublicKey $ uid ) )
pidfile {folder}/pid
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload back_monitor
moduleload ppolicy
TLSCACertificateFile {trusted}
TLSCertificateFile {served}
TLSCertificateKeyFile {served}
authz-regexp "gidNumber=[0-9]+.uidNumber=[0-9]+,cn=peercred,cn=external,cn=auth" "{root}"
password-hash {{CRYPT}}
password-crypt-salt-format "$6$%.12s"
database mdb
suffix dc=harbor,dc=example
rootdn {root}
rootpw {root_password}
directory {folder}/tree
index uid eq
dbnosync
{overlay}
access to attrs=userPassword by dn.exact={keeper} write by self =xw by anonymous auth by * none
access to * by dn.exact={keeper} write by dn.exact={reader} read by self read by * none
database monitor
access to * by dn.exact={keeper} read by * none
"""

TREE: Final = """
dn: dc=harbor,dc=example
objectClass: dcObject
objectClass: organization
dc: harbor
o: Harbor

dn: ou=policies,dc=harbor,dc=example
objectClass: organizationalUnit
ou: policies

dn: ou=people,dc=harbor,dc=example
objectClass: organizationalUnit
ou: people

dn: {policy}
objectClass: device
objectClass: pwdPolicy
cn: default
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMustChange: TRUE
pwdCheckQuality: 1
pwdMinLength: 14

dn: cn=lax,ou=policies,dc=harbor,dc=example
objectClass: device
objectClass: pwdPolicy
cn: lax
pwdAttribute: userPassword

dn: cn=strict,ou=policies,dc=harbor,dc=example
objectClass: device
objectClass: pwdPolicy
cn: strict
pwdAttribute: userPassword
pwdLockout: TRUE
pwdCheckQuality: 2
pwdMinLength: 8

dn: {keeper}
objectClass: account
objectClass: simpleSecurityObject
uid: keeper
userPassword: {keeper_password}

dn: {reader}
objectClass: account
objectClass: simpleSecurityObject
uid: reader
userPassword: {reader_password}
"""


@dataclass(frozen=True, kw_only=True)
class Slapd:
    """Where it listens. `ca_file` trusts its certificate; `socket_uri` is its local socket."""

    uri: str
    ca_file: str
    socket_uri: str

    def settings(self, **changed: Any) -> dict[str, Any]:
        """Return a backend's settings for it."""
        given = {
            "uri": self.uri,
            "ca_file": self.ca_file,
            "bind_dn": KEEPER,
            "bind_password": "keeper",
            "base": BASE,
            "policy": POLICY,
        }
        return given | changed

    @contextmanager
    def root(self) -> Iterator[Any]:
        """Give a connection that may do everything, to lay accounts and to look at them."""
        import ldap3

        server = ldap3.Server(self.uri, get_info=ldap3.NONE)
        connection = ldap3.Connection(server, ROOT, SECRETS["root"], check_names=False, raise_exceptions=True)
        connection.bind()
        try:
            yield connection
        finally:
            connection.unbind()

    def add(self, login: str, password: str, **more: str | Sequence[str]) -> str:
        """Add an account; return its DN."""
        dn = f"uid={login},{BASE}"
        attributes = {
            "objectClass": ["inetOrgPerson", "posixAccount", "ldapPublicKey"],
            "cn": login,
            "sn": login,
            "uidNumber": "2000",
            "gidNumber": "2000",
            "homeDirectory": f"/home/{login}",
            "userPassword": password,
        }
        with self.root() as connection:
            connection.add(dn, attributes=attributes | more)
        return dn

    def look(self, dn: str) -> dict[str, list[bytes]]:
        """Return an entry with what the server keeps of its own."""
        import ldap3

        with self.root() as connection:
            connection.search(dn, "(objectClass=*)", ldap3.BASE, attributes=["*", "+"])
            found = connection.response[0]["raw_attributes"]
        return {name: list(values) for name, values in found.items()}

    def write(self, dn: str, **values: str | None) -> None:
        """Replace attributes as the root, those that the server keeps for itself too; None takes one away."""
        import ldap3

        changes = {name: [(ldap3.MODIFY_REPLACE, [] if value is None else [value])] for name, value in values.items()}
        with self.root() as connection:
            connection.modify(dn, changes, controls=[(RELAX, True, None)])

    def clear(self) -> None:
        """Take all accounts away."""
        import ldap3

        with self.root() as connection:
            connection.search(BASE, "(uid=*)", ldap3.SUBTREE)
            for each in [entry["dn"] for entry in connection.response]:
                connection.delete(each)

    def bind(self, dn: str, password: str) -> Any:
        """Sign in as somebody; return the connection, bound or not."""
        import ldap3

        connection = ldap3.Connection(ldap3.Server(self.uri, get_info=ldap3.NONE), dn, password.encode())
        connection.bind()
        return connection

    def owner_sets(self, dn: str, old: str, new: str) -> None:
        """Change a password as its owner does."""
        import ldap3

        connection = self.bind(dn, old)
        connection.modify(dn, {"userPassword": [(ldap3.MODIFY_REPLACE, [new])]})
        said = connection.result
        connection.unbind()
        assert said["description"] == "success", said

    def lets_in(self, dn: str, password: str) -> bool:
        """Return whether a password signs in."""
        connection = self.bind(dn, password)
        bound = bool(connection.bound)
        connection.unbind()
        return bound


@contextmanager
def running(folder: Path, *, with_policy: bool = True) -> Iterator[Slapd]:
    """Start a server with its own tree in `folder`, and end it."""
    binary, load = program("slapd", package="slapd"), program("slapadd", package="slapd")
    if not Path("/etc/ldap/schema/nis.schema").exists():
        missing("nis.schema", package="slapd")
    trusted, served = write_certificates(folder)
    config, tree, data = folder / "slapd.conf", folder / "tree", folder / "tree.ldif"
    tree.mkdir()
    names = {"policy": POLICY, "root": ROOT, "keeper": KEEPER, "reader": READER, "folder": folder}
    passwords = {f"{name}_password": value for name, value in SECRETS.items()}
    overlay = f"overlay ppolicy\nppolicy_default {POLICY}" if with_policy else ""
    config.write_text(CONFIG.format(**names, **passwords, trusted=trusted, served=served, overlay=overlay))
    data.write_text(TREE.format(**names, **passwords))
    subprocess.run([load, "-q", "-f", str(config), "-l", str(data)], check=True, capture_output=True)
    port = _free_port()
    local = f"ldapi://{str(folder / 'socket').replace('/', '%2F')}"
    words = [binary, "-f", str(config), "-h", f"ldap://127.0.0.1:{port}/ {local}", "-d", "0"]
    with (folder / "log").open("w") as log, subprocess.Popen(words, stdout=log, stderr=log) as process:
        try:
            _wait_for(port, process)
            yield Slapd(uri=f"ldap://127.0.0.1:{port}", ca_file=str(trusted), socket_uri=local)
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("slapd did not start; see its log.")
