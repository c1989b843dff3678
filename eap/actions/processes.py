"""Run a command so that it can be found again: POSIX shell programs for the host where it runs.

Each start has a mark, made from its idempotency key. The folder `$HOME/.muster` (or the one given) keeps three small
files for it: `.started` (made with noclobber, so that one mark starts once), `.session` (the session's number) and
`.status` (how it ended). The mark is also in the environment of the command and of all that it starts, so that stopping
finds what left the session. Every word comes as an argument; none is put into a program's text.
"""

from __future__ import annotations

import hashlib
from typing import Final

STARTED_BEFORE: Final = 113
NO_FOLDER: Final = 114
"""Exit codes of START itself, in a range that commands seldom use."""

START: Final = r"""
umask 077
mark=$1 dir=${2:-${HOME:-/tmp}/.muster}; shift 2
mkdir -p -- "$dir" || exit 114
file=$dir/$mark
(set -C; : >"$file.started") 2>/dev/null || exit 113
ps -o sid= -p $$ 2>/dev/null | tr -d ' ' >"$file.session"
MUSTER_MARK=$mark; export MUSTER_MARK
umask 022
"$@"
status=$?
umask 077
echo $status >"$file.ending" && mv -f -- "$file.ending" "$file.status"
exit $status
"""
"""Arguments: mark, folder ("" for the usual one), the command's words. Exits as the command does."""

LOOK: Final = r"""
mark=$1 dir=${2:-${HOME:-/tmp}/.muster}; file=$dir/$mark
if [ -e "$file.status" ]; then echo "ended $(cat "$file.status")"; exit 0; fi
[ -e "$file.started" ] || { echo absent; exit 0; }
grep -lszxF "MUSTER_MARK=$mark" /proc/[0-9]*/environ >/dev/null && { echo running; exit 0; }
session=$(cat "$file.session" 2>/dev/null)
[ -n "$session" ] && ps -o stat= --sid "$session" 2>/dev/null | grep -qv '^Z' && { echo running; exit 0; }
# It may have ended between the two looks.
if [ -e "$file.status" ]; then echo "ended $(cat "$file.status")"; else echo lost; fi
"""
"""Arguments: mark, folder. Says absent (never started), running, `ended N`, or lost (started, gone, no status)."""

STOP: Final = r"""
mark=$1 dir=${2:-${HOME:-/tmp}/.muster}; file=$dir/$mark
mine=$(ps -o sid= -p $$ 2>/dev/null | tr -d ' ')
session=$(cat "$file.session" 2>/dev/null)
find_them() {
    grep -lszxF "MUSTER_MARK=$mark" /proc/[0-9]*/environ | tr -dc '0-9\n'
    # A zombie has ended; its parent has only not asked how.
    [ -n "$session" ] && [ "$session" != "$mine" ] &&
        ps -o pid=,stat= --sid "$session" 2>/dev/null | awk '$2 !~ /^Z/ { print $1 }'
}
[ -d /proc/self ] || { echo unproved; exit 0; }
left=x tries=0
while [ -n "$left" ] && [ $tries -lt 30 ]; do
    signal=TERM; [ $tries -ge 15 ] && signal=KILL
    left=$(find_them | sort -un | tr '\n' ' ')
    [ -n "$left" ] && { kill -s $signal $left 2>/dev/null; sleep 0.2; }
    tries=$((tries + 1))
done
if [ -n "$left" ]; then echo "left $left"; else echo gone; fi
"""
"""Arguments: mark, folder. TERM for 3 s, then KILL for 3 s; says gone, `left PIDS`, or unproved (no /proc here)."""


def mark_of(key: str) -> str:
    """Return the mark of an idempotency key: 32 hexadecimal digits, fit for a file's name."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def shell_words(program: str, *words: str) -> list[str]:
    """Return the words that run one of these programs with `words` as its arguments."""
    return ["sh", "-c", program, "muster", *words]
