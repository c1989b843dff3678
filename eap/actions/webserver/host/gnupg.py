"""Encrypt and decrypt with GnuPG. The passphrase goes in by a descriptor and stands nowhere else."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from eap.actions.webserver.host import programs
from eap.actions.webserver.host.request import Crypt
from eap.actions.webserver.host.trouble import Refused, Trouble

S2K_COUNT = "65011712"
"""The most that OpenPGP can say; given, so that gpg needs no agent to work one out."""


@contextmanager
def encrypting(crypt: Crypt, into: IO[bytes], *, work: Path) -> Iterator[IO[bytes]]:
    """Yield a stream whose bytes arrive encrypted in `into`; `work` is a folder of ours. Raises `Trouble` when gpg
    fails."""
    if crypt.recipient_file:
        words = ["--recipient-file", crypt.recipient_file, "--trust-model", "always", "--encrypt"]
    else:
        words = ["--symmetric", "--cipher-algo", "AES256", "--s2k-digest-algo", "SHA512", "--s2k-count", S2K_COUNT]
    with ExitStack() as stack:
        said = stack.enter_context(programs.complaints())
        process = stack.enter_context(
            _gpg(
                stack,
                crypt,
                work,
                [*words, "-z", "0", "--output", "-"],
                stdin=subprocess.PIPE,
                stdout=into,
                stderr=said,
            )
        )
        assert process.stdin is not None  # noqa: S101  (asked for)
        try:
            yield process.stdin
            process.stdin.close()
        except BrokenPipeError:
            pass  # its exit status says why it stopped reading
        if process.wait():
            raise Trouble(f"gpg could not encrypt: {programs.last_words(said, 'it did not say why')}")


@contextmanager
def decrypting(crypt: Crypt, archive: Path) -> Iterator[IO[bytes]]:
    """Yield a stream of what an archive decrypts to. What was read counts only when the block ends without an error.

    Raises `Refused` at the end for a wrong key, and for a file that was changed or cut.
    """
    with ExitStack() as stack:
        said = stack.enter_context(programs.complaints())
        file = stack.enter_context(archive.open("rb"))
        process = stack.enter_context(
            _gpg(
                stack,
                crypt,
                archive.parent,
                ["--decrypt", "--output", "-"],
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=said,
            )
        )
        assert process.stdout is not None  # noqa: S101  (asked for)
        broke: Refused | None = None
        try:
            yield process.stdout
            while process.stdout.read(1 << 20):
                pass
        except Refused as refused:
            # It may only look wrong because gpg gave up: then what gpg says comes first.
            broke = refused
            process.stdout.close()
        status = process.wait()
        if broke and (status < 0 or _stopped_reading(said)):
            raise broke
        if status:
            raise Refused(_why(said)) from broke
        if broke:
            raise broke


def _stopped_reading(said: IO[bytes]) -> bool:
    said.seek(0)
    return b"Broken pipe" in said.read()


def _why(said: IO[bytes]) -> str:
    said.seek(0)
    text = said.read().decode("utf-8", "replace")
    for word, sentence in (
        ("Bad session key", "The passphrase is not the archive's."),
        ("No secret key", "The archive is encrypted for a key that this host has not."),
        ("manipulated", "The archive was changed or cut off after it was encrypted."),
        ("no valid OpenPGP data", "The archive is none: gpg finds nothing encrypted in it."),
        ("decrypt_message failed", "The archive is none: gpg finds nothing encrypted in it."),
    ):
        if word in text:
            return sentence
    return f"gpg could not decrypt the archive: {programs.last_words(said, 'it did not say why')}"


@contextmanager
def _gpg(
    stack: ExitStack, crypt: Crypt, work: Path, words: list[str], **how: object
) -> Iterator[subprocess.Popen[bytes]]:
    options = ["--batch", "--no-tty", "--yes", "--no-options"]
    handles: list[int] = []
    if crypt.home:
        options += ["--homedir", crypt.home]
    else:
        # A folder without keys; nothing secret is ever written to it.
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="gpg-", dir=work))
        options += ["--homedir", home, "--no-autostart", "--no-random-seed-file"]
    if crypt.passphrase:
        handle = stack.enter_context(programs.secret_pipe(crypt.passphrase))
        options += ["--pinentry-mode", "loopback", "--passphrase-fd", str(handle)]
        handles.append(handle)
    # With keys of the host gpg starts its agent, which stays: it must not carry the mark of this call.
    env = programs.environment(outlives=bool(crypt.home))
    with programs.started(["gpg", *options, *words], pass_fds=handles, env=env, **how) as process:
        yield process
