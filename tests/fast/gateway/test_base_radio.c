/* SPDX-License-Identifier: Apache-2.0 */
/* A pseudo-terminal plays a base radio: it carries orders out, fails, keeps silent, and is unplugged. One
 * order is with it at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "port_bench.h"

enum { STEP_US = 10000, ENDS_MAX = 32 };

#define ANSWER_S       20.0 /* on a busy machine too */
#define SHORT_ANSWER_S 0.25

static const char place[] = "$PKLSH,3129.4702,N,11131.5600,W,120000,A,100,1001,*00\r\n";

struct ending {
    int which;
    enum base_radio_result result;
};

static struct ending ends[ENDS_MAX];
static unsigned end_count;

struct bench {
    struct port_bench port;
    struct base_radio *radio;
};

static int which[ENDS_MAX];

static void on_done(void *context, enum base_radio_result result)
{
    assert_true(end_count < ENDS_MAX);
    ends[end_count++] = (struct ending){*(int *)context, result};
}

static enum atalaya_result on_frame(void *context, unsigned port, const uint8_t *frame, size_t length,
                                    int64_t mono_ns)
{
    (void)context;
    (void)port;
    (void)mono_ns;
    return length > 0 && frame[0] == 'x' ? ATALAYA_E_CHECK : ATALAYA_OK;
}

static int bench_make(void **state)
{
    static struct bench bench;
    end_count = 0;
    for (int i = 0; i < ENDS_MAX; i++)
        which[i] = i;
    bench.port.settings = (struct config_source){.name = "base",
                                                 .type = SOURCE_SERIAL,
                                                 .speed_bit_s = 9600,
                                                 .answer_s = ANSWER_S,
                                                 .poll_interval_s = 900};
    if (*state) /* the test wants others */
        bench.port.settings = *(const struct config_source *)*state;
    port_bench_open(&bench.port, O_NONBLOCK, on_frame, &bench);
    bench.radio = tnc_base_radio(bench.port.tnc);
    *state = &bench;
    return bench.radio ? 0 : -1;
}

static int bench_remove(void **state)
{
    struct bench *bench = *state;
    port_bench_close(&bench->port);
    return 0;
}

static void work(struct bench *bench, double seconds)
{
    int64_t end_ns = clock_mono_ns() + (int64_t)(seconds * 1e9);
    do
        assert_true(sd_event_run(bench->port.event, STEP_US) >= 0);
    while (clock_mono_ns() < end_ns);
}

static void wait_for_ends(struct bench *bench, unsigned count)
{
    for (int i = 0; i < 200 && end_count < count; i++)
        work(bench, 0.01);
    assert_int_equal(end_count, count);
}

/* What the radio was told since the last look. */
static const char *told(struct bench *bench)
{
    static char text[3000];
    size_t at = 0;
    work(bench, 0.02);
    for (;;) {
        ssize_t got = read(bench->port.far, text + at, sizeof text - 1 - at);
        if (got <= 0)
            break;
        at += (size_t)got;
        work(bench, 0.01);
    }
    text[at] = '\0';
    return text;
}

static void say(struct bench *bench, const char *words)
{
    assert_int_equal(write(bench->port.far, words, strlen(words)), strlen(words));
    work(bench, 0.02);
}

static void text(struct bench *bench, const char *words, int n)
{
    assert_int_equal(
        base_radio_text(bench->radio, "100-1001", words, strlen(words), false, on_done, &which[n]),
        ATALAYA_OK);
}

static void a_text_is_carried_out_or_fails(void **state)
{
    struct bench *bench = *state;
    text(bench, "come home", 1);
    assert_string_equal(told(bench), "\002F1001001come home\003");
    say(bench, "\0020\003");
    wait_for_ends(bench, 1);
    assert_int_equal(ends[0].which, 1);
    assert_int_equal(ends[0].result, BASE_RADIO_CARRIED_OUT);
    text(bench, "come home", 2);
    say(bench, "\0021\003");
    wait_for_ends(bench, 2);
    assert_int_equal(ends[1].result, BASE_RADIO_FAILED);
}

