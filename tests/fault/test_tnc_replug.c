/* SPDX-License-Identifier: Apache-2.0 */
/* A serial TNC is unplugged and replugged five times: frames before and after arrive, it is back within 5 s,
 * and the log has exactly one line each way. The plug is a pseudo-terminal behind a link, as udev makes one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "port_bench.h"

enum { TIMES = 5, STEP_US = 50000 };

static char folder[] = "/tmp/atalaya-tnc-XXXXXX";
static char link_path[64];
static unsigned frames;

static enum atalaya_result on_frame(void *context, unsigned port, const uint8_t *frame, size_t length,
                                    int64_t mono_ns)
{
    (void)context;
    (void)port;
    (void)mono_ns;
    assert_int_equal(length, 6);
    assert_memory_equal(frame, "N0CALL", 6);
    frames++;
    return ATALAYA_OK;
}

/* Plugs in: a new pseudo-terminal, and the link to it. Returns the TNC's end. */
static int plug(void)
{
    char name[64];
    int far = far_end_open(0, name, sizeof name);
    assert_int_equal(symlink(name, link_path), 0);
    return far;
}

/* Runs the loop for `ms`, or until the TNC is (not) present. Returns whether it came to that. */
static bool run_until(sd_event *event, const struct tnc *tnc, bool present, int ms)
{
    struct tnc_figures figures;
    int64_t end_ns = clock_mono_ns() + (int64_t)ms * 1000000;
    do {
        assert_true(sd_event_run(event, STEP_US) >= 0);
        tnc_figures(tnc, &figures);
        if (figures.present == present)
            return true;
    } while (clock_mono_ns() < end_ns);
    return false;
}

static void run_for(sd_event *event, int ms)
{
    int64_t end_ns = clock_mono_ns() + (int64_t)ms * 1000000;
    while (clock_mono_ns() < end_ns)
        assert_true(sd_event_run(event, STEP_US) >= 0);
}

static void frame_pass(sd_event *event, int far)
{
    static const char wire[] = "\xC0\0N0CALL\xC0";
    unsigned before = frames;
    assert_int_equal(write(far, wire, sizeof wire - 1), sizeof wire - 1);
    run_for(event, 100);
    assert_int_equal(frames, before + 1);
}

static unsigned count_lines(const char *path, const char *words)
{
    char line[1024];
    unsigned count = 0;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        count += strstr(line, words) != NULL;
    assert_int_equal(fclose(file), 0);
    return count;
}

/* silent: the link goes, but the port does not hang up, as with an adapter whose driver hangs. */
static void unplug(sd_event *event, const struct tnc *tnc, int far, bool silent)
{
    assert_int_equal(unlink(link_path), 0);
    if (silent) {
        assert_true(run_until(event, tnc, false, 3000));
        assert_int_equal(close(far), 0);
    } else {
        /* In the middle of a frame, the rest of which never comes. */
        assert_int_equal(write(far, "\xC0\0half", 6), 6);
        assert_int_equal(close(far), 0);
        assert_true(run_until(event, tnc, false, 500));
    }
}

static void five_times_unplugged_and_back_within_5_s(void **state)
{
    struct config_source settings = {.name = "hill", .type = SOURCE_KISS, .speed_bit_s = 9600};
    struct tnc_figures figures;
    struct tnc *tnc;
    sd_event *event;
    (void)state;
    (void)snprintf(settings.device, sizeof settings.device, "%s", link_path);
    int far = plug();
    assert_true(sd_event_new(&event) >= 0);
    assert_int_equal(tnc_create(event, &settings, on_frame, NULL, &tnc), ATALAYA_OK);
    frame_pass(event, far);
    for (int i = 0; i < TIMES; i++) {
        unplug(event, tnc, far, i == TIMES - 1);
        run_for(event, 1200); /* at least one try in vain: it must not be a line */
        far = plug();
        assert_true(run_until(event, tnc, true, 5000));
        frame_pass(event, far);
    }
    tnc_figures(tnc, &figures);
    assert_int_equal(figures.reconnects, TIMES);
    assert_int_equal(figures.frames, TIMES + 1);
    tnc_destroy(tnc);
    (void)sd_event_unref(event);
    assert_int_equal(close(far), 0);
    assert_int_equal(unlink(link_path), 0);
}

static void a_tnc_absent_at_the_start_is_awaited(void **state)
{
    struct config_source settings = {.name = "valley", .type = SOURCE_KISS, .speed_bit_s = 9600};
    struct tnc *tnc;
    sd_event *event;
    (void)state;
    (void)snprintf(settings.device, sizeof settings.device, "%s", link_path);
    assert_true(sd_event_new(&event) >= 0);
    assert_int_equal(tnc_create(event, &settings, on_frame, NULL, &tnc), ATALAYA_OK);
    int far = plug();
    assert_true(run_until(event, tnc, true, 5000));
    frame_pass(event, far);
    tnc_destroy(tnc);
    (void)sd_event_unref(event);
    assert_int_equal(close(far), 0);
    assert_int_equal(unlink(link_path), 0);
}

/* Runs `test` with standard error in a file, then counts the lines that tell of `name`. */
static void log_counted(void (*test)(void **), const char *name, unsigned lines)
{
    char path[128], gone[128], back[128], any[64];
    (void)snprintf(path, sizeof path, "%s/log", folder);
    (void)snprintf(gone, sizeof gone, "TNC '%s' on %s is gone", name, link_path);
    (void)snprintf(back, sizeof back, "TNC '%s' on %s is back", name, link_path);
    (void)snprintf(any, sizeof any, "'%s'", name);
    int terminal = dup(STDERR_FILENO), file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(terminal >= 0 && file >= 0);
    assert_true(dup2(file, STDERR_FILENO) >= 0);
    test(NULL);
    assert_true(dup2(terminal, STDERR_FILENO) >= 0);
    assert_int_equal(close(terminal) | close(file), 0);
    assert_int_equal(count_lines(path, gone), lines);
    assert_int_equal(count_lines(path, back), lines);
    assert_in_range(count_lines(path, any), 2 * lines, 2 * lines + 1); /* and one for a good start */
    assert_int_equal(unlink(path), 0);
}

static void a_replugged_tnc_is_back_with_one_line_each_way(void **state)
{
    (void)state;
    log_counted(five_times_unplugged_and_back_within_5_s, "hill", TIMES);
}

static void a_late_tnc_comes_with_one_line_each_way(void **state)
{
    (void)state;
    log_counted(a_tnc_absent_at_the_start_is_awaited, "valley", 1);
}

static int folder_make(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    return snprintf(link_path, sizeof link_path, "%s/kisstnc", folder) < 0;
}

static int folder_remove(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_replugged_tnc_is_back_with_one_line_each_way),
        cmocka_unit_test(a_late_tnc_comes_with_one_line_each_way),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
