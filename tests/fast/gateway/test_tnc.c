/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of a KISS modem on a pseudo-terminal; unplugging and its return are in tests/fault. */
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

enum { FEND = 0xC0, STEP_US = 20000 };

static struct {
    unsigned frames, port;
    uint8_t last[512];
    size_t length;
    int64_t mono_ns;
} heard;

static enum atalaya_result on_frame(void *context, unsigned port, const uint8_t *frame, size_t length,
                                    int64_t mono_ns)
{
    assert_ptr_equal(context, &heard);
    assert_true(length <= sizeof heard.last);
    heard.frames++;
    heard.port = port;
    heard.length = length;
    heard.mono_ns = mono_ns;
    memcpy(heard.last, frame, length);
    return ATALAYA_OK;
}

static int bench_make(void **state)
{
    static struct port_bench bench;
    memset(&heard, 0, sizeof heard);
    bench = (struct port_bench){.settings = {.name = "kenwood", .type = SOURCE_KISS, .speed_bit_s = 9600}};
    port_bench_open(&bench, 0, on_frame, &heard);
    *state = &bench;
    return 0;
}

static int bench_remove(void **state)
{
    port_bench_close(*state);
    return 0;
}

/* Lets the loop work until it has nothing to do for 20 ms. */
static void settle(struct port_bench *bench)
{
    int worked;
    do {
        worked = sd_event_run(bench->event, STEP_US);
        assert_true(worked >= 0);
    } while (worked > 0);
}

static void put(struct port_bench *bench, const void *bytes, size_t size)
{
    assert_int_equal(write(bench->far, bytes, size), size);
}

static void a_data_frame_arrives_with_its_port_and_time(void **state)
{
    static const uint8_t wire[] = {FEND, 0x30, 'a', 0xDB, 0xDC, 'b', 0xDB, 0xDD, FEND};
    static const uint8_t frame[] = {'a', 0xC0, 'b', 0xDB};
    struct tnc_figures figures;
    struct port_bench *bench = *state;
    int64_t begin_ns = clock_mono_ns();
    put(bench, wire, sizeof wire);
    settle(bench);
    assert_int_equal(heard.frames, 1);
    assert_int_equal(heard.port, 3);
    assert_int_equal(heard.length, sizeof frame);
    assert_memory_equal(heard.last, frame, sizeof frame);
    assert_in_range(heard.mono_ns, begin_ns, clock_mono_ns());
    tnc_figures(bench->tnc, &figures);
    assert_true(figures.present);
    assert_int_equal(figures.frames, 1);
    assert_int_equal(figures.bytes, sizeof wire);
    assert_int_equal(figures.malformed, 0);
}

static void a_frame_in_pieces_is_one_frame(void **state)
{
    static const uint8_t wire[] = {FEND, 0, 'x', 'y', 0xDB, 0xDC, FEND};
    struct port_bench *bench = *state;
    for (size_t i = 0; i < sizeof wire; i++) {
        put(bench, &wire[i], 1);
        assert_true(sd_event_run(bench->event, STEP_US) >= 0);
    }
    settle(bench);
    assert_int_equal(heard.frames, 1);
    assert_int_equal(heard.length, 3);
}

static void only_data_frames_count(void **state)
{
    static const uint8_t wire[] = {FEND, 0x06, 'h', 'w', FEND, FEND, 0x00, FEND, FEND, 0x0C, 1, 2, FEND};
    struct port_bench *bench = *state;
    put(bench, wire, sizeof wire);
    settle(bench);
    assert_int_equal(heard.frames, 0);
}

