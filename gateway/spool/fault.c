/* SPDX-License-Identifier: Apache-2.0 */
/* Why the disk does not take what is written, for a person: which file, what forbids it, what to do. Who ran
 * things by hand as root leaves files behind that the gateway's user may not open, and a file system with an
 * error is mounted read only: both look like any failing disk to SQLite. */
#include "spool/private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *advice(int error, bool is_folder, bool is_ours)
{
    switch (error) {
    case EACCES:
    case EPERM:
        if (is_ours)
            return is_folder ? "run: chmod u+rwx" : "run: chmod u+rw";
        return "give it to the gateway's user (chown)";
    case EROFS:
        return "find out why that file system is mounted read only (dmesg), and mount it anew";
    case ENOSPC:
    case EDQUOT:
        return "make room on that disk";
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
        return "correct path in section spool, or what lies there";
    default:
        return "check the disk (dmesg, smartctl)";
    }
}

const char *fault_advice(int code)
{
    switch (code & 0xff) {
    case SQLITE_FULL:
        return "make room on that disk";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another program holds a lock on it: end it";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
        return "the folder and the file must be writable for the gateway's user";
    default:
        return "check the disk (dmesg, smartctl)";
    }
}

/* No name of a user: those are looked up on disk, or over a network. */
void fault_of_file(const char *name, int error, char why[static SPOOL_ERROR_MAX])
{
    struct stat facts = {0};
    char owner[40] = "";
    bool known = stat(name, &facts) == 0, ours = known && facts.st_uid == geteuid();
    if (known && !ours && (error == EACCES || error == EPERM))
        snprintf(owner, sizeof owner, facts.st_uid ? " (it belongs to user %u)" : " (it belongs to root)",
                 (unsigned)facts.st_uid);
    snprintf(why, SPOOL_ERROR_MAX, "%s: %s%s; %s", name, strerror(error), owner,
             advice(error, S_ISDIR(facts.st_mode), ours));
}

/* access() and not open(): to close a file lets go of SQLite's locks on it. */
static bool is_forbidden(const char *name, int mode, char why[static SPOOL_ERROR_MAX])
{
    if (access(name, mode) == 0)
        return false;
    fault_of_file(name, errno, why);
    return true;
}

/* From the top: what cannot be entered hides what is below, and where one is missing the one above it did not
 * let it be made. */
static bool folders_forbid(const char *path, char why[static SPOOL_ERROR_MAX])
{
    char folder[CONFIG_PATH_MAX], above[CONFIG_PATH_MAX] = ".";
    snprintf(folder, sizeof folder, "%s", path);
    if (folder[0] == '/')
        strcpy(above, "/");
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (access(folder, F_OK) != 0 && errno != EACCES && errno != ENOENT)
            return is_forbidden(folder, F_OK, why);
        if (access(folder, F_OK) != 0)
            break;
        strcpy(above, folder);
        *slash = '/';
    }
    return is_forbidden(above, W_OK | X_OK, why);
}

bool spool_is_forbidden(const char *path, char why[static SPOOL_ERROR_MAX])
{
    static const char *const tails[] = {"", "-wal", "-shm", "-journal", "-lock"};
    if (folders_forbid(path, why))
        return true;
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        char name[CONFIG_PATH_MAX + 16];
        snprintf(name, sizeof name, "%s%s", path, tails[i]);
        if (access(name, F_OK) == 0 && is_forbidden(name, R_OK | W_OK, why))
            return true;
    }
    return false;
}

/* A full disk and another's lock forbid nothing. */
static bool may_be_forbidden(int code)
{
    int kind = code & 0xff;
    return code > 0 && kind != SQLITE_FULL && kind != SQLITE_BUSY && kind != SQLITE_LOCKED &&
           kind != SQLITE_NOMEM;
}

void fault_describe(struct spool *spool, int code)
{
    char *text = spool->error;
    int why = spool->db.handle ? sqlite3_system_errno(spool->db.handle) : spool->open_errno;
    if (code == DATABASE_NEWER) {
        snprintf(text, sizeof spool->error,
                 "%s: made by a newer atalaya; install that version, or move the file away", spool->path);
        return;
    }
    if (code == DATABASE_FOREIGN) {
        snprintf(text, sizeof spool->error, "%s: a database of another program; choose another path",
                 spool->path);
        return;
    }
    if (may_be_forbidden(code) && spool_is_forbidden(spool->path, text))
        return;
    if (database_is_damage(code) && spool->damage[0]) {
        memcpy(text, spool->damage, sizeof spool->damage);
        return;
    }
    bool told = why != 0 && may_be_forbidden(code);
    snprintf(text, sizeof spool->error, "%s: %s%s%s%s; %s", spool->path, sqlite3_errstr(code),
             told ? " (" : "", told ? strerror(why) : "", told ? ")" : "",
             told ? advice(why, false, false) : fault_advice(code));
}
