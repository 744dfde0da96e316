/* SPDX-License-Identifier: Apache-2.0 */
#include "owner.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void owner_directory_of(const char *path, char directory[CONFIG_PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        strcpy(directory, ".");
    else if (slash == path)
        strcpy(directory, "/");
    else
        snprintf(directory, CONFIG_PATH_MAX, "%.*s", (int)(slash - path), path);
}

bool owner_is_another(const char *spool_path, char name[OWNER_NAME_MAX])
{
    char directory[CONFIG_PATH_MAX];
    struct stat facts;
    owner_directory_of(spool_path, directory);
    if (geteuid() != 0 || stat(directory, &facts) != 0 || facts.st_uid == 0)
        return false;
    const struct passwd *user = getpwuid(facts.st_uid);
    snprintf(name, OWNER_NAME_MAX, "%s", user ? user->pw_name : "another user");
    return true;
}

bool owner_gateway_runs(const char *spool_path)
{
    char path[CONFIG_PATH_MAX + 8];
    snprintf(path, sizeof path, "%s-lock", spool_path);
    int lock = open(path, O_RDONLY | O_CLOEXEC);
    bool held = lock >= 0 && flock(lock, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (lock >= 0)
        (void)close(lock);
    return held;
}
