# Edits the lines of /etc/shadow that are wanted, by the rules of a reset, and notes per account what became of it.
# In: the shadow file; ENVIRON says the rest. Out: the shadow file as it is to be; `results`, `accounts` (the state).
# State, one line an account: login:generation:operations:expiry before:start of a rotated hash:flags

function has(login, operation) {
    return s_generation[login] + 0 == generation + 0 && index("+" s_operations[login] "+", "+" operation "+")
}

function add(login, operation) {
    if (!has(login, operation)) {
        s_operations[login] = s_operations[login] (s_operations[login] == "" ? "" : "+") operation
    }
}

function is_marker(hash) { return index(hash, "!*muster.") == 1 }

# No password could ever fit: a service, or one who signs in by key only. There is nothing to put out of force.
function is_none(hash) { return hash !~ /[$]/ && hash ~ /^[!*x]/ && !is_marker(hash) }

# Somebody put the hash out of force (usermod -L).
function is_held(hash) { return hash ~ /^!/ && !is_none(hash) && !is_marker(hash) }

# All of a hash but its last part: tells one hash from another without keeping it.
function start_of(hash) {
    sub(/^!+/, "", hash)
    return match(hash, /[$][^$]*$/) ? substr(hash, 1, RSTART - 1) : ""
}

function is_expired(day) { return day != "" && day + 0 <= today }

# Newer than the cutoff by whole days, in force, and no reset's.
function set_by_owner(login) {
    if ($3 == "" || $3 + 0 == 0 || $3 * 86400 <= cutoff + 0) return 0
    if ($2 ~ /^[!*]/ || $2 == "") return 0
    return !(s_start[login] != "" && start_of($2) == s_start[login])
}

# The first operation of this reset on an account: keep how it was, unless an earlier reset still disables it.
function begin(login,    still) {
    if (s_generation[login] + 0 == generation + 0 && s_generation[login] != "") return
    still = $8 == "1" && (index("+" s_operations[login] "+", "+disable+") || s_flags[login] ~ /carried/) &&
        !index("+" s_operations[login] "+", "+enable+")
    if (still) {
        if (s_flags[login] !~ /carried/) s_flags[login] = s_flags[login] "carried"
    } else {
        s_before[login] = $8
        s_flags[login] = is_expired($8) || is_held($2) ? "kept" : ""
    }
    s_generation[login] = generation
    s_operations[login] = ""
}

function is_ours(login) {
    return $8 == "1" && (has(login, "disable") || (s_generation[login] + 0 == generation + 0 && s_flags[login] ~ /carried/))
}

function disable(login) {
    if (has(login, "enable") || (has(login, "disable") && $8 == "1")) return "unchanged"
    if (set_by_owner(login)) return "skipped"
    begin(login)
    if (!has(login, "disable") && s_flags[login] !~ /carried/) s_before[login] = $8
    $8 = 1
    add(login, "disable")
    return "applied"
}

function lock(login) {
    if (has(login, "set_password")) return "unchanged"
    if ($2 == marker || (has(login, "lock") && is_none($2))) return "unchanged"
    if (set_by_owner(login)) return "skipped"
    begin(login)
    if (!is_none($2)) $2 = marker
    add(login, "lock")
    return "applied"
}

function rotate(login,    before) {
    if (has(login, "set_password")) return "unchanged"
    if (has(login, "rotate") && (is_none($2) || start_of($2) == s_start[login])) return "unchanged"
    if (set_by_owner(login)) return "skipped"
    begin(login)
    if (!is_none($2)) {
        before = $2
        $2 = (is_held(before) ? "!" : "") new_hash[login]
        $3 = today
        s_start[login] = start_of($2)
    }
    add(login, "rotate")
    return "applied"
}

function enable(login) {
    if (has(login, "enable") && !(is_ours(login) && s_before[login] != "1")) return "unchanged"
    begin(login)
    if (is_ours(login)) $8 = s_before[login]
    add(login, "enable")
    return "applied"
}

function set_password(login) {
    begin(login)
    if (s_flags[login] ~ /kept/) return "suspended_before"
    $2 = new_hash[login]
    $3 = today
    if (is_ours(login)) $8 = s_before[login]
    s_start[login] = ""
    add(login, "set_password")
    add(login, "enable")
    return "applied"
}

# Only looks: what is to be revoked is done outside, and noted by "revoked".
function revoke(login) {
    if (has(login, "revoke") || has(login, "set_password")) return "unchanged"
    return set_by_owner(login) ? "skipped" : "todo"
}

function revoked(login) {
    begin(login)
    add(login, "revoke")
    return "applied"
}

function decide(login) {
    if (!(login in uid)) return "gone"
    if (uid[login] + 0 < lowest || uid[login] + 0 > highest || login == ENVIRON["MUSTER_SELF"]) return "system_account"
    if (s_generation[login] + 0 > generation + 0) return operation == "set_password" ? "newer_reset" : "unchanged"
    if (operation == "disable") return disable(login)
    if (operation == "lock") return lock(login)
    if (operation == "rotate") return rotate(login)
    if (operation == "enable") return enable(login)
    if (operation == "set_password") return set_password(login)
    if (operation == "revoke") return revoke(login)
    return revoked(login)
}

BEGIN {
    FS = OFS = ":"
    operation = ENVIRON["MUSTER_OPERATION"]
    generation = ENVIRON["MUSTER_GENERATION"]
    cutoff = ENVIRON["MUSTER_CUTOFF"]
    today = int(ENVIRON["MUSTER_NOW"] / 86400)
    work = ENVIRON["MUSTER_WORK"]
    lowest = ENVIRON["MUSTER_MIN_UID"] + 0
    highest = ENVIRON["MUSTER_MAX_UID"] + 0
    marker = "!*muster." generation
    while ((getline line < (work "/wanted")) > 0) {
        at = index(line, ":")
        if (at == 1) continue
        login = at ? substr(line, 1, at - 1) : line
        wanted[login] = 1
        new_hash[login] = at ? substr(line, at + 1) : ""
    }
    while ((getline line < "/etc/passwd") > 0) {
        split(line, part, ":")
        uid[part[1]] = part[3]
    }
    while ((getline line < (ENVIRON["MUSTER_FOLDER"] "/accounts")) > 0) {
        split(line, part, ":")
        login = part[1]
        s_generation[login] = part[2]
        s_operations[login] = part[3]
        s_before[login] = part[4]
        s_start[login] = part[5]
        s_flags[login] = part[6]
    }
}

!($1 in wanted) || $1 in seen { print; next }

{
    seen[$1] = 1
    printf "%s\t%s\n", $1, decide($1) > (work "/results")
    print
}

END {
    for (login in wanted) if (!(login in seen)) printf "%s\tgone\n", login > (work "/results")
    for (login in s_generation) if (s_generation[login] != "") {
        print login, s_generation[login], s_operations[login], s_before[login], s_start[login], s_flags[login] \
            > (work "/accounts")
    }
}
