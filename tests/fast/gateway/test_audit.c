/* SPDX-License-Identifier: Apache-2.0 */
/* No line of the audit log can be changed, taken out, put in, moved or cut off without it showing. */
#include "audit_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINES = 6 };

static struct {
    char text[AUDIT_RIG_ROOM];
    size_t length, start[LINES + 1]; /* of each line */
} good;

static void read_good(void)
{
    good.length = audit_rig_load(0, good.text);
    unsigned line = 0;
    for (size_t i = 0; i < good.length; i++)
        if (good.text[i] == '\n' && line < LINES)
            good.start[++line] = i + 1;
}

static int set_up(void **state)
{
    (void)audit_rig_create(state);
    audit_rig_open();
    for (unsigned i = 0; i < LINES; i++)
        assert_int_equal(audit_rig_append(i % 2 ? "received" : "raised"), ATALAYA_OK);
    audit_rig_close();
    read_good();
    return 0;
}

static void write_log(const char *text, size_t length)
{
    audit_rig_save(0, text, length);
}

static void what_was_written_is_whole(void **state)
{
    (void)state;
    assert_int_equal(audit_rig_faults(), 0);
    assert_int_equal(rig.lines, LINES);
    struct stat facts;
    assert_int_equal(stat(rig.path, &facts), 0);
    assert_int_equal(facts.st_mode & 0137, 0);
    audit_rig_open(); /* and goes on after a restart */
    assert_int_equal(audit_rig_append("cleared"), ATALAYA_OK);
    assert_int_equal(audit_rig_faults(), 0); /* beside a running gateway */
    assert_int_equal(rig.lines, LINES + 1);
    audit_rig_close();
    assert_int_equal(audit_rig_faults(), 0);
}

static void every_byte_counts(void **state)
{
    (void)state;
    static char text[AUDIT_RIG_ROOM];
    for (size_t i = 0; i < good.length - 1; i += 2) { /* the last line end may be missing: see below */
        memcpy(text, good.text, good.length);
        text[i] = (char)(text[i] ^ 1);
        write_log(text, good.length);
        if (audit_rig_faults() == 0)
            fail_msg("byte %zu of %zu: changed unseen", i, good.length);
    }
}

static void lines_cannot_be_taken_out_doubled_or_moved(void **state)
{
    (void)state;
    static char text[AUDIT_RIG_ROOM];
    for (unsigned line = 0; line < LINES; line++) {
        size_t from = good.start[line], to = good.start[line + 1], size = to - from;
        memcpy(text, good.text, from); /* taken out */
        memcpy(text + from, good.text + to, good.length - to);
        write_log(text, good.length - size);
        audit_rig_assert_fault(line == LINES - 1 ? "cut off" : "missing");
        memcpy(text, good.text, to); /* doubled */
        memcpy(text + to, good.text + from, good.length - from);
        write_log(text, good.length + size);
        audit_rig_assert_fault("it says it is line");
        if (line == LINES - 1)
            continue;
        size_t next = good.start[line + 2] - to; /* changed places with the next */
        memcpy(text, good.text, good.length);
        memcpy(text + from, good.text + to, next);
        memcpy(text + from + next, good.text + from, size);
        write_log(text, good.length);
        assert_true(audit_rig_faults() > 0);
    }
}

static void the_end_cannot_be_cut_off(void **state)
{
    (void)state;
    for (unsigned line = 0; line < LINES; line++) {
        write_log(good.text, good.start[line]);
        audit_rig_assert_fault("cut off");
    }
    write_log(good.text, good.length - 40); /* in the middle of the last line */
    audit_rig_assert_fault("cut off");
    assert_int_equal(unlink(rig.path), 0);
    audit_rig_assert_fault("No such file");
}

/* Somebody who knows how hashes are made writes the end anew: the spool's mark tells. */
static void a_chain_made_anew_is_not_the_old_one(void **state)
{
    (void)state;
    static char text[AUDIT_RIG_ROOM];
    char hash[AUDIT_HASH_MAX];
    struct audit_mark mark;
    size_t from = good.start[LINES - 1], size = good.length - 1 - from, hashed;
    memcpy(text, good.text, good.length);
    memcpy(strstr(text + from, "received"), "rejected", 8);
    assert_true(audit_read_mark(text + from, size, &mark, &hashed));
    audit_hash(text + from, hashed, hash);
    memcpy(text + from + hashed + strlen(",\"hash\":\""), hash, strlen(hash));
    write_log(text, good.length);
    audit_rig_assert_fault("written anew");
}

