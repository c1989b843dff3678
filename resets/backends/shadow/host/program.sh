# Runs on a host as root, once for each chunk. What to do stands in MUSTER_*, the accounts come by standard input, what
# became of them goes to standard output: fields parted by tabs, and `end` last. Nothing secret is in the command line.
set -u
LC_ALL=C PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
export LC_ALL PATH
umask 077

fail() { printf 'fail\t%s\t%s\n' "$1" "$2"; exit 0; }

need_root() { [ "$(id -u)" = 0 ] || fail no_root "The program does not run as root there."; }

# The folder of the state, readable by root only, and one program at a time: a chunk that is done again may meet itself.
begin() {
    need_root
    mkdir -p "$MUSTER_FOLDER" && chmod 700 "$MUSTER_FOLDER" || fail no_folder "The folder of the state can't be made."
    exec 9>"$MUSTER_FOLDER/lock"
    flock -w 30 9 || fail busy "Another reset works on this host."
    for left in "$MUSTER_FOLDER"/work.*; do [ -d "$left" ] && rm -rf "$left"; done
    MUSTER_WORK=$(mktemp -d "$MUSTER_FOLDER/work.XXXXXX") || fail no_folder "The folder of the state is full."
    MUSTER_NOW=$(date +%s)
    export MUSTER_WORK MUSTER_NOW
    trap 'rm -rf "$MUSTER_WORK"' EXIT
    touch "$MUSTER_FOLDER/accounts" "$MUSTER_WORK/results" "$MUSTER_WORK/accounts"
    printf '%s\n' "$MUSTER_EDIT" >"$MUSTER_WORK/edit.awk"
    cat >"$MUSTER_WORK/wanted"
    tail -n 1 "$MUSTER_WORK/wanted" | grep -qx :end || fail cut_off "Not all accounts arrived."
}

# Put the state in its place before the change it tells of: a crash between the two is seen by looking at both.
keep_state() {
    cat >"$MUSTER_WORK/keep" <<'END'
mv -f "$MUSTER_WORK/accounts" "$MUSTER_FOLDER/accounts.new" && sync "$MUSTER_FOLDER/accounts.new" &&
    mv -f "$MUSTER_FOLDER/accounts.new" "$MUSTER_FOLDER/accounts"
END
    sh "$MUSTER_WORK/keep"
}

# One locked rewriting of /etc/shadow by the system's own tool, however many accounts: usermod and chpasswd write the
# whole file for each call, and chpasswd takes a time that grows with the square of its accounts.
write() {
    begin
    cat >"$MUSTER_WORK/editor" <<'END'
#!/bin/sh
set -eu
awk -f "$MUSTER_WORK/edit.awk" "$1" >"$MUSTER_WORK/shadow"
[ -s "$MUSTER_WORK/shadow" ]
[ "$(wc -l <"$MUSTER_WORK/shadow")" = "$(wc -l <"$1")" ]
mv -f "$MUSTER_WORK/accounts" "$MUSTER_FOLDER/accounts.new"
sync "$MUSTER_FOLDER/accounts.new"
mv -f "$MUSTER_FOLDER/accounts.new" "$MUSTER_FOLDER/accounts"
touch "$MUSTER_WORK/edited"
cmp -s "$MUSTER_WORK/shadow" "$1" && exit 0
before=$(stat -c %Y "$1") now=$(date +%s)
cat "$MUSTER_WORK/shadow" >"$1"
# vipw takes a file of the same second for one that nobody changed.
[ "$now" -gt "$before" ] || touch -d "@$((before + 1))" "$1"
END
    chmod 700 "$MUSTER_WORK/editor"
    EDITOR=$MUSTER_WORK/editor VISUAL=$MUSTER_WORK/editor vipw -s >"$MUSTER_WORK/said" 2>&1 </dev/null ||
        fail not_written "vipw did not write /etc/shadow: $(tail -n 1 "$MUSTER_WORK/said" | tr '\t' ' ' | cut -c 1-200)"
    [ -e "$MUSTER_WORK/edited" ] || fail not_written "vipw did not call its editor."
    cat "$MUSTER_WORK/results"
}

