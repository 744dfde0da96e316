/* SPDX-License-Identifier: Apache-2.0 */
/* What the program says is one clean line at a time, with the prefix its reader wants, and never a flood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "atalaya/gateway/log.h"

enum { OUTPUT_MAX = 65536, THREADS = 4, LINES = 200 };

/* Runs `body` in a child (the log looks at its surroundings once) with stderr in a file; returns what it
 * said. */
static char *said_by(void (*body)(void), const char *journal_stream)
{
    static char output[OUTPUT_MAX];
    FILE *file = tmpfile();
    assert_non_null(file);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct stat status;
        char stream[64];
        if (dup2(fileno(file), STDERR_FILENO) < 0 || fstat(STDERR_FILENO, &status) != 0)
            _exit(2);
        (void)snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)status.st_dev,
                       (unsigned long long)status.st_ino);
        unsetenv("JOURNAL_STREAM");
        if (journal_stream)
            setenv("JOURNAL_STREAM", *journal_stream ? journal_stream : stream, 1);
        body();
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    rewind(file);
    size_t length = fread(output, 1, sizeof output - 1, file);
    output[length] = '\0';
    (void)fclose(file);
    return output;
}

static unsigned count(const char *text, const char *word)
{
    unsigned n = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word))
        n++;
    return n;
}

static void say_one(void)
{
    log_warning("port %s is gone", "ttyUSB9");
}

static void test_a_person_gets_time_and_level(void **state)
{
    (void)state;
    int hour, minute, second;
    char rest[64];
    const char *said = said_by(say_one, NULL);
    assert_int_equal(sscanf(said, "%2d:%2d:%2d %63[^\n]", &hour, &minute, &second, rest), 4);
    assert_string_equal(rest, "warning port ttyUSB9 is gone");
}

static void test_the_journal_gets_a_priority(void **state)
{
    (void)state;
    assert_string_equal(said_by(say_one, ""), "<4>port ttyUSB9 is gone\n");
}

static void test_a_journal_elsewhere_changes_nothing(void **state)
{
    (void)state;
    assert_null(strstr(said_by(say_one, "1:1"), "<4>"));
    assert_null(strstr(said_by(say_one, "rubbish"), "<4>"));
}

static void say_levels(void)
{
    log_debug("unseen");
    log_info("seen");
    log_set_level(LOG_LEVEL_ERROR);
    log_warning("unseen");
    log_error("seen");
    log_set_level(LOG_LEVEL_DEBUG);
    log_debug("seen");
}

static void test_level_is_a_limit(void **state)
{
    (void)state;
    const char *said = said_by(say_levels, NULL);
    assert_int_equal(count(said, " seen\n"), 3);
    assert_int_equal(count(said, "unseen"), 0);
}

static void say_hostile(void)
{
    log_info("from the air: %s", "a\nb\r<0>c\x1b[2Jd\x7f"
                                 "e\tf");
}

static void test_foreign_text_cannot_make_lines_or_command_terminals(void **state)
{
    (void)state;
    const char *said = said_by(say_hostile, "");
    assert_string_equal(said, "<6>from the air: a b <0>c [2Jd e f\n");
}

static void say_long(void)
{
    static char text[5000];
    memset(text, 'x', sizeof text - 1);
    log_info("%s", text);
}

static void test_a_long_line_is_cut_and_ends(void **state)
{
    (void)state;
    const char *said = said_by(say_long, NULL);
    assert_true(strlen(said) > 900 && strlen(said) < 1100);
    assert_int_equal(said[strlen(said) - 1], '\n');
}

static void say_again_and_again(void)
{
    for (int i = 0; i < 100; i++)
        log_notice("again %d", i);
    log_notice("something else");
    log_flush();
    log_flush();
}

static void test_repetition_is_held_back_and_counted(void **state)
{
    (void)state;
    const char *said = said_by(say_again_and_again, NULL);
    assert_int_equal(count(said, "notice again"), 11);
    assert_int_equal(count(said, "again 9\n"), 1);
    assert_int_equal(count(said, "again 99 (repeated 90 times)\n"), 1);
    assert_int_equal(count(said, "something else"), 1);
}

static void say_in_loop(const char *prefix)
{
    static const char *const formats[] = {
#define F4(a)  a "0 %s", a "1 %s", a "2 %s", a "3 %s"
#define F16(a) F4(a "0"), F4(a "1"), F4(a "2"), F4(a "3")
#define F64(a) F16(a "a"), F16(a "b"), F16(a "c"), F16(a "d")
        F64("f"), F64("g")};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        log_info(formats[i], prefix);
#pragma GCC diagnostic pop
}

static void say_more_places_than_the_table_has(void)
{
    for (int i = 0; i < 3; i++)
        say_in_loop("once");
}

static void test_more_places_than_the_table_has_lose_nothing(void **state)
{
    (void)state;
    assert_int_equal(count(said_by(say_more_places_than_the_table_has, NULL), "once\n"), 3 * 128);
}

static void say_everything_again_and_again(void)
{
    for (int i = 0; i < 100; i++)
        say_in_loop("flood");
    log_flush();
}

/* Whatever comes in: 500 lines a minute, and a count of the rest. Each of 128 places says 10 in full. */
static void test_all_together_are_bounded_and_counted(void **state)
{
    (void)state;
    const char *said = said_by(say_everything_again_and_again, NULL);
    assert_int_equal(count(said, "flood\n"), 500);
    assert_int_equal(count(said, "flood (repeated 90 times)\n"), 128);
    assert_int_equal(count(said, "flood (the last of 780 lines that were too many)\n"), 1);
}

static void *say_from_thread(void *word)
{
    for (int i = 0; i < LINES; i++)
        log_info("thread %s", (const char *)word);
    return NULL;
}

static void say_from_threads(void)
{
    static char words[THREADS][2] = {"a", "b", "c", "d"};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, say_from_thread, words[i]) != 0)
            _exit(3);
    for (int i = 0; i < THREADS; i++)
        if (pthread_join(threads[i], NULL) != 0)
            _exit(4);
    log_flush();
}

static void test_threads_share_one_count(void **state)
{
    (void)state;
    const char *said = said_by(say_from_threads, NULL);
    assert_int_equal(count(said, "info thread"), 11);
    assert_int_equal(count(said, "(repeated 790 times)\n"), 1);
}

static void check_errno(void)
{
    errno = ENOSPC;
    log_info("x");
    if (errno != ENOSPC)
        _exit(5);
}

static void test_errno_survives(void **state)
{
    (void)state;
    (void)said_by(check_errno, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_person_gets_time_and_level),
        cmocka_unit_test(test_the_journal_gets_a_priority),
        cmocka_unit_test(test_a_journal_elsewhere_changes_nothing),
        cmocka_unit_test(test_level_is_a_limit),
        cmocka_unit_test(test_foreign_text_cannot_make_lines_or_command_terminals),
        cmocka_unit_test(test_a_long_line_is_cut_and_ends),
        cmocka_unit_test(test_repetition_is_held_back_and_counted),
        cmocka_unit_test(test_more_places_than_the_table_has_lose_nothing),
        cmocka_unit_test(test_all_together_are_bounded_and_counted),
        cmocka_unit_test(test_threads_share_one_count),
        cmocka_unit_test(test_errno_survives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
