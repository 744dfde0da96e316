/* SPDX-License-Identifier: Apache-2.0 */
/* What other decoders print is counted frame by frame, and none of them can hold a benchmark up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "atalaya/gateway/clock.h"

#include "../../../gateway/bench/bench.h"

enum { SEED = 3 };

static char script[1000];
static struct bench_tally *tally;
static double cpu_s;

/* A peer that is a shell script; the recording's path is its $0. */
static bool run(double limit_s)
{
    const struct bench_peer peer = {"script", 1200, {"sh", "-c", script, NULL}};
    bench_tally_reset(tally);
    return bench_peer_run(&peer, "/nowhere", limit_s, tally, &cpu_s);
}

static int set_up(void **state)
{
    (void)state;
    tally = bench_tally_create(NULL, SEED, 4);
    return tally ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    bench_tally_destroy(tally);
    return 0;
}

static void frames_of_atest_are_counted(void **state)
{
    (void)state;
    struct bench_frame frame;
    bench_frame_make(&frame, NULL, SEED, 1);
    snprintf(
        script, sizeof script,
        "printf '\\033[38;2;0;192;0m[0.2] %s>%s:<0x01>payload > [x] 12\\n\\n'; printf '[0] %s>%s:again\\n';"
        "printf 'DECODED[1] 0:01.2 %s audio level = 70(34/34)\\n'; echo '1 packets decoded in 0.1 seconds.'",
        frame.source, frame.destination, frame.source, frame.destination, frame.source);
    assert_true(run(20.0));
    assert_int_equal(bench_tally_decoded(tally), 1);
    assert_int_equal(bench_tally_false(tally), 0);
}

static void frames_of_multimon_are_counted(void **state)
{
    (void)state;
    struct bench_frame frame;
    bench_frame_make(&frame, NULL, SEED, 2);
    snprintf(script, sizeof script,
             "echo 'AFSK1200: fm %s-0 to %s-0 UI  pid=F0'; echo 'some: fm payload'; "
             "echo 'AFSK1200: fm N0CALL-0 to %s-0 UI  pid=F0'",
             frame.source, frame.destination, frame.destination);
    assert_true(run(20.0));
    assert_int_equal(bench_tally_decoded(tally), 1);
    assert_int_equal(bench_tally_false(tally), 1);
}

static void odd_output_counts_for_nothing(void **state)
{
    (void)state;
    snprintf(script, sizeof script,
             "head -c 20000 /dev/zero | tr '\\0' A; printf '\\033'; printf '\\n[0] >\\n[0] a>b\\n: fm  to "
             "\\n\\000\\n'; "
             "echo '[0] TOOLONGCALLSIGN>N0CALL:'");
    assert_true(run(20.0));
    assert_int_equal(bench_tally_decoded(tally) + bench_tally_false(tally), 0);
}

static void a_peer_that_hangs_is_stopped(void **state)
{
    (void)state;
    int64_t start_ns = clock_mono_ns();
    snprintf(script, sizeof script, "sleep 60 & sleep 60");
    run(0.2);
    assert_true(clock_mono_ns() - start_ns < 30 * INT64_C(1000000000));
}

static void processor_time_is_the_peers_own(void **state)
{
    (void)state;
    snprintf(script, sizeof script, "i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done");
    assert_true(run(20.0));
    assert_true(cpu_s > 0.001 && cpu_s < 10.0);
}

static void a_peer_that_refuses_says_so(void **state)
{
    (void)state;
    snprintf(script, sizeof script, "exit 1");
    assert_false(run(20.0));
    const struct bench_peer absent = {"absent", 1200, {"atalaya-no-such-program", NULL}};
    assert_false(bench_peer_installed(&absent));
    assert_false(bench_peer_run(&absent, "/nowhere", 5.0, tally, &cpu_s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_of_atest_are_counted),     cmocka_unit_test(frames_of_multimon_are_counted),
        cmocka_unit_test(odd_output_counts_for_nothing),   cmocka_unit_test(a_peer_that_hangs_is_stopped),
        cmocka_unit_test(processor_time_is_the_peers_own), cmocka_unit_test(a_peer_that_refuses_says_so),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
