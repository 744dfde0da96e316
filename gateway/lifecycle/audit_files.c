/* SPDX-License-Identifier: Apache-2.0 */
#include "lifecycle/audit_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "durable.h"

void audit_files_path(const char *path, unsigned place, char result[AUDIT_PATH_MAX])
{
    if (place == 0)
        snprintf(result, AUDIT_PATH_MAX, "%s", path);
    else
        snprintf(result, AUDIT_PATH_MAX, "%s.%u", path, place);
}

static bool is_there(const char *path, unsigned place)
{
    char name[AUDIT_PATH_MAX];
    audit_files_path(path, place, name);
    return access(name, F_OK) == 0;
}

unsigned audit_files_count(const char *path, unsigned *oldest)
{
    unsigned count = 0;
    *oldest = 0;
    for (unsigned place = 1; place <= AUDIT_PLACES_MAX; place++) {
        if (!is_there(path, place))
            continue;
        count++;
        *oldest = place;
    }
    return count;
}

enum atalaya_result audit_files_shift(const char *path)
{
    unsigned place = 1;
    while (place <= AUDIT_PLACES_MAX && is_there(path, place))
        place++;
    if (place > AUDIT_PLACES_MAX)
        return ATALAYA_E_FULL;
    for (; place > 0; place--) {
        char from[AUDIT_PATH_MAX], to[AUDIT_PATH_MAX];
        audit_files_path(path, place - 1, from);
        audit_files_path(path, place, to);
        if (rename(from, to) != 0)
            return ATALAYA_E_IO;
    }
    (void)durable_sync_folder(path); /* else in the same order */
    return ATALAYA_OK;
}

enum atalaya_result audit_files_remove(const char *path, unsigned place)
{
    char name[AUDIT_PATH_MAX];
    audit_files_path(path, place, name);
    return unlink(name) == 0 ? ATALAYA_OK : ATALAYA_E_IO;
}

enum atalaya_result audit_files_end(int fd, off_t size, off_t *end, struct audit_mark *mark)
{
    static char text[2 * AUDIT_LINE_MAX]; /* main thread */
    size_t want = size < (off_t)sizeof text ? (size_t)size : sizeof text, hashed;
    ssize_t got = pread(fd, text, want, size - (off_t)want);
    if (got < 0)
        return ATALAYA_E_IO;
    size_t length = (size_t)got;
    while (length > 0 && text[length - 1] != '\n')
        length--;
    *end = size - (got - (ssize_t)length);
    size_t start = length > 0 ? length - 1 : 0;
    while (start > 0 && text[start - 1] != '\n')
        start--;
    struct audit_mark last;
    mark->line = 0;
    if (length > 0 && audit_read_mark(text + start, length - 1 - start, &last, &hashed))
        *mark = last;
    return ATALAYA_OK;
}

enum atalaya_result audit_files_last(const char *path, unsigned place, struct audit_mark *mark)
{
    char name[AUDIT_PATH_MAX];
    struct stat facts;
    off_t end;
    mark->line = 0;
    audit_files_path(path, place, name);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ATALAYA_E_IO;
    enum atalaya_result result =
        fstat(fd, &facts) == 0 ? audit_files_end(fd, facts.st_size, &end, mark) : ATALAYA_E_IO;
    (void)close(fd); /* only read */
    return result;
}
