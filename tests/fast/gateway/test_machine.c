/* SPDX-License-Identifier: Apache-2.0 */
/* The machine, by each answer that /sys and /proc can give: does anything start it again, has it power, heat,
 * room? */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../gateway/machine.h"

static char root[] = "/tmp/atalaya-machine-XXXXXX";
static const char *const folders[] = {"/sys",
                                      "/sys/class",
                                      "/sys/class/watchdog",
                                      "/sys/class/watchdog/watchdog0",
                                      "/sys/class/hwmon",
                                      "/sys/class/hwmon/hwmon0",
                                      "/sys/class/hwmon/hwmon3",
                                      "/sys/class/thermal",
                                      "/sys/class/thermal/thermal_zone0",
                                      "/proc",
                                      "/proc/sys",
                                      "/proc/sys/kernel"};
enum { PATH_SIZE = 96, FOLDERS = sizeof folders / sizeof *folders };
static const char state_file[] = "/sys/class/watchdog/watchdog0/state";
static const char timeout_file[] = "/sys/class/watchdog/watchdog0/timeout";
static const char panic_file[] = "/proc/sys/kernel/panic";
static const char heat_file[] = "/sys/class/thermal/thermal_zone0/temp";
static const char other_monitor[] = "/sys/class/hwmon/hwmon0/name",
                  monitor[] = "/sys/class/hwmon/hwmon3/name";
static const char alarm_file[] = "/sys/class/hwmon/hwmon3/in0_lcrit_alarm";

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

static void test_power_that_is_low(void **unused)
{
    (void)unused;
    assert_false(machine_lacks_power(root));
    write_word(other_monitor, "cpu_thermal\n");
    write_word(monitor, "rpi_volt\n");
    assert_false(machine_lacks_power(root));
    write_word(alarm_file, "1\n");
    assert_true(machine_lacks_power(root));
    write_word(alarm_file, "0\n");
    assert_false(machine_lacks_power(root));
}

static void test_heat(void **unused)
{
    (void)unused;
    assert_true(isnan(machine_temperature_c(root)));
    write_word(heat_file, "47236\n");
    assert_float_equal(machine_temperature_c(root), 47.236, 1e-9);
    write_word(heat_file, "-3500\n");
    assert_float_equal(machine_temperature_c(root), -3.5, 1e-9);
    write_word(heat_file, "hot\n");
    assert_true(isnan(machine_temperature_c(root)));
}

static void test_room_on_a_disk(void **unused)
{
    (void)unused;
    char file[PATH_SIZE];
    place(file, "/spool.db"); /* not there yet */
    uint64_t room = machine_disk_free(file);
    assert_true(room > 0 && room != UINT64_MAX);
    assert_true(machine_disk_free("spool.db") != UINT64_MAX);
    place(file, "/nowhere/spool.db");
    assert_true(machine_disk_free(file) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_watchdog_must_be_armed), cmocka_unit_test(test_a_panic_must_end),
        cmocka_unit_test(test_power_that_is_low),        cmocka_unit_test(test_heat),
        cmocka_unit_test(test_room_on_a_disk),
    };
    char path[PATH_SIZE];
    if (!mkdtemp(root))
        return 1;
    for (unsigned i = 0; i < FOLDERS; i++) {
        place(path, folders[i]);
        (void)mkdir(path, 0700);
    }
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    const char *const files[] = {state_file,    timeout_file, panic_file, heat_file,
                                 other_monitor, monitor,      alarm_file};
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++)
        remove_file(files[i]);
    for (unsigned i = FOLDERS; i-- > 0;)
        remove_file(folders[i]);
    remove_file("");
    return failures;
}
