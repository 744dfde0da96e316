/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log in several files: one chain, a limit, and no line lost that is needed or unmentioned. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../gateway/lifecycle/audit_files.h"
#include "spool_fixture.h"

enum {
    LIMIT = AUDIT_FILES * 600, /* two lines a file */
    KILLED = 9,
    FILE_ROOM = 1 << 14
};

static struct {
    struct spool_fixture *fixture;
    struct audit *audit;
    char path[AUDIT_PATH_MAX];
    uint64_t lines, first; /* seen by the last check */
    unsigned removals;     /* told by lines of it */
    char fault[256];       /* its first */
} rig;

/* These stand before the C library's: the process dies in place of the call that is counted down to. */
static int calls_left = -1;

static void may_die(void)
{
    if (calls_left >= 0 && calls_left-- == 0)
        _exit(KILLED);
}

int rename(const char *from, const char *to)
{
    may_die();
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int unlink(const char *path)
{
    may_die();
    return unlinkat(AT_FDCWD, path, 0);
}

static void open_log(void)
{
    fixture_open(rig.fixture);
    assert_int_equal(audit_open(rig.fixture->spool, &rig.fixture->config.spool, &rig.audit), ATALAYA_OK);
}

static void close_log(void)
{
    audit_close(rig.audit);
    fixture_close(rig.fixture);
}

static void append(unsigned count)
{
    struct audit_mark mark;
    const struct audit_entry entry = {.distress = "test-1-7",
                                      .unit = "patrol-1",
                                      .event = "received",
                                      .by = "Ana Ruiz",
                                      .through = "hq",
                                      .utc_ns = INT64_C(1795473065123456789),
                                      .clock = {TIME_GPS, 1000000}};
    while (count-- > 0)
        assert_int_equal(audit_append(rig.audit, &entry, &mark), ATALAYA_OK);
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

static uint64_t faults(void)
{
    rig.lines = rig.first = rig.removals = 0;
    rig.fault[0] = '\0';
    return audit_check(rig.fixture->config.spool.path, on_line, NULL);
}

static void assert_whole(void)
{
    if (faults() > 0)
        fail_msg("not whole: %s", rig.fault);
}

static void assert_fault(const char *words)
{
    if (faults() == 0 || !strstr(rig.fault, words))
        fail_msg("'%s', not '%s'", rig.fault, words);
}

/* A file by its place, as bytes. */
static size_t load(unsigned place, char bytes[FILE_ROOM])
{
    char name[AUDIT_PATH_MAX];
    audit_files_path(rig.path, place, name);
    FILE *file = fopen(name, "r");
    assert_non_null(file);
    size_t length = fread(bytes, 1, FILE_ROOM, file);
    fclose(file);
    return length;
}

static void save(unsigned place, const char *bytes, size_t length)
{
    char name[AUDIT_PATH_MAX];
    audit_files_path(rig.path, place, name);
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    (void)state;
    memset(&rig, 0, sizeof rig);
    rig.fixture = fixture_create(1);
    rig.fixture->config.spool.audit_limit_bytes = LIMIT;
    audit_path(rig.fixture->config.spool.path, rig.path);
    open_log();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_destroy(rig.fixture);
    return 0;
}

static void the_chain_goes_on_in_the_next_file(void **state)
{
    (void)state;
    static char bytes[2][FILE_ROOM];
    unsigned oldest;
    append(9);
    assert_int_equal(audit_files_count(rig.path, &oldest), 4);
    assert_whole();
    assert_int_equal(rig.lines, 9);
    assert_int_equal(rig.removals, 0);
    close_log();
    assert_whole();
    size_t length[2] = {load(2, bytes[0]), load(3, bytes[1])};
    assert_int_equal(audit_files_remove(rig.path, 2), ATALAYA_OK); /* taken out */
    assert_fault("are missing before it");
    save(2, bytes[1], length[1]); /* changed places */
    save(3, bytes[0], length[0]);
    assert_true(faults() > 0);
    save(3, bytes[1], length[1]);
    bytes[0][50] = (char)(bytes[0][50] ^ 1); /* edited */
    save(2, bytes[0], length[0]);
    assert_fault("edited");
    bytes[0][50] = (char)(bytes[0][50] ^ 1);
    save(2, bytes[0], length[0]);
    assert_whole();
}

/* The mark that the spool keeps may be a batch old: the files tell. */
static void a_start_behind_a_closed_file_goes_on_in_its_chain(void **state)
{
    (void)state;
    unsigned oldest;
    struct audit_mark last;
    append(4);
    last = audit_last(rig.audit);
    close_log();
    assert_int_equal(audit_files_shift(rig.path), ATALAYA_OK);
    open_log();
    assert_int_equal(audit_last(rig.audit).line, last.line);
    append(1);
    assert_true(audit_files_count(rig.path, &oldest) >= 1);
    assert_whole();
    assert_int_equal(rig.lines, 5);
    close_log();
}

static void the_oldest_goes_and_a_line_says_so(void **state)
{
    (void)state;
    unsigned oldest;
    off_t bytes = 0;
    append(24);
    assert_int_equal(audit_files_count(rig.path, &oldest), AUDIT_FILES - 1);
    for (unsigned place = 0; place < AUDIT_FILES; place++) {
        char name[AUDIT_PATH_MAX];
        struct stat facts;
        audit_files_path(rig.path, place, name);
        assert_int_equal(stat(name, &facts), 0);
        bytes += facts.st_size;
    }
    assert_true(bytes < LIMIT + AUDIT_FILES * 600); /* each goes over by a line or two */
    assert_whole();
    assert_true(rig.first > 1 && rig.removals > 0);
    close_log();
    open_log();
    append(2);
    assert_whole();
    close_log();
    assert_int_equal(audit_files_count(rig.path, &oldest), AUDIT_FILES - 1);
    assert_int_equal(audit_files_remove(rig.path, oldest), ATALAYA_OK); /* by a stranger's hand */
    assert_fault("no line says that they were removed");
}

static void what_an_open_incident_needs_stays_as_long_as_it_can(void **state)
{
    (void)state;
    unsigned oldest;
    audit_keep_from(rig.audit, 2);
    append(22);
    assert_true(audit_files_count(rig.path, &oldest) > AUDIT_FILES);
    assert_whole();
    assert_int_equal(rig.first, 1);
    append(20); /* a limit is a limit: twice the space is all there is */
    assert_int_equal(audit_files_count(rig.path, &oldest), AUDIT_PLACES_MAX);
    assert_whole();
    assert_true(rig.first > 2 && rig.removals > 0);
    audit_keep_from(rig.audit, UINT64_MAX); /* closed */
    append(2 * AUDIT_FILES);
    assert_int_equal(audit_files_count(rig.path, &oldest), AUDIT_FILES - 1);
    assert_whole();
    close_log();
}

/* Returns the exit status of a process that appends lines and dies in place of a call that names files. */
static int append_and_die(unsigned lines, int call)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        open_log();
        calls_left = call;
        append(lines);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void killed_while_files_move_it_is_whole_and_goes_on(void **state)
{
    (void)state;
    int kills = 0;
    append(16); /* there is an oldest one to remove */
    close_log();
    while (append_and_die(3, kills) == KILLED) {
        kills++;
        assert_whole();
        open_log();
        unsigned oldest = 0, most = 3 * AUDIT_FILES;
        while (most-- > 0 &&
               (audit_files_count(rig.path, &oldest) < AUDIT_FILES - 1 || oldest >= AUDIT_FILES))
            append(1); /* until it is as full as before, without a gap */
        assert_whole();
        close_log();
    }
    assert_int_equal(kills, AUDIT_FILES); /* one removed, all others moved */
    assert_whole();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_chain_goes_on_in_the_next_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_start_behind_a_closed_file_goes_on_in_its_chain, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_oldest_goes_and_a_line_says_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_an_open_incident_needs_stays_as_long_as_it_can, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(killed_while_files_move_it_is_whole_and_goes_on, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
