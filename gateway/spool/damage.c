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

enum { DAMAGED_KEPT = 3 };
static const char *const companions[] = {"", "-wal", "-shm", "-journal"};

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

/* Names carry the time, so that sorted by name is sorted by age. Leaves room for one more. */
static void remove_oldest(const char *path)
{
    char pattern[2 * DAMAGED_PATH_MAX];
    static const char tail[] = ".damaged-????????T??????Z*";
    if (!escape_pattern(path, pattern, sizeof pattern - sizeof tail))
        return;
    strcat(pattern, tail);
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0)
        return;
    size_t base = strlen(path) + strlen(".damaged-YYYYmmddTHHMMSSZ");
    size_t sets = 0;
    for (size_t i = found.gl_pathc; i-- > 0;) {
        bool database = strchr(found.gl_pathv[i] + base, '-') == NULL;
        if (database)
            sets++;
        if (sets < DAMAGED_KEPT)
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

bool damage_set_aside(struct spool *spool)
{
    const char *path = spool->path;
    char name[DAMAGED_PATH_MAX];
    remove_oldest(path);
    if (!free_name(path, name, sizeof name))
        return false;
    for (size_t c = 0; c < sizeof companions / sizeof *companions; c++) {
        char from[DAMAGED_PATH_MAX + 16], to[DAMAGED_PATH_MAX + 16];
        snprintf(from, sizeof from, "%s%s", path, companions[c]);
        snprintf(to, sizeof to, "%s%s", name, companions[c]);
        if (rename(from, to) != 0 && errno != ENOENT) {
            log_error("spool: cannot rename the damaged %s to %s: %s", from, to, strerror(errno));
            return false;
        }
    }
    log_error(
        "spool: %s was damaged and is now %s; a new one is made, and what can be read is taken over. For the "
        "rest copy the file away and try `sqlite3 FILE .recover`, and check the disk (dmesg, smartctl)",
        path, name);
    if (!spool->set_aside[0]) /* a new one that goes bad at once has nothing that this one has not */
        memcpy(spool->set_aside, name, sizeof name);
    return true;
}
