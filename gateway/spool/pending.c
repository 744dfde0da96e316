/* SPDX-License-Identifier: Apache-2.0 */
/* A mark beside a database that was set aside, until it is taken over: <its name>-pending. It is there before
 * the first file is moved, so that whatever ends this run in between, the next one goes on. It counts how
 * often each stage was begun: what kills the gateway each time is given up, and the tower is up.
 *
 * Its text is a letter a stage: how often that was begun, a never, b once, ..; a capital one says that it is
 * done. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "durable.h"
#include "spool/private.h"

enum { TRIES = 3 };

static void mark_path(const char *name, char path[static DAMAGED_PATH_MAX + 16])
{
    snprintf(path, DAMAGED_PATH_MAX + 16, "%s" PENDING_TAIL, name);
}

/* What cannot be read of it is as if nothing had been begun: the counting goes on from there. */
static int open_mark(const char *name, int flags, char mark[static PENDING_STAGES])
{
    char path[DAMAGED_PATH_MAX + 16];
    mark_path(name, path);
    memset(mark, 'a', PENDING_STAGES);
    int fd = open(path, O_RDWR | O_CLOEXEC | flags, 0600);
    if (fd < 0)
        return fd;
    char text[PENDING_STAGES] = {0};
    (void)!pread(fd, text, sizeof text, 0);
    for (int i = 0; i < PENDING_STAGES; i++)
        if ((text[i] >= 'a' && text[i] <= 'a' + TRIES) || (text[i] >= 'A' && text[i] <= 'A' + TRIES))
            mark[i] = text[i];
    return fd;
}

static bool write_mark(int fd, const char mark[static PENDING_STAGES])
{
    bool written = pwrite(fd, mark, PENDING_STAGES, 0) == PENDING_STAGES && fsync(fd) == 0;
    (void)close(fd);
    return written;
}

bool pending_create(const char *name)
{
    char mark[PENDING_STAGES];
    errno = 0;
    int fd = open_mark(name, O_CREAT, mark);
    bool made = fd >= 0 && write_mark(fd, mark);
    int why = errno ? errno : ENOSPC; /* a part of it was written */
    if (!made)
        (void)pending_remove(name);
    (void)durable_sync_folder(name);
    errno = why;
    return made;
}

bool pending_again(const char *name)
{
    char mark[PENDING_STAGES];
    int fd = open_mark(name, 0, mark);
    for (int i = 0; i < PENDING_STAGES; i++)
        if (mark[i] <= 'A' + TRIES)
            mark[i] = (char)(mark[i] - 'A' + 'a');
    return fd < 0 ? errno == ENOENT : write_mark(fd, mark);
}

enum pending pending_begin(const char *name, unsigned stage)
{
    char mark[PENDING_STAGES];
    int fd = open_mark(name, 0, mark);
    if (fd < 0)
        return errno == ENOENT ? PENDING_GO : PENDING_FAILED;
    char *letter = &mark[stage];
    bool done = *letter <= 'A' + TRIES;
    if (done || *letter == 'a' + TRIES) {
        (void)close(fd);
        return done ? PENDING_DONE : PENDING_GIVEN_UP;
    }
    ++*letter;
    return write_mark(fd, mark) ? PENDING_GO : PENDING_FAILED;
}

bool pending_end(const char *name, unsigned stage, bool done)
{
    char mark[PENDING_STAGES];
    int fd = open_mark(name, 0, mark);
    char *letter = &mark[stage];
    if (done)
        *letter = (char)(*letter <= 'A' + TRIES ? *letter : *letter - 'a' + 'A');
    else if (*letter > 'a')
        --*letter; /* it ended well, and is no worse than before */
    return fd < 0 ? errno == ENOENT : write_mark(fd, mark);
}

bool pending_remove(const char *name)
{
    char path[DAMAGED_PATH_MAX + 16];
    mark_path(name, path);
    if (unlink(path) != 0)
        return errno == ENOENT;
    (void)durable_sync_folder(name);
    return true;
}