static void a_poll_ends_with_the_position_of_that_unit(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(base_radio_poll(bench->radio, "100-1001", on_done, &which[1]), ATALAYA_OK);
    assert_string_equal(told(bench), "\002R31001001\003");
    say(bench, "$PKLSH,3129.4702,N,11131.5600,W,120000,A,100,1002,*00\r\n");
    say(bench, "\002I110010011001001\003");
    assert_int_equal(end_count, 0);
    say(bench, place);
    wait_for_ends(bench, 1);
    assert_int_equal(ends[0].result, BASE_RADIO_CARRIED_OUT);
    say(bench, "\0020\003"); /* some radios say that too, afterwards */
    struct base_radio_figures figures;
    base_radio_figures(bench->radio, &figures);
    assert_int_equal(figures.unasked, 1);
    assert_int_equal(figures.ended[BASE_RADIO_CARRIED_OUT], 1);
    assert_int_equal(base_radio_poll(bench->radio, "U01001", on_done, &which[2]), ATALAYA_OK);
    assert_string_equal(told(bench), "\002gR3U01001\003");
}

/* A position has come, a call for help is answered, and the radio says that the position was asked for:
 * nobody has that answer yet. */
static void what_a_radio_says_of_a_poll_afterwards_confirms_no_text(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(base_radio_poll(bench->radio, "100-1001", on_done, &which[1]), ATALAYA_OK);
    text(bench, "a person has your call", 2);
    say(bench, place);
    wait_for_ends(bench, 1);
    say(bench, "\0020\003");
    assert_int_equal(end_count, 1);
    assert_string_equal(told(bench), "\002R31001001\003\002F1001001a person has your call\003");
    say(bench, "\0021\003");
    wait_for_ends(bench, 2);
    assert_int_equal(ends[1].result, BASE_RADIO_FAILED);
}

static void what_is_urgent_goes_before_the_rest_and_displaces_it(void **state)
{
    struct bench *bench = *state;
    for (int i = 0; i < BASE_RADIO_QUEUE_MAX; i++)
        text(bench, "routine", i);
    assert_int_equal(base_radio_text(bench->radio, "100-1001", "first help", 10, true, on_done, &which[8]),
                     ATALAYA_OK);
    assert_int_equal(base_radio_text(bench->radio, "100-1001", "then help", 9, true, on_done, &which[9]),
                     ATALAYA_OK);
    assert_true(end_count == 2 && ends[0].which == BASE_RADIO_QUEUE_MAX - 1);
    assert_int_equal(ends[1].result, BASE_RADIO_DISPLACED);
    (void)told(bench);
    say(bench, "\0020\003"); /* of what is with the radio */
    assert_string_equal(told(bench), "\002F1001001first help\003");
    say(bench, "\0020\003");
    assert_string_equal(told(bench), "\002F1001001then help\003");
    say(bench, "\0020\003");
    assert_string_equal(told(bench), "\002F1001001routine\003");
    assert_true(end_count == 5 && ends[2].which == 0 && ends[3].which == 8 && ends[4].which == 9);
}

static void silence_ends_a_request_and_the_next_goes_out(void **state)
{
    struct bench *bench = *state;
    text(bench, "one", 1);
    text(bench, "two", 2);
    assert_string_equal(told(bench), "\002F1001001one\003"); /* the second waits: answers bear no number */
    wait_for_ends(bench, 1);
    assert_int_equal(ends[0].result, BASE_RADIO_SILENT);
    say(bench, "\0020\003"); /* too late: it is not the second that was carried out */
    assert_int_equal(end_count, 1);
    assert_string_equal(told(bench), "\002F1001001two\003");
    say(bench, "\0020\003");
    wait_for_ends(bench, 2);
    assert_int_equal(ends[1].which, 2);
    assert_int_equal(ends[1].result, BASE_RADIO_CARRIED_OUT);
}

static void what_is_said_to_all_expects_no_answer(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(base_radio_text(bench->radio, "000-0000", "storm", 5, false, on_done, &which[1]),
                     ATALAYA_OK);
    wait_for_ends(bench, 1);
    assert_int_equal(ends[0].result, BASE_RADIO_SENT);
}

static void unplugging_ends_all_that_wait_and_refuses_more(void **state)
{
    struct bench *bench = *state;
    text(bench, "one", 1);
    text(bench, "two", 2);
    work(bench, 0.02);
    assert_int_equal(close(bench->port.far), 0);
    bench->port.far = -1;
    wait_for_ends(bench, 2);
    assert_int_equal(ends[0].result, BASE_RADIO_GONE);
    assert_int_equal(ends[1].result, BASE_RADIO_GONE);
    assert_int_equal(base_radio_text(bench->radio, "100-1001", "three", 5, false, on_done, &which[3]),
                     ATALAYA_E_GONE);
    assert_int_equal(end_count, 2);
}

