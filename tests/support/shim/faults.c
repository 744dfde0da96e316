/* SPDX-License-Identifier: Apache-2.0 */
/* Faults for a program under test, by LD_PRELOAD: a disk that fails, a wall clock that jumps, name servers
 * that are gone, memory that runs out. ATALAYA_FAULTS names the control page, a file that the test maps too
 * (tests/support/faults.py); ATALAYA_FAULTS_DISK is the folder that stands for the disk. Without them nothing
 * is changed. */
#define _GNU_SOURCE
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <netdb.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "preload.h"
#include "wall_clock.h"

enum { FDS_MAX = 4096 };

static struct faults none;
static struct faults *faults = &none;
static const char *disk;
static unsigned char on_disk[FDS_MAX]; /* which descriptors are files of that disk */
static uintptr_t text_low, text_high;  /* of the program itself */

static int find_text(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size, (void)context;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X) {
            text_low = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
            text_high = text_low + info->dlpi_phdr[i].p_memsz;
        }
    return 1; /* the program comes first */
}

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("ATALAYA_FAULTS");
    disk = getenv("ATALAYA_FAULTS_DISK");
    (void)dl_iterate_phdr(find_text, NULL);
    int fd = path ? CALL(open, path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *page = mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)CALL(close, fd);
    if (page != MAP_FAILED)
        faults = page;
}

/* ---- the disk ---- */

static bool is_on_disk(const char *path)
{
    return disk && strncmp(path, disk, strlen(disk)) == 0;
}

static bool fails(int fd, int64_t error)
{
    if (!error || fd < 0 || fd >= FDS_MAX || !on_disk[fd])
        return false;
    faults->write_hits++;
    errno = (int)error;
    return true;
}

/* kill -9 at one moment, the same each time. */
static void may_die(void)
{
    if (faults->kill_at > 0 && --faults->kill_at == 0)
        (void)raise(SIGKILL);
}

static bool changes_fail(int fd, int64_t error)
{
    if (fd >= 0 && fd < FDS_MAX && on_disk[fd])
        may_die();
    return fails(fd, error);
}

static int opened(int fd, const char *path)
{
    if (fd >= 0 && fd < FDS_MAX)
        on_disk[fd] = is_on_disk(path);
    return fd;
}

static bool may_open(const char *path, int flags)
{
    bool writes = (flags & O_ACCMODE) != O_RDONLY || flags & O_CREAT;
    if (!writes || !faults->open_errno || !is_on_disk(path))
        return true;
    /* A full disk opens what is there. */
    if (faults->open_errno == ENOSPC && (!(flags & O_CREAT) || access(path, F_OK) == 0))
        return true;
    faults->open_hits++;
    errno = (int)faults->open_errno;
    return false;
}

#define OPEN(name)                                                                                           \
    int name(const char *path, int flags, ...)                                                               \
    {                                                                                                        \
        va_list rest;                                                                                        \
        va_start(rest, flags);                                                                               \
        int mode = flags & O_CREAT ? va_arg(rest, int) : 0;                                                  \
        va_end(rest);                                                                                        \
        return may_open(path, flags) ? opened(CALL(name, path, flags, mode), path) : -1;                     \
    }
OPEN(open)
OPEN(open64)

int close(int fd)
{
    if (fd >= 0 && fd < FDS_MAX)
        on_disk[fd] = 0;
    return CALL(close, fd);
}

ssize_t write(int fd, const void *data, size_t count)
{
    return changes_fail(fd, faults->write_errno) ? -1 : CALL(write, fd, data, count);
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t at)
{
    return changes_fail(fd, faults->write_errno) ? -1 : CALL(pwrite, fd, data, count, at);
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t at)
{
    return changes_fail(fd, faults->write_errno) ? -1 : CALL(pwrite64, fd, data, count, at);
}

int ftruncate(int fd, off_t size)
{
    return changes_fail(fd, faults->write_errno) ? -1 : CALL(ftruncate, fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    return changes_fail(fd, faults->write_errno) ? -1 : CALL(ftruncate64, fd, size);
}

ssize_t pread64(int fd, void *data, size_t count, off64_t at)
{
    return fails(fd, faults->read_errno) ? -1 : CALL(pread64, fd, data, count, at);
}

int fsync(int fd)
{
    return changes_fail(fd, faults->sync_errno) ? -1 : CALL(fsync, fd);
}

int fdatasync(int fd)
{
    return changes_fail(fd, faults->sync_errno) ? -1 : CALL(fdatasync, fd);
}

int rename(const char *from, const char *to)
{
    if (is_on_disk(from))
        may_die();
    return CALL(rename, from, to);
}

int unlink(const char *path)
{
    if (is_on_disk(path))
        may_die();
    return CALL(unlink, path);
}

/* ---- the clock ---- */

static void shift(time_t *seconds, int64_t *nanoseconds)
{
    int64_t now_ns = *seconds * INT64_C(1000000000) + *nanoseconds + faults->wall_offset_ns;
    *seconds = now_ns / 1000000000;
    *nanoseconds = now_ns % 1000000000;
}

int clock_gettime(clockid_t id, struct timespec *now)
{
    int status = CALL(clock_gettime, id, now);
    if (status == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
        int64_t nanoseconds = now->tv_nsec;
        shift(&now->tv_sec, &nanoseconds);
        now->tv_nsec = (long)nanoseconds;
    }
    return status;
}

/* ---- names ---- */

/* Hosts below .test are this machine, as long as there are name servers. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
    size_t length = node ? strlen(node) : 0;
    if (length > 5 && strcmp(node + length - 5, ".test") == 0) {
        if (faults->names_error)
            return (int)faults->names_error;
        node = "127.0.0.1";
    }
    return CALL(getaddrinfo, node, service, hints, result);
}

/* ---- memory ---- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

/* Whether this allocation is to fail. They are counted from 1; those of libraries only where asked for. */
static bool runs_out(const void *caller)
{
    if (!faults->count_allocations)
        return false;
    uintptr_t at = (uintptr_t)caller;
    if (faults->count_allocations == FAULTS_OURS && (at < text_low || at >= text_high))
        return false;
    int64_t number = __atomic_add_fetch(&faults->allocations, 1, __ATOMIC_RELAXED);
    if (number < faults->fail_from || number >= faults->fail_from + faults->fail_count)
        return false;
    faults->failed_at = (int64_t)(at - text_low);
    faults->failed++;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return runs_out(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return runs_out(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return runs_out(__builtin_return_address(0)) ? NULL : __libc_realloc(memory, size);
}

char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = runs_out(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}
