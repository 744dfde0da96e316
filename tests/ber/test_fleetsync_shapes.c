/* SPDX-License-Identifier: Apache-2.0 */
/* FleetSync of both generations and rates as receivers' audio has it: flat, with the sender's pre-emphasis
 * left in it, with one de-emphasis too many; and behind a squelch that opens late. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"
#include "sent_ear.h"

enum { RATE = 24000, BURSTS = 40, LINE_MAX = 400, QUIET = RATE / 4, SAMPLES_MAX = RATE };
enum { PREAMBLE_BITS = 24 + 16 /* before the synchronisation word */, PREAMBLE_LEFT = 6 };
#define EBN0_DB 15.0
#define POWER   0.1

enum shape { FLAT, PRE_EMPHASISED, DE_EMPHASISED };

static const char *const modems[] = {"ffsk1200", "ffsk2400"};
static struct sent_ear ear;
static struct impair_random noise;
static float audio[SAMPLES_MAX];

static void message_make(unsigned generation)
{
    message_reset(&ear.sent, "fleetsync", "kenwood");
    ear.sent.raw[0] = 0xfe;
    ear.sent.raw[1] = 0x80;
    for (unsigned i = 2; i < 6; i++)
        ear.sent.raw[i] = (uint8_t)(256.0 * impair_random_uniform(&noise));
    ear.sent.raw_length = 6;
    (void)message_add_integer(&ear.sent, "generation", generation);
}

/* The audio of a burst, of its power whatever the shape; none of the first cut_bits is heard. Returns the
 * number of samples, noise before and after included. */
static size_t audio_make(const struct modem_row *row, enum shape shape, unsigned cut_bits)
{
    const struct protocol_transmit how = {.preamble_bits = 0};
    const size_t cut = (size_t)(cut_bits * RATE / row->bit_rate);
    struct impair_emphasis emphasis;
    uint8_t bits[LINE_MAX];
    double power = 0.0;
    size_t count = ear.protocol->transmit(&ear.sent, &how, bits, LINE_MAX);
    memset(audio, 0, sizeof audio);
    size_t length = row->class->modulate(RATE, bits, count, audio + QUIET, SAMPLES_MAX - 2 * QUIET);
    assert_true(count > 0 && length > 0);
    impair_emphasis_create(&emphasis, RATE, 1000.0, shape == PRE_EMPHASISED);
    for (size_t i = QUIET; i < QUIET + length; i++) {
        audio[i] = shape == FLAT ? audio[i] : impair_emphasis_execute(&emphasis, audio[i]);
        power += (double)(audio[i] * audio[i]) / (double)length;
    }
    for (size_t i = QUIET; i < QUIET + length; i++)
        audio[i] = i < QUIET + cut ? 0.0F : audio[i] * (float)sqrt(POWER / power);
    size_t silent = cut > 0 ? QUIET + cut : 0, total = length + 2 * (size_t)QUIET;
    impair_add_noise(&noise, audio + silent, total - silent,
                     impair_noise_sigma(POWER, RATE, row->bit_rate, EBN0_DB));
    return total;
}

static void check(const char *modem_id, unsigned generation, enum shape shape, unsigned cut_bits)
{
    static const char *const names[] = {"flat", "pre-emphasised", "de-emphasised"};
    const struct modem_row *row = modem_find(modem_id);
    struct modem *modem;
    unsigned lost = 0;
    sent_ear_reset(&ear);
    ear.wrong = 0;
    assert_int_equal(row->class->create(&modem, RATE, MODEM_AUDIO), ATALAYA_OK);
    for (unsigned n = 0; n < BURSTS; n++) {
        message_make(generation);
        size_t count = audio_make(row, shape, cut_bits);
        ear.whole = false;
        row->class->execute(modem, audio, count, sent_ear_hear, &ear);
        lost += !ear.whole;
    }
    row->class->destroy(modem);
    print_message("%s, generation %u, %s, %u bits cut: %u of %u lost, %u wrong\n", modem_id, generation,
                  names[shape], cut_bits, lost, (unsigned)BURSTS, ear.wrong);
    assert_int_equal(ear.wrong, 0);
    assert_true(lost <= 1);
}

static void either_emphasis_is_read(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++)
        for (unsigned generation = 1; generation <= 2; generation++)
            for (enum shape shape = FLAT; shape <= DE_EMPHASISED; shape++)
                check(modems[i], generation, shape, 0);
}

static void a_preamble_may_be_cut(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++)
        for (unsigned generation = 1; generation <= 2; generation++)
            check(modems[i], generation, FLAT, PREAMBLE_BITS - PREAMBLE_LEFT);
}

static int setup(void **state)
{
    (void)state;
    sent_ear_create(&ear, "fleetsync");
    impair_random_seed(&noise, 2400);
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(either_emphasis_is_read),
        cmocka_unit_test(a_preamble_may_be_cut),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