static void a_power_cut_leaves_no_fault(void **state)
{
    (void)state;
    static char text[AUDIT_RIG_ROOM];
    memcpy(text, good.text, good.length);
    memcpy(text + good.length, good.text, 100); /* half a line more */
    write_log(text, good.length + 100);
    assert_int_equal(audit_rig_faults(), 0);
    audit_rig_open();
    assert_int_equal(audit_rig_append("cleared"), ATALAYA_OK);
    audit_rig_close();
    assert_int_equal(audit_rig_faults(), 0);
    assert_int_equal(rig.lines, LINES + 1);
}

static void nonsense_is_a_fault_and_no_crash(void **state)
{
    (void)state;
    static char text[AUDIT_RIG_ROOM];
    memset(text, 'x', sizeof text);
    text[20000] = '\n';
    memset(text + 20001, 0, 100);
    text[20101] = '\n';
    write_log(text, 30000);
    audit_rig_assert_fault("no line of an audit log");
    audit_rig_open(); /* the next line follows from what the spool remembers */
    assert_int_equal(audit_rig_append("cleared"), ATALAYA_OK);
    audit_rig_close();
    assert_true(audit_rig_faults() > 0);
}

/* A full disk: the distress goes on, and the next line says how many are missing. */
static void what_could_not_be_written_is_told(void **state)
{
    (void)state;
    struct rlimit before, tight;
    audit_rig_open();
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = (struct rlimit){good.length + 50, before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    assert_int_equal(audit_rig_append("received"), ATALAYA_E_IO);
    assert_int_equal(audit_rig_append("acknowledged"), ATALAYA_E_IO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(audit_rig_append("cleared"), ATALAYA_OK);
    audit_rig_close();
    assert_int_equal(audit_rig_faults(), 0);
    read_good();
    assert_int_equal(rig.lines, LINES + 1);
    assert_non_null(strstr(good.text + good.start[LINES], "\"missed\":2"));
}

/* A file that could not be opened at the start is not taken for an empty one. */
static void a_log_out_of_reach_is_found_again_whole(void **state)
{
    (void)state;
    struct rlimit before, tight;
    char aside[AUDIT_PATH_MAX + 8];
    snprintf(aside, sizeof aside, "%s.aside", rig.path);
    assert_int_equal(rename(rig.path, aside), 0);
    assert_int_equal(mkdir(rig.path, 0700), 0);
    audit_rig_open();
    assert_int_equal(audit_rig_append("received"), ATALAYA_E_IO);
    assert_int_equal(rmdir(rig.path), 0);
    assert_int_equal(rename(aside, rig.path), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = (struct rlimit){good.length + 50, before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    assert_int_equal(audit_rig_append("acknowledged"),
                     ATALAYA_E_IO); /* half of it is cut off again, and no more */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(audit_rig_append("cleared"), ATALAYA_OK);
    audit_rig_close();
    assert_int_equal(audit_rig_faults(), 0);
    assert_int_equal(rig.lines, LINES + 1);
    read_good();
    assert_non_null(strstr(good.text + good.start[LINES], "\"missed\":2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_written_is_whole, set_up, audit_rig_destroy),
        cmocka_unit_test_setup_teardown(every_byte_counts, set_up, audit_rig_destroy),
        cmocka_unit_test_setup_teardown(lines_cannot_be_taken_out_doubled_or_moved, set_up,
                                        audit_rig_destroy),
        cmocka_unit_test_setup_teardown(the_end_cannot_be_cut_off, set_up, audit_rig_destroy),
        cmocka_unit_test_setup_teardown(a_chain_made_anew_is_not_the_old_one, set_up, audit_rig_destroy),
        cmocka_unit_test_setup_teardown(a_power_cut_leaves_no_fault, set_up, audit_rig_destroy),
        cmocka_unit_test_setup_teardown(nonsense_is_a_fault_and_no_crash, set_up, audit_rig_destroy),
        cmocka_unit_test_setup_teardown(what_could_not_be_written_is_told, set_up, audit_rig_destroy),
        cmocka_unit_test_setup_teardown(a_log_out_of_reach_is_found_again_whole, set_up, audit_rig_destroy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