static void the_queue_has_an_end_and_nonsense_is_refused(void **state)
{
    struct bench *bench = *state;
    for (int i = 0; i < BASE_RADIO_QUEUE_MAX; i++)
        text(bench, "x", i);
    assert_int_equal(base_radio_text(bench->radio, "100-1001", "x", 1, false, on_done, &which[9]),
                     ATALAYA_E_FULL);
    assert_int_equal(base_radio_text(bench->radio, "N0CALL", "x", 1, false, on_done, &which[9]),
                     ATALAYA_E_ARGUMENT);
    assert_int_equal(base_radio_text(bench->radio, "100-1001", "\n", 1, false, on_done, &which[9]),
                     ATALAYA_E_ARGUMENT);
    assert_int_equal(base_radio_poll(bench->radio, "000-0000", on_done, &which[9]), ATALAYA_E_ARGUMENT);
    for (unsigned i = 0; i < BASE_RADIO_QUEUE_MAX; i++) {
        say(bench, i % 2 ? "\0021\003" : "\0020\003");
        wait_for_ends(bench, i + 1);
        assert_int_equal(ends[i].which, i);
        assert_int_equal(ends[i].result, i % 2 ? BASE_RADIO_FAILED : BASE_RADIO_CARRIED_OUT);
    }
}

/* Who is told asks again at once. */
static void on_done_again(void *context, enum base_radio_result result)
{
    struct bench *bench = context;
    ends[end_count++] = (struct ending){0, result};
    if (end_count < 3)
        (void)base_radio_text(bench->radio, "100-1001", "again", 5, false, on_done_again, bench);
}

static void whoever_is_told_may_ask_again(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(base_radio_text(bench->radio, "100-1001", "once", 4, false, on_done_again, bench),
                     ATALAYA_OK);
    for (unsigned i = 1; i <= 3; i++) {
        say(bench, "\0020\003");
        wait_for_ends(bench, i);
    }
    assert_string_equal(told(bench), "\002F1001001once\003\002F1001001again\003\002F1001001again\003");
    end_count = 0; /* and is refused when everything ends */
    assert_int_equal(base_radio_text(bench->radio, "100-1001", "last", 4, false, on_done_again, bench),
                     ATALAYA_OK);
}

static void a_list_is_polled_one_after_the_other(void **state)
{
    struct bench *bench = *state;
    work(bench, 0.25);
    assert_string_equal(told(bench), "\002R31001001\003");
    say(bench, "\0021\003");
    work(bench, 0.2);
    assert_string_equal(told(bench), "\002gR3U01001\003");
    text(bench, "people first", 1); /* waits for the answer, and the list for it */
    say(bench, "\0020\003");
    assert_string_equal(told(bench), "\002F1001001people first\003");
}

int main(void)
{
    static struct config_source hasty = {
        .name = "base", .type = SOURCE_SERIAL, .speed_bit_s = 9600, .answer_s = SHORT_ANSWER_S};
    static struct config_source polled = {.name = "base",
                                          .type = SOURCE_SERIAL,
                                          .speed_bit_s = 9600,
                                          .answer_s = 5.0,
                                          .poll_interval_s = 0.4,
                                          .poll_unit_count = 2,
                                          .poll_units = {"100-1001", "U01001"}};
#define BENCH(test) cmocka_unit_test_setup_teardown(test, bench_make, bench_remove)
#define HASTY(test) cmocka_unit_test_prestate_setup_teardown(test, bench_make, bench_remove, &hasty)
    const struct CMUnitTest tests[] = {
        BENCH(a_text_is_carried_out_or_fails),
        BENCH(a_poll_ends_with_the_position_of_that_unit),
        BENCH(what_a_radio_says_of_a_poll_afterwards_confirms_no_text),
        BENCH(what_is_urgent_goes_before_the_rest_and_displaces_it),
        HASTY(silence_ends_a_request_and_the_next_goes_out),
        HASTY(what_is_said_to_all_expects_no_answer),
        BENCH(unplugging_ends_all_that_wait_and_refuses_more),
        BENCH(the_queue_has_an_end_and_nonsense_is_refused),
        BENCH(whoever_is_told_may_ask_again),
        cmocka_unit_test_prestate_setup_teardown(a_list_is_polled_one_after_the_other, bench_make,
                                                 bench_remove, &polled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
