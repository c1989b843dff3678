"""A real sign-in, as a customer's program does it."""

from __future__ import annotations

from eap.actions.base import Trouble
from resets.backends.base import Surroundings
from resets.backends.sql.mapping import SignIn


def lets_in(given: SignIn, shard: str, login: str, password: str, around: Surroundings) -> bool:
    """Return whether the server lets the account in; signs out at once.

    Raises `Trouble` where it does not come to an answer: unreachable, too busy, another host key.
    """
    host = given.host.replace("{shard}", shard)
    if given.protocol == "sftp":
        return _by_sftp(given, host, login, password, around)
    return _by_ftp(given, host, login, password, around)


def _by_ftp(given: SignIn, host: str, login: str, password: str, around: Surroundings) -> bool:
    import ftplib
    import ssl

    limit = max(1.0, around.timeout_s)
    client = ftplib.FTP(timeout=limit)  # noqa: S321 - what customers have; the password is out of force or stolen
    if given.protocol == "ftps":
        client = ftplib.FTP_TLS(timeout=limit, context=ssl.create_default_context())  # noqa: S321
    try:
        with client:
            client.connect(host, given.port)
            client.login(login, password)
            return True
    except ftplib.error_perm as error:
        if str(error).startswith(("530", "532")):
            return False
        raise Trouble(f"{host} answered {str(error)[:80]}.") from error
    except (OSError, EOFError, ftplib.Error) as error:
        raise Trouble(f"{host} gave no answer to a sign-in ({type(error).__name__}).", passing=True) from error


def _by_sftp(given: SignIn, host: str, login: str, password: str, around: Surroundings) -> bool:
    import asyncio

    import asyncssh

    if not given.host_key:
        raise Trouble("SFTP sign-ins need the server's host key among the settings.")
    known = asyncssh.import_known_hosts(f"{host},[{host}]:{given.port} {given.host_key}\n")

    async def go() -> None:
        async with asyncssh.connect(
            host,
            given.port,
            username=login,
            password=password,
            known_hosts=known,
            client_keys=None,
            agent_path=None,
            config=None,
            preferred_auth="password",
            login_timeout=max(1.0, around.timeout_s),
        ) as connection:
            await connection.start_sftp_client()

    try:
        asyncio.run(go())
    except asyncssh.PermissionDenied:
        return False
    except (OSError, TimeoutError, asyncssh.Error) as error:
        raise Trouble(f"{host} gave no answer to a sign-in ({type(error).__name__}).", passing=True) from error
    return True