/* A port that babbles must leave the loop's other work its turn, and real frames must still come through. */
static void a_flood_of_garbage_is_bounded_and_survived(void **state)
{
    static const uint8_t wire[] = {FEND, 0, 'o', 'k', FEND};
    uint8_t garbage[1024];
    unsigned seed = 3, wakes = 0;
    struct tnc_figures figures;
    struct port_bench *bench = *state;
    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < sizeof garbage; i++) {
            seed = seed * 1664525U + 1013904223U;
            garbage[i] = (uint8_t)(seed >> 24);
            if (garbage[i] == FEND)
                garbage[i] = 0;
        }
        put(bench, garbage, sizeof garbage);
        assert_true(sd_event_run(bench->event, STEP_US) >= 0);
        assert_in_range(++wakes, 1, 200);
    }
    settle(bench);
    tnc_figures(bench->tnc, &figures);
    assert_int_equal(figures.bytes, 200 * sizeof garbage);
    put(bench, wire, sizeof wire);
    settle(bench);
    assert_true(heard.frames >= 1);
    assert_int_equal(heard.length, 2);
    assert_memory_equal(heard.last, "ok", 2);
}

static int timer_done(sd_event_source *source, uint64_t now_us, void *context)
{
    (void)source;
    (void)now_us;
    *(bool *)context = true;
    return 0;
}

/* There, open, running, and never heard: who set it up must be told. */
static void a_modem_that_speaks_no_kiss_is_told(void **state)
{
    static const char words[] = "cmd:N0CALL-9>APZATL:>all well\r\n";
    static const uint8_t wire[] = {FEND, 0, 'a', FEND};
    struct tnc_figures figures;
    struct port_bench *bench = *state;
    for (unsigned i = 0; i < 1000 / (sizeof words - 1); i++)
        put(bench, words, sizeof words - 1);
    settle(bench);
    tnc_figures(bench->tnc, &figures);
    assert_string_equal(figures.fault, "");
    put(bench, words, sizeof words - 1);
    put(bench, words, sizeof words - 1);
    settle(bench);
    tnc_figures(bench->tnc, &figures);
    assert_true(figures.present);
    assert_non_null(strstr(figures.fault, "is the TNC in KISS mode"));
    put(bench, wire, sizeof wire);
    settle(bench);
    tnc_figures(bench->tnc, &figures);
    assert_string_equal(figures.fault, "");
}

static void a_hang_up_does_not_spin(void **state)
{
    struct tnc_figures figures;
    struct port_bench *bench = *state;
    bool done = false;
    int turns = 0;
    assert_int_equal(close(bench->far), 0);
    bench->far = -1;
    assert_true(sd_event_add_time_relative(bench->event, NULL, CLOCK_MONOTONIC, 300000, 1000, timer_done,
                                           &done) >= 0);
    while (!done) {
        assert_true(sd_event_run(bench->event, UINT64_MAX) >= 0);
        assert_in_range(++turns, 1, 20);
    }
    tnc_figures(bench->tnc, &figures);
    assert_false(figures.present);
}

static void only_kiss_settings_are_taken(void **state)
{
    struct port_bench *bench = *state;
    struct config_source settings = bench->settings;
    struct tnc *tnc;
    settings.type = SOURCE_FILE;
    assert_int_equal(tnc_create(bench->event, &settings, on_frame, &heard, &tnc), ATALAYA_E_ARGUMENT);
    assert_null(tnc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_data_frame_arrives_with_its_port_and_time, bench_make,
                                        bench_remove),
        cmocka_unit_test_setup_teardown(a_frame_in_pieces_is_one_frame, bench_make, bench_remove),
        cmocka_unit_test_setup_teardown(only_data_frames_count, bench_make, bench_remove),
        cmocka_unit_test_setup_teardown(a_flood_of_garbage_is_bounded_and_survived, bench_make, bench_remove),
        cmocka_unit_test_setup_teardown(a_modem_that_speaks_no_kiss_is_told, bench_make, bench_remove),
        cmocka_unit_test_setup_teardown(a_hang_up_does_not_spin, bench_make, bench_remove),
        cmocka_unit_test_setup_teardown(only_kiss_settings_are_taken, bench_make, bench_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
