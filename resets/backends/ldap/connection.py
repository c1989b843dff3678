"""One signed-in connection to a directory, in the words of this backend; what goes wrong becomes `Trouble`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, NamedTuple

from eap.actions.base import Trouble, Unknown
from resets.backends.base import Busy
from resets.backends.ldap.settings import LdapSettings

ASSERTION: Final = "1.3.6.1.1.12"
"""RFC 4528: the change is made only where a filter holds, asked and done in one."""
PASSWORD_MODIFY: Final = "1.3.6.1.4.1.4203.1.11.1"  # noqa: S105 - a name
"""RFC 3062."""
PAGE: Final = 500
CONNECT_S: Final = 10.0

OK: Final = 0
NO_SUCH_ATTRIBUTE: Final = 16
CONSTRAINT_VIOLATION: Final = 19
NO_SUCH_OBJECT: Final = 32
INSUFFICIENT_ACCESS: Final = 50
ASSERTION_FAILED: Final = 122
LATER: Final = frozenset({3, 11, 51, 52})
"""timeLimitExceeded, adminLimitExceeded, busy, unavailable (RFC 4511, appendix A)."""
REFERRAL: Final = 10

Changes = Mapping[str, Sequence[tuple[str, Sequence[str | bytes]]]]
"""By attribute: ("MODIFY_ADD" | "MODIFY_DELETE" | "MODIFY_REPLACE", values)."""


class Row(NamedTuple):
    """An entry: its name and its values as the server sent them, by attribute in any case."""

    dn: str
    values: Mapping[str, Sequence[bytes]]


class Directory:
    """Signs in with the first question and stays so until it is closed. Raises `Trouble` and nothing else."""

    def __init__(self, given: LdapSettings, *, password: str, timeout_s: float) -> None:
        self._given, self._password, self._timeout_s = given, password, timeout_s
        self._connection: Any = None

    def close(self) -> None:
        """End the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            _let_go(connection)

    def search(
        self, text: str, attributes: Sequence[str], *, base: str | None = None, only_base: bool = False
    ) -> Iterator[Row]:
        """Go through the entries under `base` (default: that of the accounts) that fit the filter, page by page."""
        import ldap3

        with self._translated("was asked for entries"):
            answers = self._open().extend.standard.paged_search(
                self._given.base if base is None else base,
                text,
                search_scope=ldap3.BASE if only_base else ldap3.SUBTREE,
                attributes=list(attributes),
                paged_size=PAGE,
                generator=True,
            )
            for answer in answers:
                if answer.get("type") == "searchResEntry":
                    yield Row(answer["dn"], answer["raw_attributes"])

    def row(self, dn: str, attributes: Sequence[str]) -> Row | None:
        """Return one entry, None where it is not or may not be seen."""
        import ldap3

        with self._translated("was asked for an entry"):
            connection = self._open()
            connection.search(dn, "(objectClass=*)", ldap3.BASE, attributes=list(attributes))
            rows = [each for each in connection.response or () if each.get("type") == "searchResEntry"]
        return Row(rows[0]["dn"], rows[0]["raw_attributes"]) if rows else None

    def modify(self, dn: str, changes: Changes, *, where: str = "") -> int:
        """Change an entry, where the server can ask for it only if the filter `where` holds. Return the result code."""
        with self._translated("was changing an account", halfway=True):
            connection = self._open()
            controls = [(ASSERTION, True, _encoded(where))] if where and self.knows(ASSERTION) else None
            given = {name: [(how, list(values)) for how, values in each] for name, each in changes.items()}
            connection.modify(dn, given, controls=controls)
            return self._code(connection)

    def set_password(self, dn: str, password: str) -> tuple[int, str]:
        """Let the directory hash a password (RFC 3062); return the result code and the server's words."""
        with self._translated("was setting a password", halfway=True):
            connection = self._open()
            connection.extend.standard.modify_password(dn, None, password.encode())
            return self._code(connection), str(connection.result.get("message") or "")

    def lets_in(self, dn: str, password: str) -> tuple[bool, str]:
        """Try to sign in as an entry, on a connection of its own; return whether it went, and the server's words."""
        connection = None
        with self._translated("was tried with a sign-in"):
            try:
                connection = self._connected(user=dn, password=password.encode())
                went = bool(connection.bind())
                return went, str(connection.result.get("description") or "")
            finally:
                if connection is not None:
                    _let_go(connection)

    def knows(self, oid: str) -> bool:
        """Return whether the server says that it has this control or extended operation."""
        found = self._open().server.info
        known = (*found.supported_controls, *found.supported_extensions) if found else ()
        return any(each[0] == oid for each in known)

    def schema(self) -> Any:
        """Return the server's schema as ldap3 reads it, None where it shows none."""
        import ldap3

        with self._translated("was asked for its schema"):
            # With a schema at hand ldap3 refuses names that are not in it, such as those of the monitor.
            connection = self._connected(user=self._given.bind_dn, password=self._password, info=ldap3.SCHEMA)
            try:
                connection.bind()
                return connection.server.schema
            finally:
                _let_go(connection)

    def _open(self) -> Any:
        if self._connection is None:
            connection = self._connected(user=self._given.bind_dn, password=self._password)
            if not connection.bind():
                word = str(connection.result.get("description"))
                _let_go(connection)
                if connection.result.get("result") in LATER:
                    raise Busy(f"The directory asks for patience: {word}.")
                raise Trouble(f"The directory refused our sign-in ({word}).")
            self._connection = connection
        return self._connection

    def _connected(self, *, user: str, password: str | bytes, info: str = "DSA") -> Any:
        """Return a connection by TLS that is not signed in yet; `info` is what ldap3 reads at the sign-in."""
        import ssl

        import ldap3

        given = self._given
        tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=given.ca_file or None)
        server = ldap3.Server(given.uri, get_info=info, tls=tls, connect_timeout=CONNECT_S)
        options: dict[str, Any] = {"user": user, "password": password}
        if not user:
            options = {"authentication": ldap3.SASL, "sasl_mechanism": ldap3.EXTERNAL, "sasl_credentials": ""}
        connection = ldap3.Connection(
            server, auto_referrals=False, check_names=False, receive_timeout=self._timeout_s, **options
        )
        try:
            connection.open(read_server_info=False)
            if given.uri.startswith("ldap://") and given.start_tls:
                connection.start_tls(read_server_info=False)
        except BaseException:
            _let_go(connection)
            raise
        return connection

    def _code(self, connection: Any) -> int:
        """Return the code of the last result; raise what concerns the server instead of the one entry."""
        code = int(connection.result["result"])
        if code in LATER:
            raise Busy(f"The directory asks for patience: {connection.result['description']}.")
        if code == REFERRAL:
            raise Trouble(
                "This directory server is a copy that refers changes to another one; give that one's address."
            )
        return code

    @contextmanager
    def _translated(self, doing: str, *, halfway: bool = False) -> Iterator[None]:
        from ldap3.core import exceptions as wrong

        try:
            yield
        except (wrong.LDAPStartTLSError, wrong.LDAPSSLConfigurationError, wrong.LDAPCertificateError) as error:
            self.close()
            raise Trouble(f"The directory could not be reached by TLS ({type(error).__name__}).") from error
        except wrong.LDAPSocketOpenError as error:
            self.close()
            raise Trouble("The directory can't be reached.", passing=True) from error
        except wrong.LDAPCommunicationError as error:
            self.close()
            sentence = f"The connection to the directory was lost while it {doing} ({type(error).__name__})."
            raise (Unknown(sentence) if halfway else Trouble(sentence, passing=True)) from error
        except wrong.LDAPOperationResult as error:
            if getattr(error, "result", None) in LATER:
                raise Busy(f"The directory asks for patience: {error.description}.") from error
            raise Trouble(f"The directory refused while it {doing}: {error.description}.") from error
        except wrong.LDAPExceptionError as error:
            self.close()
            raise Trouble(f"The directory failed while it {doing} ({type(error).__name__}).") from error


def _let_go(connection: Any) -> None:
    """Close a connection that came half way; ldap3 leaves its socket open then."""
    held = connection.socket
    with suppress(Exception):  # what is being closed has nothing more to say
        connection.unbind()
    if held is not None:
        held.close()


def _encoded(text: str) -> bytes:
    """Return a filter as the assertion control carries it (BER)."""
    from ldap3.operation.search import compile_filter, parse_filter
    from pyasn1.codec.ber import encoder  # type: ignore[import-untyped]

    tree = parse_filter(text, None, True, None, None, None)
    return bytes(encoder.encode(compile_filter(tree.elements[0])))
