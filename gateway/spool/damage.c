/* SPDX-License-Identifier: Apache-2.0 */
/* A database that cannot be read is kept for whoever may still recover something from it, but not in the way.
 */
#include "spool/private.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "durable.h"

enum { DAMAGED_KEPT = 3 };
static const char *const companions[] = {"", "-wal", "-shm", "-journal", PENDING_TAIL};
enum { MOVED = 4 }; /* of them */

static bool escape_pattern(const char *path, char *pattern, size_t size)
{
    size_t n = 0;
    for (const char *c = path; *c; c++) {
        if (n + 2 >= size)
            return false;
        if (strchr("*?[\\", *c))
            pattern[n++] = '\\';
        pattern[n++] = *c;
    }
    pattern[n] = '\0';
    return true;
}

/* Names carry the time, so that sorted by name is sorted by age. False: none. */
static bool find_names(const char *path, const char *tail, glob_t *found)
{
    char pattern[2 * DAMAGED_PATH_MAX];
    if (!escape_pattern(path, pattern, sizeof pattern - strlen(tail)))
        return false;
    strcat(pattern, tail);
    return glob(pattern, 0, NULL, found) == 0;
}

/* Leaves room for one more, and what is still to be taken over. */
static void remove_oldest(const char *path, const char *pending)
{
    glob_t found;
    if (!find_names(path, ".damaged-????????T??????Z*", &found))
        return;
    size_t base = strlen(path) + strlen(".damaged-YYYYmmddTHHMMSSZ");
    size_t sets = 0;
    for (size_t i = found.gl_pathc; i-- > 0;) {
        bool database = strchr(found.gl_pathv[i] + base, '-') == NULL;
        if (database)
            sets++;
        if (sets < DAMAGED_KEPT || strcmp(found.gl_pathv[i], pending) == 0)
            continue;
        /* Companions sort behind their database, so they were passed while it was not yet counted. */
        for (size_t c = 0; database && c < sizeof companions / sizeof *companions; c++) {
            char name[DAMAGED_PATH_MAX + 16];
            snprintf(name, sizeof name, "%s%s", found.gl_pathv[i], companions[c]);
            if (unlink(name) != 0 && errno != ENOENT)
                log_warning("spool: cannot remove %s: %s", name, strerror(errno));
        }
    }
    globfree(&found);
}

static bool free_name(const char *path, char *name, size_t size)
{
    time_t now = (time_t)(clock_utc_ns() / 1000000000);
    struct tm tm;
    char stamp[24];
    if (!gmtime_r(&now, &tm) || strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &tm) == 0)
        return false;
    for (int i = 0; i < 100; i++) {
        snprintf(name, size, i ? "%s.damaged-%s.%02d" : "%s.damaged-%s", path, stamp, i);
        if (access(name, F_OK) != 0)
            return true;
    }
    return false;
}

/* Also when some of them were moved already: what is there is not written over. The database goes first, and
 * a new one is made when all are moved: if there is one beside it, nothing is left to be moved. */
static bool move_files(const char *path, const char *name)
{
    if (access(path, F_OK) == 0 && access(name, F_OK) == 0)
        return true;
    for (size_t c = 0; c < MOVED; c++) {
        char from[DAMAGED_PATH_MAX + 16], to[DAMAGED_PATH_MAX + 16];
        snprintf(from, sizeof from, "%s%s", path, companions[c]);
        snprintf(to, sizeof to, "%s%s", name, companions[c]);
        if (access(to, F_OK) != 0 && rename(from, to) != 0 && errno != ENOENT) {
            log_error("spool: cannot rename the damaged %s to %s: %s", from, to, strerror(errno));
            return false;
        }
    }
    (void)durable_sync_folder(path); /* before a new one is made */
    return true;
}

static void say_damage(struct spool *spool, const char *name)
{
    snprintf(
        spool->damage, sizeof spool->damage,
        "damaged, and kept as %s; what could be read of it is taken over; check the disk (dmesg, smartctl)",
        name);
}

int damage_remember(struct spool *spool)
{
    glob_t found;
    if (spool->set_aside[0] || !find_names(spool->path, ".damaged-????????T??????Z*" PENDING_TAIL, &found))
        return SQLITE_OK;
    char name[DAMAGED_PATH_MAX];
    snprintf(name, sizeof name, "%.*s", (int)(strlen(found.gl_pathv[0]) - strlen(PENDING_TAIL)),
             found.gl_pathv[0]);
    globfree(&found);
    if (!move_files(spool->path, name))
        return SQLITE_IOERR;
    log_notice("spool: %s was set aside and not taken over to its end: that goes on now", name);
    memcpy(spool->set_aside, name, sizeof name);
    say_damage(spool, name);
    spool->damaged = true;
    return SQLITE_OK;
}

/* Where one is still to be taken over, the new one has nothing that it has not. False: tried again with the
 * next commit. */
bool damage_set_aside(struct spool *spool)
{
    const char *path = spool->path;
    bool again = spool->set_aside[0] != '\0';
    char name[DAMAGED_PATH_MAX];
    remove_oldest(path, spool->set_aside);
    if (!free_name(path, name, sizeof name) || (again && !pending_again(spool->set_aside)))
        return false;
    if (!again && !pending_create(name)) {
        /* A disk that takes no mark takes no new database either; moved without one, it would be forgotten.
         */
        snprintf(
            spool->damage, sizeof spool->damage,
            "%s: damaged, and stays in its place, for nothing can be written beside it (%s); make room on "
            "that disk, or look at it (dmesg, smartctl)",
            path, strerror(errno));
        return false;
    }
    if (!move_files(path, name))
        return false;
    say_damage(spool, name);
    log_error(
        "spool: %s was damaged and is now %s; a new one is made, and what can be read is taken over. For the "
        "rest copy the file away and try `sqlite3 FILE .recover`, and check the disk (dmesg, smartctl)",
        path, name);
    if (!again)
        memcpy(spool->set_aside, name, sizeof name);
    return true;
}
