/* SPDX-License-Identifier: Apache-2.0 */
#undef _FORTIFY_SOURCE /* these are the functions that it would wrap */
#include "recorder.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

enum { FDS_MAX = 256 };

struct recorder recorder;
static char watched[512];
static size_t watched_length; /* 0 = not recording */
static struct {
    unsigned file_plus_1;
    bool appends;
} descriptor[FDS_MAX];

#define REAL(type, name, ...)                                                                                \
    static type (*real)(__VA_ARGS__);                                                                        \
    if (!real)                                                                                               \
    *(void **)&real = dlsym(RTLD_NEXT, #name)

void recorder_watch(const char *folder)
{
    watched_length = folder ? strlen(folder) : 0;
    snprintf(watched, sizeof watched, "%s", folder ? folder : "");
}

static struct op *record(enum op_kind kind, unsigned file)
{
    assert_true(recorder.count < RECORDER_OPS_MAX);
    struct op *op = &recorder.op[recorder.count++];
    *op = (struct op){.kind = kind, .file = file};
    return op;
}

/* -1 = none of ours. What is mapped (-shm) is built anew after a power cut and says nothing. */
static int file_of(const char *path)
{
    size_t length = strlen(path);
    if (!watched_length || strncmp(path, watched, watched_length) != 0 || path[watched_length] != '/' ||
        (length > 4 && strcmp(path + length - 4, "-shm") == 0))
        return -1;
    const char *name = path + watched_length + 1;
    for (unsigned i = 0; i < recorder.files; i++)
        if (strcmp(recorder.name[i], name) == 0)
            return (int)i;
    assert_true(recorder.files < RECORDER_FILES_MAX && strlen(name) < sizeof recorder.name[0]);
    strcpy(recorder.name[recorder.files], name);
    return (int)recorder.files++;
}

static int opened(int fd, const char *path, int flags, bool existed)
{
    struct stat facts;
    bool folder = fd >= 0 && fstat(fd, &facts) == 0 && S_ISDIR(facts.st_mode);
    int file = fd < 0 || fd >= FDS_MAX                                               ? -1
               : folder && watched_length && !strncmp(path, watched, watched_length) ? RECORDER_FILES_MAX
                                                                                     : file_of(path);
    if (fd >= 0 && fd < FDS_MAX) {
        descriptor[fd].file_plus_1 = (unsigned)(file + 1);
        descriptor[fd].appends = flags & O_APPEND;
    }
    if (file >= 0 && !folder && !existed)
        record(OP_CREATE, (unsigned)file);
    return fd;
}

#define OPEN(name)                                                                                           \
    int name(const char *path, int flags, ...)                                                               \
    {                                                                                                        \
        REAL(int, name, const char *, int, ...);                                                             \
        va_list rest;                                                                                        \
        va_start(rest, flags);                                                                               \
        mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;                                            \
        va_end(rest);                                                                                        \
        bool existed = access(path, F_OK) == 0;                                                              \
        return opened(real(path, flags, mode), path, flags, existed);                                        \
    }
OPEN(open)
OPEN(open64)

int close(int fd)
{
    REAL(int, close, int);
    if (fd >= 0 && fd < FDS_MAX)
        descriptor[fd].file_plus_1 = 0;
    return real(fd);
}

static bool is_ours(int fd)
{
    return watched_length && fd >= 0 && fd < FDS_MAX && descriptor[fd].file_plus_1;
}

static void record_write(int fd, const void *data, size_t length, int64_t at)
{
    if (!is_ours(fd))
        return;
    struct op *op = record(OP_WRITE, descriptor[fd].file_plus_1 - 1);
    op->at = at;
    op->length = length;
    op->data = malloc(length);
    assert_non_null(op->data);
    memcpy(op->data, data, length);
}

ssize_t write(int fd, const void *data, size_t length)
{
    REAL(ssize_t, write, int, const void *, size_t);
    struct stat facts;
    if (is_ours(fd) && fstat(fd, &facts) == 0)
        record_write(fd, data, length,
                     descriptor[fd].appends ? facts.st_size : (int64_t)lseek(fd, 0, SEEK_CUR));
    return real(fd, data, length);
}

#define PWRITE(name, offset)                                                                                 \
    ssize_t name(int fd, const void *data, size_t length, offset at)                                         \
    {                                                                                                        \
        REAL(ssize_t, name, int, const void *, size_t, offset);                                              \
        record_write(fd, data, length, at);                                                                  \
        return real(fd, data, length, at);                                                                   \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define TRUNCATE(name, offset)                                                                               \
    int name(int fd, offset size)                                                                            \
    {                                                                                                        \
        REAL(int, name, int, offset);                                                                        \
        if (is_ours(fd))                                                                                     \
            record(OP_TRUNCATE, descriptor[fd].file_plus_1 - 1)->at = size;                                  \
        return real(fd, size);                                                                               \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

int unlink(const char *path)
{
    REAL(int, unlink, const char *);
    int file = file_of(path);
    if (file >= 0 && access(path, F_OK) == 0)
        record(OP_UNLINK, (unsigned)file);
    return real(path);
}

int rename(const char *from, const char *to)
{
    REAL(int, rename, const char *, const char *);
    int file = file_of(from), named = file_of(to);
    if (file >= 0 && named >= 0 && access(from, F_OK) == 0)
        record(OP_RENAME, (unsigned)file)->to = (unsigned)named;
    return real(from, to);
}

static int synced(int fd)
{
    if (is_ours(fd))
        record(OP_SYNC, descriptor[fd].file_plus_1 - 1);
    return 0; /* nobody pulls the plug of this machine meanwhile */
}

int fsync(int fd)
{
    return synced(fd);
}

int fdatasync(int fd)
{
    return synced(fd);
}

int clock_gettime(clockid_t id, struct timespec *now)
{
    REAL(int, clock_gettime, clockid_t, struct timespec *);
    int status = real(id, now);
    if (id == CLOCK_REALTIME)
        now->tv_sec += recorder.wall_ahead_ns / 1000000000;
    return status;
}

static void resize(struct image *image, size_t size)
{
    assert_true(size <= RECORDER_FILE_MAX);
    if (size > image->size)
        memset(image->bytes + image->size, 0, size - image->size);
    image->size = size;
}

void recorder_apply(struct image images[static RECORDER_FILES_MAX], const struct op *op, size_t first,
                    size_t last)
{
    struct image *image = &images[op->file];
    image->exists = op->kind != OP_UNLINK;
    if (op->kind == OP_RENAME) {
        struct image *to = &images[op->to], was = *to;
        *to = *image;
        *image = (struct image){.bytes = was.bytes};
    } else if (op->kind == OP_CREATE || op->kind == OP_UNLINK)
        image->size = 0;
    else if (op->kind == OP_TRUNCATE)
        resize(image, (size_t)op->at);
    else if (op->kind == OP_WRITE && first < last) {
        if ((size_t)op->at + last > image->size)
            resize(image, (size_t)op->at + last);
        memcpy(image->bytes + op->at + first, op->data + first, last - first);
    }
}

void recorder_build(struct image images[static RECORDER_FILES_MAX],
                    const struct part part[static RECORDER_OPS_MAX], size_t cut)
{
    bool lost[RECORDER_FILES_MAX] = {false}; /* the file that is written to now never got its name */
    for (unsigned i = 0; i < recorder.files; i++) {
        images[i].exists = false;
        images[i].size = 0;
    }
    for (size_t i = 0; i < cut; i++) {
        const struct op *op = &recorder.op[i];
        if (op->kind == OP_CREATE)
            lost[op->file] = !part[i].applied;
        if (op->kind != OP_SYNC && part[i].applied && !lost[op->file])
            recorder_apply(images, op, part[i].first, part[i].last);
    }
}

size_t recorder_pending(size_t cut, size_t pending[static RECORDER_OPS_MAX])
{
    bool sure[RECORDER_FILES_MAX + 1] = {false};
    size_t count = 0;
    for (size_t i = cut; i-- > 0;) {
        const struct op *op = &recorder.op[i];
        if (op->kind == OP_SYNC)
            sure[op->file] = true;
        else if ((op->kind == OP_RENAME || !sure[op->file]) &&
                 !(sure[RECORDER_FILES_MAX] &&
                   (op->kind == OP_CREATE || op->kind == OP_UNLINK || op->kind == OP_RENAME)))
            pending[count++] = i;
    }
    return count;
}

void recorder_restore(const struct image images[static RECORDER_FILES_MAX], const char *folder)
{
    for (unsigned i = 0; i < recorder.files; i++) {
        char path[600];
        snprintf(path, sizeof path, "%s/%s", folder, recorder.name[i]);
        if (!images[i].exists) {
            (void)unlink(path);
            continue;
        }
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        assert_true(fd >= 0 && write(fd, images[i].bytes, images[i].size) == (ssize_t)images[i].size);
        close(fd);
    }
}
