/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <fcntl.h>

#include "../../gateway/lifecycle/audit_files.h"

struct audit_rig rig;
static unsigned syncs;

/* These stand before the C library's. */
int fdatasync(int fd)
{
    (void)fd;
    syncs++;
    return 0;
}

int fsync(int fd)
{
    return fdatasync(fd);
}

int audit_rig_create(void **state)
{
    (void)state;
    memset(&rig, 0, sizeof rig);
    rig.fixture = fixture_create(1);
    audit_path(rig.fixture->config.spool.path, rig.path);
    return 0;
}

int audit_rig_destroy(void **state)
{
    (void)state;
    fixture_destroy(rig.fixture);
    return 0;
}

void audit_rig_open(void)
{
    fixture_open(rig.fixture);
    assert_int_equal(audit_open(rig.fixture->spool, &rig.fixture->config.spool, &rig.audit), ATALAYA_OK);
}

void audit_rig_close(void)
{
    audit_close(rig.audit);
    fixture_close(rig.fixture);
}

enum atalaya_result audit_rig_append(const char *event)
{
    struct audit_mark mark;
    const struct audit_entry entry = {.distress = "test-1-7",
                                      .unit = "patrol-1",
                                      .event = event,
                                      .by = "Ana \"Ñ\" Ruiz",
                                      .through = "hq",
                                      .utc_ns = INT64_C(1795473065123456789),
                                      .clock = {TIME_GPS, 1000000}};
    const unsigned before = syncs;
    enum atalaya_result result = audit_append(rig.audit, &entry, &mark);
    assert_true(result != ATALAYA_OK || syncs > before);
    return result;
}

static void on_line(void *context, uint64_t line, const char *text, size_t length, const char *fault)
{
    (void)context, (void)length;
    rig.first = line > 0 && (rig.first == 0 || line < rig.first) ? line : rig.first;
    rig.lines += line > 0;
    rig.removals += strstr(text, "\"removed_n\":") != NULL;
    if (fault && !rig.fault[0])
        snprintf(rig.fault, sizeof rig.fault, "%s", fault);
}

uint64_t audit_rig_faults(void)
{
    rig.lines = rig.first = rig.removals = 0;
    rig.fault[0] = '\0';
    return audit_check(rig.fixture->config.spool.path, on_line, NULL);
}

void audit_rig_assert_whole(void)
{
    if (audit_rig_faults() > 0)
        fail_msg("not whole: %s", rig.fault);
}

void audit_rig_assert_fault(const char *words)
{
    if (audit_rig_faults() == 0 || !strstr(rig.fault, words))
        fail_msg("'%s', not '%s'", rig.fault, words);
}

static int open_place(unsigned place)
{
    char name[AUDIT_PATH_MAX];
    audit_files_path(rig.path, place, name);
    int fd = open(name, O_RDWR | O_CREAT, 0640);
    assert_true(fd >= 0);
    return fd;
}

size_t audit_rig_load(unsigned place, char bytes[static AUDIT_RIG_ROOM])
{
    int fd = open_place(place);
    ssize_t length = read(fd, bytes, AUDIT_RIG_ROOM);
    assert_true(length > 0);
    assert_int_equal(close(fd), 0);
    return (size_t)length;
}

/* Written over: who empties a file first waits for the disk when he closes it. */
void audit_rig_save(unsigned place, const char *bytes, size_t length)
{
    int fd = open_place(place);
    assert_int_equal(write(fd, bytes, length), length);
    assert_int_equal(ftruncate(fd, (off_t)length), 0);
    assert_int_equal(close(fd), 0);
}
