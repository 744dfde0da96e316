/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "dsss_code.h"
#include "dsss_pulse.h"
#include "oqpsk_dsss.h"

/* Q ends half a chip after I. A sender's clock may be a little off. */
size_t oqpsk_dsss_modulate_length(double rate_hz, size_t bit_count)
{
    if (!(rate_hz >= 0.99 * OQPSK_DSSS_LEAST_RATE_HZ && rate_hz <= 1e9) || bit_count > DSSS_BITS + 1)
        return 0;
    size_t pairs = (bit_count + 1) / 2 < DSSS_PAIRS ? (bit_count + 1) / 2 : DSSS_PAIRS;
    return pairs ? (size_t)ceil(((double)pairs * DSSS_CHIPS_A_BIT + 0.5) * rate_hz / DSSS_CHIP_RATE) : 0;
}

/* A component at `chip` chips from its beginning. */
static double component(const int8_t *code, const uint8_t *bits, size_t bit_count, double chip)
{
    double whole = floor(chip);
    if (whole < 0.0 || whole >= DSSS_CHIPS)
        return 0.0;
    size_t n = (size_t)whole, bit = n / DSSS_CHIPS_A_BIT * 2;
    if (bit >= bit_count)
        return 0.0;
    double level = bits[bit] ? -code[n] : code[n];
    return level * dsss_pulses[DSSS_HALF_SINE].at(chip - whole - 0.5);
}

size_t oqpsk_dsss_modulate(double rate_hz, const uint8_t *bits, size_t bit_count, float complex *iq,
                           size_t max)
{
    size_t count = oqpsk_dsss_modulate_length(rate_hz, bit_count);
    if (count == 0 || count > max)
        return 0;
    bool self_test = bit_count > DSSS_BITS && bits[DSSS_BITS];
    size_t sent = bit_count < DSSS_BITS ? bit_count : DSSS_BITS;
    struct dsss_code code;
    dsss_code_init(&code, self_test ? DSSS_SELF_TEST : DSSS_NORMAL);
    for (size_t k = 0; k < count; k++) {
        double chip = (double)k * DSSS_CHIP_RATE / rate_hz;
        double i = component(code.i, bits, sent, chip), q = component(code.q, bits + 1, sent - 1, chip - 0.5);
        iq[k] = (float)i + (float)q * (float complex)_Complex_I;
    }
    return count;
}
