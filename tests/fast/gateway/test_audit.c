/* SPDX-License-Identifier: Apache-2.0 */
/* No line of the audit log can be changed, taken out, put in, moved or cut off without it showing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../gateway/lifecycle/audit.h"
#include "spool_fixture.h"

enum { LINES = 6, FILE_ROOM = 1 << 16 };

static struct {
    struct spool_fixture *fixture;
    struct audit *audit;
    char path[AUDIT_PATH_MAX];
    char good[FILE_ROOM];
    size_t length, start[LINES + 1]; /* of each line in good */
    uint64_t lines;                  /* seen by the last check */
    char fault[256];                 /* its first */
} rig;

static enum atalaya_result append(const char *event)
{
    struct audit_mark mark;
    const struct audit_entry entry = {.distress = "test-1-7",
                                      .unit = "patrol-1",
                                      .event = event,
                                      .by = "Ana \"Ñ\" Ruiz",
                                      .through = "hq",
                                      .utc_ns = INT64_C(1795473065123456789),
                                      .clock = {TIME_GPS, 1000000}};
    return audit_append(rig.audit, &entry, &mark);
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

static void read_good(void)
{
    FILE *file = fopen(rig.path, "r");
    assert_non_null(file);
    rig.length = fread(rig.good, 1, sizeof rig.good, file);
    fclose(file);
    unsigned line = 0;
    for (size_t i = 0; i < rig.length; i++)
        if (rig.good[i] == '\n' && line < LINES)
            rig.start[++line] = i + 1;
}

static int set_up(void **state)
{
    (void)state;
    memset(&rig, 0, sizeof rig);
    rig.fixture = fixture_create(1);
    audit_path(rig.fixture->config.spool.path, rig.path);
    open_log();
    for (unsigned i = 0; i < LINES; i++)
        assert_int_equal(append(i % 2 ? "received" : "raised"), ATALAYA_OK);
    close_log();
    read_good();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_destroy(rig.fixture);
    return 0;
}

static void on_line(void *context, uint64_t line, const char *text, size_t length, const char *fault)
{
    (void)context, (void)text, (void)length;
    rig.lines += line > 0;
    if (fault && !rig.fault[0])
        snprintf(rig.fault, sizeof rig.fault, "%s", fault);
}

static uint64_t faults(void)
{
    rig.lines = 0;
    rig.fault[0] = '\0';
    return audit_check(rig.fixture->config.spool.path, on_line, NULL);
}

static void write_log(const char *text, size_t length)
{
    FILE *file = fopen(rig.path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static void assert_fault(const char *words)
{
    if (faults() == 0 || !strstr(rig.fault, words))
        fail_msg("'%s', not '%s'", rig.fault, words);
}

static void what_was_written_is_whole(void **state)
{
    (void)state;
    assert_int_equal(faults(), 0);
    assert_int_equal(rig.lines, LINES);
    struct stat facts;
    assert_int_equal(stat(rig.path, &facts), 0);
    assert_int_equal(facts.st_mode & 0137, 0);
    open_log(); /* and goes on after a restart */
    assert_int_equal(append("cleared"), ATALAYA_OK);
    assert_int_equal(faults(), 0); /* beside a running gateway */
    assert_int_equal(rig.lines, LINES + 1);
    close_log();
    assert_int_equal(faults(), 0);
}

static void every_byte_counts(void **state)
{
    (void)state;
    static char text[FILE_ROOM];
    for (size_t i = 0; i < rig.length - 1; i += 2) { /* the last line end may be missing: see below */
        memcpy(text, rig.good, rig.length);
        text[i] = (char)(text[i] ^ 1);
        write_log(text, rig.length);
        if (faults() == 0)
            fail_msg("byte %zu of %zu: changed unseen", i, rig.length);
    }
}

static void lines_cannot_be_taken_out_doubled_or_moved(void **state)
{
    (void)state;
    static char text[FILE_ROOM];
    for (unsigned line = 0; line < LINES; line++) {
        size_t from = rig.start[line], to = rig.start[line + 1], size = to - from;
        memcpy(text, rig.good, from); /* taken out */
        memcpy(text + from, rig.good + to, rig.length - to);
        write_log(text, rig.length - size);
        assert_fault(line == LINES - 1 ? "cut off" : "missing");
        memcpy(text, rig.good, to); /* doubled */
        memcpy(text + to, rig.good + from, rig.length - from);
        write_log(text, rig.length + size);
        assert_fault("it says it is line");
        if (line == LINES - 1)
            continue;
        size_t next = rig.start[line + 2] - to; /* changed places with the next */
        memcpy(text, rig.good, rig.length);
        memcpy(text + from, rig.good + to, next);
        memcpy(text + from + next, rig.good + from, size);
        write_log(text, rig.length);
        assert_true(faults() > 0);
    }
}

static void the_end_cannot_be_cut_off(void **state)
{
    (void)state;
    for (unsigned line = 0; line < LINES; line++) {
        write_log(rig.good, rig.start[line]);
        assert_fault("cut off");
    }
    write_log(rig.good, rig.length - 40); /* in the middle of the last line */
    assert_fault("cut off");
    assert_int_equal(unlink(rig.path), 0);
    assert_fault("No such file");
}

/* Somebody who knows how hashes are made writes the end anew: the spool's mark tells. */
static void a_chain_made_anew_is_not_the_old_one(void **state)
{
    (void)state;
    static char text[FILE_ROOM];
    char hash[AUDIT_HASH_MAX];
    struct audit_mark mark;
    size_t from = rig.start[LINES - 1], size = rig.length - 1 - from, hashed;
    memcpy(text, rig.good, rig.length);
    memcpy(strstr(text + from, "received"), "rejected", 8);
    assert_true(audit_read_mark(text + from, size, &mark, &hashed));
    audit_hash(text + from, hashed, hash);
    memcpy(text + from + hashed + strlen(",\"hash\":\""), hash, strlen(hash));
    write_log(text, rig.length);
    assert_fault("written anew");
}

static void a_power_cut_leaves_no_fault(void **state)
{
    (void)state;
    static char text[FILE_ROOM];
    memcpy(text, rig.good, rig.length);
    memcpy(text + rig.length, rig.good, 100); /* half a line more */
    write_log(text, rig.length + 100);
    assert_int_equal(faults(), 0);
    open_log();
    assert_int_equal(append("cleared"), ATALAYA_OK);
    close_log();
    assert_int_equal(faults(), 0);
    assert_int_equal(rig.lines, LINES + 1);
}

static void nonsense_is_a_fault_and_no_crash(void **state)
{
    (void)state;
    static char text[FILE_ROOM];
    memset(text, 'x', sizeof text);
    text[20000] = '\n';
    memset(text + 20001, 0, 100);
    text[20101] = '\n';
    write_log(text, 30000);
    assert_fault("no line of an audit log");
    open_log(); /* the next line follows from what the spool remembers */
    assert_int_equal(append("cleared"), ATALAYA_OK);
    close_log();
    assert_true(faults() > 0);
}

/* A full disk: the distress goes on, and the next line says how many are missing. */
static void what_could_not_be_written_is_told(void **state)
{
    (void)state;
    struct rlimit before, tight;
    open_log();
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = (struct rlimit){rig.length + 50, before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    assert_int_equal(append("received"), ATALAYA_E_IO);
    assert_int_equal(append("acknowledged"), ATALAYA_E_IO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(append("cleared"), ATALAYA_OK);
    close_log();
    assert_int_equal(faults(), 0);
    read_good();
    assert_int_equal(rig.lines, LINES + 1);
    assert_non_null(strstr(rig.good + rig.start[LINES], "\"missed\":2"));
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
    open_log();
    assert_int_equal(append("received"), ATALAYA_E_IO);
    assert_int_equal(rmdir(rig.path), 0);
    assert_int_equal(rename(aside, rig.path), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = (struct rlimit){rig.length + 50, before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    assert_int_equal(append("acknowledged"), ATALAYA_E_IO); /* half of it is cut off again, and no more */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(append("cleared"), ATALAYA_OK);
    close_log();
    assert_int_equal(faults(), 0);
    assert_int_equal(rig.lines, LINES + 1);
    read_good();
    assert_non_null(strstr(rig.good + rig.start[LINES], "\"missed\":2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_written_is_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_byte_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lines_cannot_be_taken_out_doubled_or_moved, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_end_cannot_be_cut_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_chain_made_anew_is_not_the_old_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_power_cut_leaves_no_fault, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nonsense_is_a_fault_and_no_crash, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_could_not_be_written_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_log_out_of_reach_is_found_again_whole, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
