/* SPDX-License-Identifier: Apache-2.0 */
#include "tone_pair.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <liquid/liquid.h>

#define LEVEL_BITS 16.0F /* time constant: settles well within the shortest preambles in use */
#define STOP_DB    45.0F
#define QUIET      1e-20F /* -200 dB: keeps silence out of the slow, denormal numbers */

enum { TAPS = 2 * TONE_LAG + 1 }; /* delay: TONE_LAG; the window adds and the bit takes away half of 8 */

struct tone_pair {
    firfilt_crcf lowpass;
    float complex table[BASEBAND_TONE_PERIOD]; /* turns the mark tone to 0 Hz; its conjugate, space */
    float complex mark[TONE_WINDOW], space[TONE_WINDOW];
    unsigned phase, oldest;
    float power; /* running mean of mark^2 + space^2 */
};

void baseband_tone_table(float complex table[BASEBAND_TONE_PERIOD])
{
    for (int i = 0; i < BASEBAND_TONE_PERIOD; i++)
        table[i] = cexpf(2.0F * (float)M_PI * _Complex_I * (float)i / (float)BASEBAND_TONE_PERIOD);
}

enum atalaya_result tone_pair_create(struct tone_pair **pair, double cutoff_hz)
{
    struct tone_pair *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ATALAYA_E_MEMORY;
    float taps[TAPS], sum = 0.0F;
    (void)liquid_firdes_kaiser(TAPS, (float)(cutoff_hz / BASEBAND_RATE_HZ), STOP_DB, 0.0F, taps);
    for (unsigned i = 0; i < TAPS; i++)
        sum += taps[i];
    for (unsigned i = 0; i < TAPS; i++)
        taps[i] /= sum;
    made->lowpass = firfilt_crcf_create(taps, TAPS);
    if (made->lowpass == NULL) {
        free(made);
        return ATALAYA_E_MEMORY;
    }
    baseband_tone_table(made->table);
    tone_pair_reset(made);
    *pair = made;
    return ATALAYA_OK;
}

void tone_pair_reset(struct tone_pair *pair)
{
    firfilt_crcf_reset(pair->lowpass);
    memset(pair->mark, 0, sizeof pair->mark);
    memset(pair->space, 0, sizeof pair->space);
    pair->phase = pair->oldest = 0;
    pair->power = 0.0F;
}

void tone_pair_destroy(struct tone_pair *pair)
{
    if (pair == NULL)
        return;
    firfilt_crcf_destroy(pair->lowpass);
    free(pair);
}

/* cabsf guards against overflow, which the front end's limit rules out, at several times the cost. */
static float magnitude(float complex z)
{
    return sqrtf(crealf(z) * crealf(z) + cimagf(z) * cimagf(z));
}

struct tone_levels tone_pair_execute(struct tone_pair *pair, float complex z)
{
    firfilt_crcf_push(pair->lowpass, z);
    firfilt_crcf_execute(pair->lowpass, &z);
    float complex turn = pair->table[pair->phase];
    pair->phase = (pair->phase + BASEBAND_TONE_STEP) % BASEBAND_TONE_PERIOD;
    pair->mark[pair->oldest] = z * turn;
    pair->space[pair->oldest] = z * conjf(turn);
    pair->oldest = (pair->oldest + 1) % TONE_WINDOW;
    /* Summed anew each time: a running sum would keep the rounding errors of a loud past for ever. */
    float complex mark = 0.0F, space = 0.0F;
    for (int i = 0; i < TONE_WINDOW; i++) {
        mark += pair->mark[i];
        space += pair->space[i];
    }
    const float scale = 1.0F / (float)TONE_WINDOW;
    struct tone_levels levels = {.mark = scale * magnitude(mark), .space = scale * magnitude(space)};
    float power = levels.mark * levels.mark + levels.space * levels.space + QUIET;
    pair->power += (power - pair->power) / (LEVEL_BITS * (float)BASEBAND_PER_BIT);
    levels.level = sqrtf(pair->power);
    return levels;
}
