/* SPDX-License-Identifier: Apache-2.0 */
/* 9600 bit/s from audio of senders whose clocks are off: frames come, and somebody listens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"
#include "sent_ear.h"

enum { RATE = 48000, FRAMES = 30, LOST_MOST = 2, LINE_MAX = 4000, SAMPLES_MAX = RATE };
#define EBN0_DB 12.0
#define QUIET_S 0.2

static const struct modem_row *g3ruh;
static struct sent_ear ear;
static struct impair_random noise;
static float audio[SAMPLES_MAX];

/* A frame of 70 octets behind 0.1 s of flags; off: by which its clock is slow. Returns the number of samples.
 */
static size_t audio_make(double off)
{
    const struct protocol_transmit how = {.preamble_bits = 960, .scrambler = g3ruh->class->scrambler};
    const size_t quiet = (size_t)(QUIET_S * RATE);
    char line[] = "N0CALL>APRS:>........................................................";
    uint8_t bits[LINE_MAX];
    for (char *c = strchr(line, '.'); c && *c; c++)
        *c = (char)('A' + (int)(26.0 * impair_random_uniform(&noise)));
    message_reset(&ear.sent, "ax25", "ax25");
    assert_int_equal(ear.protocol->from_text(&ear.sent, line, strlen(line)), ATALAYA_OK);
    const size_t count = ear.protocol->transmit(&ear.sent, &how, bits, LINE_MAX);
    memset(audio, 0, sizeof audio);
    const size_t length =
        g3ruh->class->modulate(RATE * (1.0 + off), bits, count, audio + quiet, SAMPLES_MAX - 2 * quiet);
    assert_true(count > 0 && length > 0);
    double power = 0.0;
    for (size_t i = quiet; i < quiet + length; i++)
        power += (double)(audio[i] * audio[i]) / (double)length;
    impair_add_noise(&noise, audio, length + 2 * quiet, impair_noise_sigma(power, RATE, 9600.0, EBN0_DB));
    return length + 2 * quiet;
}

static void clocks_off_by_six_parts_in_a_thousand_are_followed(void **state)
{
    const double offs[] = {-0.006, -0.004, 0.0, 0.004, 0.006};
    (void)state;
    for (unsigned i = 0; i < sizeof offs / sizeof *offs; i++) {
        struct modem *modem;
        unsigned lost = 0;
        assert_int_equal(g3ruh->class->create(&modem, RATE, MODEM_AUDIO), ATALAYA_OK);
        for (unsigned n = 0; n < FRAMES; n++) {
            const size_t count = audio_make(offs[i]);
            ear.whole = false;
            g3ruh->class->execute(modem, audio, count, sent_ear_hear, &ear);
            lost += !ear.whole;
        }
        g3ruh->class->destroy(modem);
        print_message("clock %+.1f %%: %u of %u lost\n", -100.0 * offs[i], lost, (unsigned)FRAMES);
        assert_true(lost <= LOST_MOST);
    }
}

static int setup(void **state)
{
    (void)state;
    g3ruh = modem_find("g3ruh9600");
    sent_ear_create(&ear, "ax25");
    impair_random_seed(&noise, 9600);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sent_ear_destroy(&ear);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(clocks_off_by_six_parts_in_a_thousand_are_followed)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
