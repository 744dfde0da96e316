/* SPDX-License-Identifier: Apache-2.0 */
/* White noise in the radio channel, in audio, and what a discriminator makes of noise: no beacon of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <complex.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"
#include "atalaya/protocol/protocol.h"

enum { RATE = 19200, SPREAD_RATE = 76800, AUDIO_RATE = 16000, SECONDS = 360, SPREAD_PART = 12 };

static const struct modem_class *class;
static const struct protocol *beacons;
static void *stream;
static struct protocol_output output;
static struct impair_random noise;
static unsigned bursts, messages, raised, seconds;
static bool by_hand;
static float complex iq[SPREAD_RATE];
static float audio[RATE];

static void on_message(void *context, const struct message *message)
{
    (void)context;
    messages++;
    raised += message->distress != DISTRESS_NONE && !message->guessed;
}

static void on_bits(void *context, const struct soft_run *run)
{
    (void)context;
    bursts++;
    beacons->execute(stream, run, &output);
}

static void start(struct modem **modem, const char *id, double rate_hz, enum modem_input input)
{
    class = modem_find(id)->class;
    bursts = messages = raised = 0;
    output = (struct protocol_output){.message = on_message};
    beacons->reset(stream);
    assert_int_equal(class->create(modem, rate_hz, input), ATALAYA_OK);
}

static void finish(struct modem *modem, unsigned heard_s, const char *what)
{
    class->destroy(modem);
    print_message("%s, %u s: %u taken for bursts, %u messages, %u that raise\n", what, heard_s, bursts,
                  messages, raised);
    assert_int_equal(raised, 0);
    assert_true(messages * 86400.0 <= heard_s); /* fewer than one in a day */
}

static void the_radio_channel(void **state)
{
    struct modem *modem;
    (void)state;
    start(&modem, "biphase400", RATE, MODEM_IQ);
    for (unsigned i = 0; i < seconds; i++) {
        memset(iq, 0, sizeof iq);
        impair_add_noise_iq(&noise, iq, RATE, 0.2);
        class->execute_iq(modem, iq, RATE, on_bits, NULL);
    }
    finish(modem, seconds, "complex baseband");
}

static void audio_that_is_white(void **state)
{
    struct modem *modem;
    (void)state;
    start(&modem, "biphase400", AUDIO_RATE, MODEM_AUDIO);
    for (unsigned i = 0; i < seconds; i++) {
        memset(audio, 0, sizeof audio);
        impair_add_noise(&noise, audio, AUDIO_RATE, 0.2);
        class->execute(modem, audio, AUDIO_RATE, on_bits, NULL);
    }
    finish(modem, seconds, "white audio");
}

static void an_open_squelch(void **state)
{
    const struct fm_receiver_settings settings = {
        .rate_hz = RATE, .if_width_hz = 12500, .full_scale_hz = 5000};
    struct fm_receiver *receiver;
    struct modem *modem;
    (void)state;
    assert_int_equal(fm_receiver_create(&receiver, &settings), ATALAYA_OK);
    start(&modem, "biphase400", RATE, MODEM_AUDIO);
    for (unsigned i = 0; i < seconds; i++) {
        memset(iq, 0, sizeof iq);
        impair_add_noise_iq(&noise, iq, RATE, 0.2);
        fm_receiver_execute(receiver, iq, RATE, audio);
        class->execute(modem, audio, RATE, on_bits, NULL);
    }
    fm_receiver_destroy(receiver);
    finish(modem, seconds, "discriminator");
}

static void the_radio_channel_to_a_despreader(void **state)
{
    struct modem *modem;
    unsigned some =
        by_hand ? seconds : seconds / SPREAD_PART; /* it takes twenty times the first generation's work */
    (void)state;
    start(&modem, "oqpsk_dsss", SPREAD_RATE, MODEM_IQ);
    for (unsigned i = 0; i < some; i++) {
        memset(iq, 0, sizeof iq);
        impair_add_noise_iq(&noise, iq, SPREAD_RATE, 0.2);
        class->execute_iq(modem, iq, SPREAD_RATE, on_bits, NULL);
    }
    finish(modem, some, "complex baseband, second generation");
}

static int setup(void **state)
{
    const char *hours = getenv("ATALAYA_NOISE_HOURS"), *seed = getenv("ATALAYA_NOISE_SEED"); /* by hand */
    (void)state;
    by_hand = hours != NULL;
    seconds = hours ? 3600 * (unsigned)strtoul(hours, NULL, 10) : SECONDS;
    beacons = protocol_find("cospas_sarsat")->protocol;
    stream = malloc(beacons->state_size);
    impair_random_seed(&noise, seed ? (uint64_t)strtoull(seed, NULL, 10) : 406);
    return stream ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    free(stream);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_radio_channel),
        cmocka_unit_test(audio_that_is_white),
        cmocka_unit_test(an_open_squelch),
        cmocka_unit_test(the_radio_channel_to_a_despreader),
    };
    if (getenv("ATALAYA_NOISE_ONLY")) /* by hand: the name of one of them */
        cmocka_set_test_filter(getenv("ATALAYA_NOISE_ONLY"));
    return cmocka_run_group_tests(tests, setup, teardown);
}
