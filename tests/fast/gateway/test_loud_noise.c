/* SPDX-License-Identifier: Apache-2.0 */
/* The noise of an open squelch behind a wide IF is 20 dB louder, and more, than what stations of little
 * deviation send: bursts that begin and end in it are read all the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../../../gateway/channel.h"
#include "atalaya/dsp/impair.h"

enum { RATE_HZ = 48000, BITS_MAX = 4000, BLOCK = 960, BURSTS = 6 };
enum { AROUND = RATE_HZ / 5, AFTER = RATE_HZ / 100 /* carrier without a sound */ };
#define SIGNAL 0.04F
#define NOISE  0.8 /* 29 dB over it; among the tones 18 dB */
#define HISS   0.002

static struct channel channel;
static struct tuner tuner;
static uint64_t next; /* frame */
static size_t whole;  /* a burst with what is around it */
static bool is_read[BURSTS];

static void found(struct channel *from, const struct stream *stream, const struct message *message)
{
    struct burst_figures figures;
    assert_int_equal(stream->tap->row->class->measure(stream->tap->modem, stream->branch, message->first_bit,
                                                      message->end_bit, &figures),
                     ATALAYA_OK);
    size_t n = (size_t)((double)from->base_frame + figures.first_sample) / whole;
    assert_true(n < BURSTS);
    is_read[n] = true;
}

static void hear(const float *samples, size_t count)
{
    for (size_t at = 0; at < count; at += BLOCK) {
        size_t done = 0, length = count - at < BLOCK ? count - at : BLOCK;
        const struct source_block block = {.samples = samples + at, .frames = length, .first_frame = next};
        while (tuner_execute(&tuner, &block, &done))
            channel_execute(&channel, &tuner);
        next += length;
    }
}

/* Bursts of the protocol's own example, with so many bits of preamble; how many of them were read. */
static unsigned read_bursts(const char *protocol_id, const char *modem_id, unsigned preamble)
{
    static const struct source_format format = {.rate_hz = RATE_HZ, .lanes = 1};
    static struct message message;
    static uint8_t bits[BITS_MAX];
    struct config_channel settings = {.name = "c", .protocol_count = 1};
    struct impair_random random;
    const struct protocol *protocol = protocol_find(protocol_id)->protocol;
    const struct modem_class *modem = modem_find(modem_id)->class;
    const struct protocol_transmit how = {
        .preamble_bits = preamble, .tail_bits = 16, .scrambler = modem->scrambler};
    strcpy(settings.protocols[0], protocol_id);
    impair_random_seed(&random, 3);
    message_reset(&message, protocol_id, protocol->address_space);
    assert_int_equal(protocol->from_text(&message, protocol->self_test, strlen(protocol->self_test)),
                     ATALAYA_OK);
    size_t count = protocol->transmit(&message, &how, bits, BITS_MAX);
    const size_t burst = modem->modulate_length(RATE_HZ, count);
    whole = AROUND + burst + AFTER;
    float *audio = calloc(whole, sizeof *audio);
    assert_non_null(audio);
    assert_int_equal(channel_create(&channel, &settings, &format, found, NULL), ATALAYA_OK);
    assert_int_equal(tuner_create(&tuner, &format, &channel, 1), ATALAYA_OK);
    next = 0;
    memset(is_read, 0, sizeof is_read);
    for (unsigned n = 0; n <= BURSTS; n++) { /* the last one is noise alone */
        memset(audio, 0, whole * sizeof *audio);
        impair_add_noise(&random, audio, AROUND, NOISE);
        if (n < BURSTS)
            assert_true(modem->modulate(RATE_HZ, bits, count, audio + AROUND, burst) == burst);
        for (size_t i = AROUND; i < AROUND + burst; i++)
            audio[i] *= SIGNAL;
        impair_add_noise(&random, audio + AROUND, burst + AFTER, HISS);
        hear(audio, whole);
    }
    channel_destroy(&channel);
    tuner_destroy(&tuner);
    free(audio);
    unsigned read = 0;
    for (unsigned n = 0; n < BURSTS; n++)
        read += is_read[n];
    return read;
}

static void bursts_in_the_loud_noise_of_an_open_squelch_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *protocol, *modem;
        unsigned preamble;
    } rows[] = {{"ax25", "bell202", 80},
                {"mpt1327", "ffsk1200", 32},
                {"fleetsync", "ffsk1200", 32},
                {"fleetsync", "ffsk2400", 64},
                {"mdc1200", "ffsk1200", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned read = read_bursts(rows[i].protocol, rows[i].modem, rows[i].preamble);
        print_message("%s, %s: %u of %d\n", rows[i].protocol, rows[i].modem, read, BURSTS);
        assert_int_equal(read, BURSTS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bursts_in_the_loud_noise_of_an_open_squelch_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
