/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log in several files: one chain, a limit, and no line lost that is needed or unmentioned. */
#include "audit_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../gateway/lifecycle/audit_files.h"

enum {
    LIMIT = AUDIT_FILES * 600, /* two lines a file */
    KILLED = 9
};

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

static void append(unsigned count)
{
    while (count-- > 0)
        assert_int_equal(audit_rig_append("received"), ATALAYA_OK);
}

static int set_up(void **state)
{
    (void)audit_rig_create(state);
    rig.fixture->config.spool.audit_limit_bytes = LIMIT;
    audit_rig_open();
    return 0;
}

static void the_chain_goes_on_in_the_next_file(void **state)
{
    (void)state;
    static char bytes[2][AUDIT_RIG_ROOM];
    unsigned oldest;
    append(9);
    assert_int_equal(audit_files_count(rig.path, &oldest), 4);
    audit_rig_assert_whole();
    assert_int_equal(rig.lines, 9);
    assert_int_equal(rig.removals, 0);
    audit_rig_close();
    audit_rig_assert_whole();
    size_t length[2] = {audit_rig_load(2, bytes[0]), audit_rig_load(3, bytes[1])};
    assert_int_equal(audit_files_remove(rig.path, 2), ATALAYA_OK); /* taken out */
    audit_rig_assert_fault("are missing before it");
    audit_rig_save(2, bytes[1], length[1]); /* changed places */
    audit_rig_save(3, bytes[0], length[0]);
    assert_true(audit_rig_faults() > 0);
    audit_rig_save(3, bytes[1], length[1]);
    bytes[0][50] = (char)(bytes[0][50] ^ 1); /* edited */
    audit_rig_save(2, bytes[0], length[0]);
    audit_rig_assert_fault("edited");
    bytes[0][50] = (char)(bytes[0][50] ^ 1);
    audit_rig_save(2, bytes[0], length[0]);
    audit_rig_assert_whole();
}

/* The mark that the spool keeps may be a batch old: the files tell. */
static void a_start_behind_a_closed_file_goes_on_in_its_chain(void **state)
{
    (void)state;
    unsigned oldest;
    struct audit_mark last;
    append(4);
    last = audit_last(rig.audit);
    audit_rig_close();
    assert_int_equal(audit_files_shift(rig.path), ATALAYA_OK);
    audit_rig_open();
    assert_int_equal(audit_last(rig.audit).line, last.line);
    append(1);
    assert_true(audit_files_count(rig.path, &oldest) >= 1);
    audit_rig_assert_whole();
    assert_int_equal(rig.lines, 5);
    audit_rig_close();
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
    audit_rig_assert_whole();
    assert_true(rig.first > 1 && rig.removals > 0);
    audit_rig_close();
    audit_rig_open();
    append(2);
    audit_rig_assert_whole();
    audit_rig_close();
    assert_int_equal(audit_files_count(rig.path, &oldest), AUDIT_FILES - 1);
    assert_int_equal(audit_files_remove(rig.path, oldest), ATALAYA_OK); /* by a stranger's hand */
    audit_rig_assert_fault("no line says that they were removed");
}

static void what_an_open_incident_needs_stays_as_long_as_it_can(void **state)
{
    (void)state;
    unsigned oldest;
    audit_keep_from(rig.audit, 2);
    append(22);
    assert_true(audit_files_count(rig.path, &oldest) > AUDIT_FILES);
    audit_rig_assert_whole();
    assert_int_equal(rig.first, 1);
    append(20); /* a limit is a limit: twice the space is all there is */
    assert_int_equal(audit_files_count(rig.path, &oldest), AUDIT_PLACES_MAX);
    audit_rig_assert_whole();
    assert_true(rig.first > 2 && rig.removals > 0);
    audit_keep_from(rig.audit, UINT64_MAX); /* closed */
    append(2 * AUDIT_FILES);
    assert_int_equal(audit_files_count(rig.path, &oldest), AUDIT_FILES - 1);
    audit_rig_assert_whole();
    audit_rig_close();
}

/* Returns the exit status of a process that appends lines and dies in place of a call that names files. */
static int append_and_die(unsigned lines, int call)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        audit_rig_open();
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
    audit_rig_close();
    while (append_and_die(3, kills) == KILLED) {
        kills++;
        audit_rig_assert_whole();
        audit_rig_open();
        unsigned oldest = 0, most = 3 * AUDIT_FILES;
        while (most-- > 0 &&
               (audit_files_count(rig.path, &oldest) < AUDIT_FILES - 1 || oldest >= AUDIT_FILES))
            append(1); /* until it is as full as before, without a gap */
        audit_rig_assert_whole();
        audit_rig_close();
    }
    assert_int_equal(kills, AUDIT_FILES); /* one removed, all others moved */
    audit_rig_assert_whole();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_chain_goes_on_in_the_next_file, set_up, audit_rig_destroy),
        cmocka_unit_test_setup_teardown(a_start_behind_a_closed_file_goes_on_in_its_chain, set_up,
                                        audit_rig_destroy),
        cmocka_unit_test_setup_teardown(the_oldest_goes_and_a_line_says_so, set_up, audit_rig_destroy),
        cmocka_unit_test_setup_teardown(what_an_open_incident_needs_stays_as_long_as_it_can, set_up,
                                        audit_rig_destroy),
        cmocka_unit_test_setup_teardown(killed_while_files_move_it_is_whole_and_goes_on, set_up,
                                        audit_rig_destroy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
