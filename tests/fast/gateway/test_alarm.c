/* SPDX-License-Identifier: Apache-2.0 */
/* The local output runs once at a time, knows which distress, and gets nothing of the gateway's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../gateway/lifecycle/alarm.h"

static char folder[64], program[96], output[96];
static struct alarm *alarm_under_test;
static struct distress distress;

static void write_program(const char *body)
{
    FILE *file = fopen(program, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", body);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(program, 0700), 0);
}

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/atalaya alarm XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(program, sizeof program, "%s/siren", folder);
    snprintf(output, sizeof output, "%s/out", folder);
    strcpy(distress.id, "test-1-7");
    strcpy(distress.unit, "patrol-1");
    distress.level = 3;
    assert_int_equal(alarm_create(&alarm_under_test), ATALAYA_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    alarm_destroy(alarm_under_test);
    (void)unlink(program);
    (void)unlink(output);
    return rmdir(folder);
}

/* What the program has written, once it ends with a line. Waits at most 5 s. */
static const char *said(void)
{
    static char text[4096];
    size_t length = 0;
    for (int i = 0; i < 500; i++) {
        FILE *file = fopen(output, "r");
        length = file ? fread(text, 1, sizeof text - 1, file) : 0;
        if (file)
            fclose(file);
        text[length] = '\0';
        if (strstr(text, "end\n"))
            break;
        (void)poll(NULL, 0, 10);
    }
    return text;
}

static void it_knows_the_distress_and_nothing_else(void **state)
{
    (void)state;
    char body[512];
    int low = open("/dev/null", O_RDONLY);
    int lock =
        fcntl(low, F_DUPFD,
              100); /* without close-on-exec, as a library might leave it; where no shell has its pipes */
    assert_true(lock >= 100);
    close(low);
    assert_int_equal(setenv("SECRET_OF_THE_GATEWAY", "x", 1), 0);
    snprintf(body, sizeof body, "{ env; ls /proc/$$/fd | sed 's/^/fd /'; echo end; } >'%s'", output);
    write_program(body);
    alarm_sound(alarm_under_test, program, &distress);
    const char *text = said();
    assert_non_null(strstr(text, "ATALAYA_DISTRESS=test-1-7\n"));
    assert_non_null(strstr(text, "ATALAYA_UNIT=patrol-1\n"));
    assert_non_null(strstr(text, "ATALAYA_LEVEL=3\n"));
    assert_null(strstr(text, "SECRET"));
    snprintf(body, sizeof body, "fd %d\n", lock);
    assert_null(strstr(text, body));
    close(lock);
}

static void one_at_a_time_and_again_after_its_end(void **state)
{
    (void)state;
    char body[256];
    snprintf(body, sizeof body, "echo run >>'%s'; sleep 0.3; echo end >>'%s'", output, output);
    write_program(body);
    alarm_sound(alarm_under_test, program, &distress);
    alarm_sound(alarm_under_test, program, &distress);
    assert_string_equal(said(), "run\nend\n");
    for (int i = 0; i < 100 && strcmp(said(), "run\nend\n") == 0; i++) {
        alarm_sound(alarm_under_test, program, &distress); /* when it has been collected */
        (void)poll(NULL, 0, 10);
    }
    assert_true(strncmp(said(), "run\nend\nrun\n", 12) == 0);
}

/* Two crews call at once: a program that calls somebody by their names calls for both. */
static void who_finds_it_busy_with_another_is_told_so(void **state)
{
    (void)state;
    char body[256];
    snprintf(body, sizeof body, "echo $ATALAYA_DISTRESS >>'%s'; sleep 0.3; echo end >>'%s'", output, output);
    write_program(body);
    assert_true(alarm_sound(alarm_under_test, program, &distress));
    assert_true(alarm_sound(alarm_under_test, program, &distress)); /* it is loud for that one */
    strcpy(distress.id, "test-1-8");
    assert_false(alarm_sound(alarm_under_test, program, &distress));
    for (int i = 0; i < 500 && !alarm_sound(alarm_under_test, program, &distress); i++)
        (void)poll(NULL, 0, 10);
    for (int i = 0; i < 500 && !strstr(said(), "test-1-8\n"); i++)
        (void)poll(NULL, 0, 10);
    assert_true(strncmp(said(), "test-1-7\nend\ntest-1-8\n", 22) == 0);
    assert_true(alarm_sound(alarm_under_test, "", &distress)); /* there is nothing to wait for */
}

static void what_hangs_or_is_not_there_harms_nobody(void **state)
{
    (void)state;
    alarm_sound(alarm_under_test, "", &distress);
    alarm_sound(alarm_under_test, "/nonexistent/siren", &distress);
    write_program("exit 7");
    alarm_sound(alarm_under_test, program, &distress);
    (void)poll(NULL, 0, 100);
    alarm_tick(alarm_under_test);
    /* The end of the gateway ends a siren that hangs, and what it has started: this returns at once. */
    write_program("trap '' TERM INT HUP; sleep 1000 & while :; do sleep 1000; done");
    alarm_sound(alarm_under_test, program, &distress);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_knows_the_distress_and_nothing_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_at_a_time_and_again_after_its_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_finds_it_busy_with_another_is_told_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_hangs_or_is_not_there_harms_nobody, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
