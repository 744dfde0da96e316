/* SPDX-License-Identifier: Apache-2.0 */
/* A channel whose device loses samples: torn bursts are lost, whole ones keep their time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../gateway/channel.h"

enum { RATE_HZ = 48000, BITS_MAX = 4000, BLOCK = 960 };

static struct channel channel;
static float *audio;
static size_t audio_count;
static unsigned found_count;
static char last_text[64];
static double last_s; /* first bit of the last message */

static void found(struct channel *from, const struct stream *stream, const struct message *message)
{
    struct burst_figures figures;
    assert_ptr_equal(from, &channel);
    assert_int_equal(stream->tap->row->class->measure(stream->tap->modem, stream->branch, message->first_bit,
                                                      message->end_bit, &figures),
                     ATALAYA_OK);
    last_s = ((double)from->base_frame + figures.first_sample) / RATE_HZ;
    snprintf(last_text, sizeof last_text, "%s", message_text(message, "status", NULL));
    found_count++;
}

static const struct source_format format = {.rate_hz = RATE_HZ, .lanes = 1};
static struct tuner tuner;

static void hear(const struct source_block *block)
{
    for (size_t done = 0; tuner_execute(&tuner, block, &done);)
        channel_execute(&channel, &tuner);
}

static int set_up(void **state)
{
    static struct message message;
    static uint8_t bits[BITS_MAX];
    const struct config_channel settings = {.name = "aprs", .protocol_count = 1, .protocols = {"ax25"}};
    const struct protocol_row *row = protocol_find("ax25");
    const struct modem_class *modem = modem_find("bell202")->class;
    const struct protocol_transmit how = {.preamble_bits = 80, .tail_bits = 40};
    const char *line = "N0CALL-9>APZATL:>hello";
    (void)state;
    message_reset(&message, "ax25", "ax25");
    assert_int_equal(row->protocol->from_text(&message, line, strlen(line)), ATALAYA_OK);
    size_t count = row->protocol->transmit(&message, &how, bits, BITS_MAX);
    audio_count = modem->modulate_length(RATE_HZ, count);
    audio = calloc(audio_count, sizeof *audio);
    assert_true(modem->modulate(RATE_HZ, bits, count, audio, audio_count) == audio_count);
    found_count = 0;
    return channel_create(&channel, &settings, &format, found, NULL) == ATALAYA_OK &&
                   tuner_create(&tuner, &format, &channel, 1) == ATALAYA_OK
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    channel_destroy(&channel);
    tuner_destroy(&tuner);
    free(audio);
    return 0;
}

/* Audio from sample `from` to `to`, the first of them being frame `first` of the source. Returns the next. */
static uint64_t play(size_t from, size_t to, uint64_t first, uint64_t lost)
{
    for (size_t at = from; at < to; at += BLOCK) {
        size_t count = to - at < BLOCK ? to - at : BLOCK;
        const struct source_block block = {
            .samples = audio + at, .frames = count, .first_frame = first, .lost = lost};
        hear(&block);
        first += count;
        lost = 0;
    }
    return first;
}

static void a_burst_torn_by_a_loss_is_lost_and_the_next_is_not(void **state)
{
    (void)state;
    uint64_t next = play(0, audio_count, 0, 0);
    assert_true(found_count > 0);
    found_count = 0;
    next = play(0, audio_count / 2, next, 0);
    next = play(audio_count / 2 + 200, audio_count, next + 200, 200);
    assert_int_equal(found_count, 0);
    uint64_t start = next;
    (void)play(0, audio_count, next, 0);
    assert_true(found_count > 0);
    assert_true(fabs(last_s - ((double)start / RATE_HZ + 72 / 1200.0)) < 1e-3);
}

/* Hours into the day and after a gap of minutes, times still count from the opening. */
static void times_count_what_was_lost(void **state)
{
    (void)state;
    uint64_t first = UINT64_C(7) * 3600 * RATE_HZ;
    (void)play(0, audio_count, first, first);
    assert_true(found_count > 0);
    assert_string_equal(last_text, "hello");
    assert_true(fabs(last_s - (7 * 3600 + 72 / 1200.0)) < 1e-3);
}

static void hostile_samples_do_no_lasting_harm(void **state)
{
    float bad[BLOCK];
    (void)state;
    for (int i = 0; i < BLOCK; i++)
        bad[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -1e30F;
    const struct source_block block = {.samples = bad, .frames = BLOCK};
    hear(&block);
    const struct source_block none = {.samples = bad, .frames = 0, .first_frame = BLOCK};
    hear(&none);
    uint64_t next = play(0, audio_count, BLOCK, 0);
    (void)play(0, audio_count, next, 0);
    assert_true(found_count > 0);
}

static void a_rate_that_no_modem_takes_is_refused(void **state)
{
    static struct channel other;
    const struct config_channel settings = {.name = "slow", .protocol_count = 1, .protocols = {"ax25"}};
    const struct source_format slow = {.rate_hz = 4000, .lanes = 1},
                               none = {.rate_hz = (double)NAN, .lanes = 1};
    (void)state;
    assert_int_not_equal(channel_create(&other, &settings, &slow, found, NULL), ATALAYA_OK);
    assert_int_not_equal(channel_create(&other, &settings, &none, found, NULL), ATALAYA_OK);
}

/* 9600 bit/s do not fit into 8 kHz; 1200 bit/s do. */
static void a_modem_too_fast_for_the_rate_is_left_out(void **state)
{
    static struct channel other;
    const struct config_channel settings = {.name = "slow", .protocol_count = 1, .protocols = {"ax25"}};
    const struct source_format slow = {.rate_hz = 8000, .lanes = 1};
    (void)state;
    assert_true(channel.tap_count > 1);
    assert_int_equal(channel_create(&other, &settings, &slow, found, NULL), ATALAYA_OK);
    assert_int_equal(other.tap_count, 1);
    assert_string_equal(other.taps[0].row->id, "bell202");
    channel_destroy(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_burst_torn_by_a_loss_is_lost_and_the_next_is_not, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(times_count_what_was_lost, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hostile_samples_do_no_lasting_harm, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_modem_too_fast_for_the_rate_is_left_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_rate_that_no_modem_takes_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