# What lives of the users whose ids come one a line: "id" for each process that is not merely waiting to be buried.
live() { ps -eo uid=,ruid=,stat= | awk 'NR == FNR { want[$1] = 1; next }
    $3 !~ /^Z/ { if ($1 in want) print $1; else if ($2 in want) print $2 }' "$1" -; }

# All users of the chunk at once, until nothing of them runs any more: what is started meanwhile goes in the next round.
kill_all() {
    [ -s "$1" ] || return 0
    ids=$(paste -s -d , "$1")
    round=0
    while [ "$round" -lt 30 ]; do
        pkill -KILL -U "$ids"
        pkill -KILL -u "$ids"
        [ -z "$(live "$1")" ] && return 0
        sleep 0.1
        round=$((round + 1))
    done
}

# As the user: root must not follow links in a folder that somebody else may write to.
as_user() {
    uid=$1 gid=$2
    shift 2
    setpriv --reuid "$uid" --regid "$gid" --clear-groups sh -c "$@" 9>&- </dev/null
}

ASIDE='
cd "$1" 2>/dev/null || exit 0
generation=$2 cutoff=$3
shift 3
for file; do
    [ -f "$file" ] || continue
    changed=$(stat -L -c %Y "$file") status=$(stat -L -c %Z "$file")
    [ "$status" -gt "$changed" ] && changed=$status
    aside=$file.set-aside-$generation
    while [ -e "$aside" ] || [ -L "$aside" ]; do aside=$aside+; done
    mv -- "$file" "$aside" 2>/dev/null || { echo "left"; continue; }
    new=old
    [ "$changed" -gt "$cutoff" ] && new=new
    head -c 65536 "$aside" 2>/dev/null | grep -v "^[[:space:]]*#" | grep -E "(ssh|ecdsa|sk)-[a-z0-9@.-]* +AAAA" | sed "s/^/$new /"
done
'

revoke() {
    begin
    awk -f "$MUSTER_WORK/edit.awk" /etc/shadow >/dev/null || fail not_read "/etc/shadow could not be read."
    grep -v "	todo\$" "$MUSTER_WORK/results"
    awk -F: -v results="$MUSTER_WORK/results" '
        BEGIN { while ((getline line < results) > 0) if (line ~ /\ttodo$/) { sub(/\t.*/, "", line); todo[line] = 1 } }
        $1 in todo { print $1 ":" $3 ":" $4 ":" $6; delete todo[$1] }
    ' /etc/passwd >"$MUSTER_WORK/todo"
    cut -d : -f 2 "$MUSTER_WORK/todo" | sort -u >"$MUSTER_WORK/ids"
    # shellcheck disable=SC2046 # logins hold no blanks
    [ ! -d /run/systemd/system ] || [ ! -s "$MUSTER_WORK/todo" ] ||
        loginctl terminate-user $(cut -d : -f 1 "$MUSTER_WORK/todo") >/dev/null 2>&1 </dev/null
    kill_all "$MUSTER_WORK/ids"
    : >"$MUSTER_WORK/keys"
    : >"$MUSTER_WORK/figures"
    while IFS=: read -r login uid gid home; do
        set_keys_aside
    done <"$MUSTER_WORK/todo"
    kill_all "$MUSTER_WORK/ids"
    live "$MUSTER_WORK/ids" | sort -u >"$MUSTER_WORK/living"
    find /var/spool/cron/atjobs /var/spool/at -maxdepth 1 -type f -printf '%U\n' >"$MUSTER_WORK/at" 2>/dev/null
    : >"$MUSTER_WORK/wanted"
    while IFS='	' read -r login uid word keys new cron; do
        grep -qx "$uid" "$MUSTER_WORK/living" && word=sessions_left
        [ "$word" = applied ] && printf '%s:\n' "$login" >>"$MUSTER_WORK/wanted"
        printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$login" "$word" "$keys" "$new" "$cron" "$(grep -cx "$uid" "$MUSTER_WORK/at")"
    done <"$MUSTER_WORK/figures"
    refuse_keys
    MUSTER_OPERATION=revoked awk -f "$MUSTER_WORK/edit.awk" /etc/shadow >/dev/null && keep_state ||
        fail not_written "The state could not be written."
}

# Of one user; notes login, id, a word, keys, keys in files that changed after the cutoff, crontabs.
set_keys_aside() {
    word=applied cron=0
    : >"$MUSTER_WORK/aside"
    for file in $MUSTER_KEY_FILES; do
        [ -e "$home/$file" ] || continue
        # shellcheck disable=SC2086 # names of files, without blanks by the settings' pattern
        as_user "$uid" "$gid" "$ASIDE" aside "$home" "$MUSTER_GENERATION" "$MUSTER_CUTOFF" $MUSTER_KEY_FILES \
            >"$MUSTER_WORK/aside" 2>/dev/null
        break
    done
    grep -qx left "$MUSTER_WORK/aside" && word=keys_not_set_aside
    sed -n 's/^new //p' "$MUSTER_WORK/aside" >>"$MUSTER_WORK/keys"
    for crontab in "/var/spool/cron/crontabs/$login" "/var/spool/cron/$login"; do
        [ -f "$crontab" ] || continue
        cron=1
        [ "$MUSTER_CRONTABS" = set_aside ] && mkdir -p "$MUSTER_FOLDER/crontabs" &&
            mv -f "$crontab" "$MUSTER_FOLDER/crontabs/$login.$MUSTER_GENERATION"
    done
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$login" "$uid" "$word" "$(grep -c '^old \|^new ' "$MUSTER_WORK/aside")" \
        "$(grep -c '^new ' "$MUSTER_WORK/aside")" "$cron" >>"$MUSTER_WORK/figures"
}

# Keys of files that changed after the cutoff may be a thief's, and may be back tomorrow: the server refuses them.
refuse_keys() {
    [ -n "$MUSTER_REVOKED_KEYS" ] && [ -s "$MUSTER_WORK/keys" ] || return 0
    new=$MUSTER_REVOKED_KEYS.muster-new
    touch "$MUSTER_REVOKED_KEYS" && cp -p "$MUSTER_REVOKED_KEYS" "$new" || fail not_written "RevokedKeys can't be written."
    grep -oE "(ssh|ecdsa|sk)-[A-Za-z0-9@.-]* +AAAA[A-Za-z0-9+/=]*" "$MUSTER_WORK/keys" | sort -u |
        grep -vxFf "$MUSTER_REVOKED_KEYS" >>"$new"
    sync "$new" && mv -f "$new" "$MUSTER_REVOKED_KEYS" || fail not_written "RevokedKeys can't be written."
}

# login, uid, gid, day of the last change, of each account; and the members of each group asked for.
find_accounts() {
    need_root
    awk -F: -v low="$MUSTER_MIN_UID" -v high="$MUSTER_MAX_UID" '
        FILENAME == "/etc/passwd" { if ($3 + 0 >= low + 0 && $3 + 0 <= high + 0) { uid[$1] = $3; gid[$1] = $4 }; next }
        $1 in uid { printf "account\t%s\t%s\t%s\t%s\n", $1, uid[$1], gid[$1], $3 }
    ' /etc/passwd /etc/shadow
    while IFS= read -r group; do
        [ "$group" = :end ] && break
        awk -F: -v group="$group" '$1 == group { printf "group\t%s\t%s\t%s\n", $1, $3, $4 }' /etc/group
    done
}

# Of each wanted account: its hash.
hashes() {
    begin
    awk -F: -v wanted="$MUSTER_WORK/wanted" '
        BEGIN { while ((getline line < wanted) > 0) { sub(/:.*/, "", line); want[line] = 1 } }
        $1 in want && $2 ~ /[$]/ { printf "%s\t%s\n", $1, $2 }
    ' /etc/shadow
}

# Of each wanted account: what stands there in a word, whether it has expired, what the state says, what still runs.
look() {
    begin
    awk -F: -v wanted="$MUSTER_WORK/wanted" -v state="$MUSTER_FOLDER/accounts" -v today=$((MUSTER_NOW / 86400)) '
        BEGIN {
            while ((getline line < wanted) > 0) { sub(/:.*/, "", line); want[line] = 1 }
            while ((getline line < state) > 0) { split(line, part, ":"); mark[part[1]] = part[2] ":" part[3]; start[part[1]] = part[5] }
        }
        FILENAME == "/etc/passwd" { uid[$1] = $3; next }
        $1 in want && $1 in uid {
            kind = "hash"
            if (index($2, "!*muster.") == 1) kind = "marker"
            else if ($2 !~ /[$]/ && $2 ~ /^[!*x]/) kind = "none"
            else if ($2 ~ /^!/) kind = "held"
            else if (start[$1] != "" && index($2, start[$1] "$") == 1) kind = "rotated"
            printf "%s\t%s\t%s\t%s\t%s\t%s\n", $1, uid[$1], kind, ($8 != "" && $8 + 0 <= today) ? "expired" : "open", $3, mark[$1]
        }
    ' /etc/passwd /etc/shadow >"$MUSTER_WORK/seen"
    cut -f 2 "$MUSTER_WORK/seen" | sort -u >"$MUSTER_WORK/ids"
    live "$MUSTER_WORK/ids" >"$MUSTER_WORK/living"
    while IFS='	' read -r login uid rest; do
        printf '%s\t%s\t%s\n' "$login" "$(grep -cx "$uid" "$MUSTER_WORK/living")" "$rest"
    done <"$MUSTER_WORK/seen"
}

# What will be needed, without making anything.
probe() {
    [ "$(id -u)" = 0 ] && echo "has	root" || echo "lacks	root"
    for tool in awk vipw flock setpriv pkill ps stat mktemp cmp paste find; do
        command -v "$tool" >/dev/null 2>&1 && echo "has	$tool" || echo "lacks	$tool"
    done
    [ -r /etc/shadow ] && [ -w /etc/shadow ] && [ -w /etc ] && echo "has	shadow" || echo "lacks	shadow"
    above=$MUSTER_FOLDER
    while [ ! -d "$above" ]; do above=$(dirname -- "$above"); done
    [ -w "$above" ] && echo "has	folder" || echo "lacks	folder"
    sshd -T 2>/dev/null | awk '
        $1 ~ /^(revokedkeys|authorizedkeysfile|authorizedkeyscommand|trustedusercakeys)$/ {
            for (n = 2; n <= NF; n++) printf "sshd\t%s\t%s\n", $1, $n
        }'
    awk -F: '$1 == "passwd" { printf "nss\t%s\n", $2 }' /etc/nsswitch.conf 2>/dev/null
}

case $MUSTER_OPERATION in
    disable | lock | rotate | enable | set_password) write ;;
    revoke) revoke ;;
    find) find_accounts ;;
    hashes) hashes ;;
    look) look ;;
    probe) probe ;;
    *) fail unknown "This program does not know that operation." ;;
esac
echo end
