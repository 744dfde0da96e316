/* SPDX-License-Identifier: Apache-2.0 */
/* Whether anything starts a machine again that hangs as a whole: each answer that /sys and /proc can give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../gateway/machine.h"

static char root[] = "/tmp/atalaya-machine-XXXXXX";
static const char *const folders[] = {
    "/sys",  "/sys/class", "/sys/class/watchdog", "/sys/class/watchdog/watchdog0",
    "/proc", "/proc/sys",  "/proc/sys/kernel"};
enum { PATH_SIZE = 96, FOLDERS = sizeof folders / sizeof *folders };
static const char state_file[] = "/sys/class/watchdog/watchdog0/state";
static const char timeout_file[] = "/sys/class/watchdog/watchdog0/timeout";
static const char panic_file[] = "/proc/sys/kernel/panic";

static void place(char path[PATH_SIZE], const char *name)
{
    snprintf(path, PATH_SIZE, "%s%s", root, name);
}

static void write_word(const char *name, const char *word)
{
    char path[PATH_SIZE];
    place(path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(word, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void remove_file(const char *name)
{
    char path[PATH_SIZE];
    place(path, name);
    (void)remove(path);
}

static void test_a_watchdog_must_be_armed(void **unused)
{
    (void)unused;
    char text[MACHINE_TEXT_MAX];
    assert_false(machine_is_watched(root, text));
    assert_non_null(strstr(text, "no hardware watchdog"));
    write_word(state_file, "inactive\n");
    assert_false(machine_is_watched(root, text));
    assert_non_null(strstr(text, "RuntimeWatchdogSec=15"));
    write_word(state_file, "active\n");
    write_word(timeout_file, "15\n");
    assert_true(machine_is_watched(root, text));
    assert_non_null(strstr(text, "hangs for 15 s"));
}

static void test_a_panic_must_end(void **unused)
{
    (void)unused;
    static const struct {
        const char *word;
        bool leaves;
    } rows[] = {{"0\n", false}, {"10\n", true}, {"-1\n", true}, {"", false}, {"nonsense\n", false}};
    char text[MACHINE_TEXT_MAX];
    assert_false(machine_leaves_panic(root, text));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        write_word(panic_file, rows[i].word);
        assert_int_equal(machine_leaves_panic(root, text), rows[i].leaves);
        assert_int_equal(strstr(text, "kernel.panic = 10") == NULL, rows[i].leaves);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_watchdog_must_be_armed),
        cmocka_unit_test(test_a_panic_must_end),
    };
    char path[PATH_SIZE];
    if (!mkdtemp(root))
        return 1;
    for (unsigned i = 0; i < FOLDERS; i++) {
        place(path, folders[i]);
        (void)mkdir(path, 0700);
    }
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    remove_file(state_file);
    remove_file(timeout_file);
    remove_file(panic_file);
    for (unsigned i = FOLDERS; i-- > 0;)
        remove_file(folders[i]);
    remove_file("");
    return failures;
}
