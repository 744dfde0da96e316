/* SPDX-License-Identifier: Apache-2.0 */
/* Bursts of second generation beacons in noise, with everything that T.018 lets a beacon do, read from
 * complex baseband to the message; and noise alone. What the share of bursts is beside the ideal, `atalaya
 * bench beacons` says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"
#include "atalaya/protocol/protocol.h"

#define RATE_HZ 76800.0

enum { BITS = 301, SAMPLES = 90000, BURSTS = 12, NOISE_S = 10 };

/* T.018 B.2's identity, on a track of its own */
static const char *const unit = "9934039823D000000000000";

static const struct modem_class *dsss;
static const struct protocol *beacons;
static struct modem *modem;
static void *stream[2];
static struct protocol_output output;
static struct impair_random noise;
static struct message sent;
static uint8_t bits[BITS];
static float complex burst[SAMPLES], iq[SAMPLES];
static unsigned right, wrong;

static void on_message(void *context, const struct message *message)
{
    (void)context;
    bool same = message->raw_length == sent.raw_length && memcmp(message->raw, sent.raw, 31) == 0;
    if (same && message->test == sent.test)
        right++;
    else
        wrong++;
}

static void on_bits(void *context, const struct soft_run *run)
{
    (void)context;
    beacons->execute(stream[run->branch], run, &output);
}

static double uniform(double limit)
{
    return limit * (2.0 * impair_random_uniform(&noise) - 1.0);
}

static void make_burst(bool self_test)
{
    message_reset(&sent, "cospas_sarsat", beacons->address_space);
    strcpy(sent.unit, unit);
    sent.has_position = true;
    sent.position.lat_deg = 31.5 + uniform(0.5);
    sent.position.lon_deg = -111.5 + uniform(0.5);
    sent.test = self_test;
    sent.distress = self_test ? DISTRESS_NONE : DISTRESS_RAISED;
    assert_int_equal(beacons->compose(&sent), ATALAYA_OK);
    assert_int_equal(beacons->transmit(&sent, &(struct protocol_transmit){0}, bits, BITS), BITS);
}

static void add_burst(double ebn0_db)
{
    double rate_hz = RATE_HZ * (1.0 + uniform(40e-6)), carrier_hz = uniform(1700.0),
           drift_hz_s = uniform(18.0);
    size_t at = (size_t)(5000.0 * impair_random_uniform(&noise));
    size_t count = dsss->modulate_iq(rate_hz, bits, BITS, burst, SAMPLES);
    assert_true(count > 0 && at + count <= SAMPLES);
    memset(iq, 0, sizeof iq);
    for (size_t i = 0; i < count; i++) {
        double t = (double)i / RATE_HZ, turns = t * (carrier_hz + 0.5 * t * drift_hz_s);
        iq[at + i] = 0.03F * burst[i] * (float complex)cexp(2.0 * M_PI * turns * (double complex)_Complex_I);
    }
    double sigma = 0.03 * sqrt(0.5 * RATE_HZ / 300.0 / pow(10.0, ebn0_db / 10.0));
    impair_add_noise_iq(&noise, iq, SAMPLES, sigma);
}

static int setup(void **state)
{
    (void)state;
    dsss = modem_find("oqpsk_dsss")->class;
    beacons = protocol_find("cospas_sarsat")->protocol;
    output = (struct protocol_output){.message = on_message};
    for (unsigned i = 0; i < 2; i++) {
        stream[i] = malloc(beacons->state_size);
        if (!stream[i])
            return -1;
        beacons->reset(stream[i]);
    }
    return dsss->create(&modem, RATE_HZ, MODEM_IQ) == ATALAYA_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    dsss->destroy(modem);
    free(stream[0]);
    free(stream[1]);
    return 0;
}

/* At 4.5 dB detection that knows everything reads 99 % of the messages, with t = 6 alone 91 %. */
static void bursts_at_the_edge_are_read(void **state)
{
    (void)state;
    impair_random_seed(&noise, 4);
    right = wrong = 0;
    for (unsigned k = 0; k < BURSTS; k++) {
        make_burst(k % 2);
        add_burst(4.5);
        dsss->execute_iq(modem, iq, SAMPLES, on_bits, NULL);
    }
    print_message("%u of %u bursts read at 4.5 dB\n", right, BURSTS);
    assert_int_equal(wrong, 0);
    assert_in_range(right, BURSTS - 2, BURSTS);
}

static void noise_gives_no_beacon(void **state)
{
    (void)state;
    impair_random_seed(&noise, 5);
    right = wrong = 0;
    for (unsigned k = 0; k < NOISE_S; k++) {
        memset(iq, 0, sizeof iq);
        impair_add_noise_iq(&noise, iq, (size_t)RATE_HZ, 0.1);
        dsss->execute_iq(modem, iq, (size_t)RATE_HZ, on_bits, NULL);
    }
    assert_int_equal(right + wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bursts_at_the_edge_are_read),
        cmocka_unit_test(noise_gives_no_beacon),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
