/* SPDX-License-Identifier: Apache-2.0 */
#include "gmsk_detect.h"

#include <math.h>

#include "gmsk_pulse.h"

#define PHASE_RATE 0.045 /* of a bit's phase error that is made good at once */
#define TURN_RATE  0.0005
#define ERROR_MOST 0.8F

/* Correlation of the pulse with itself one and two bits away (computed from gmsk_pulse). */
#define NEAR 0.561F
#define FAR  0.0864F

static const float complex turn_of[4] = {1.0F, _Complex_I, -1.0F, -_Complex_I};

/* What bit k was, told by its own sample alone. */
static float sign_of(float value)
{
    return value < 0.0F ? -1.0F : 1.0F;
}

/* Phase error of bit k - 1, whose neighbours are known by now. */
static float phase_error(const float complex *y, unsigned k, float level)
{
    float complex expected =
        sign_of(crealf(y[k - 1])) + _Complex_I * NEAR * (sign_of(crealf(y[k - 2])) - sign_of(crealf(y[k])));
    float error = cimagf(y[k - 1] * conjf(expected)) / level;
    return error > ERROR_MOST ? ERROR_MOST : error < -ERROR_MOST ? -ERROR_MOST : error;
}

/* Samples of the matched filter with the carrier taken away: real but for the neighbours, which are
 * imaginary, for the phase of each bit lies a quarter turn from the next. */
static void derotate(const struct gmsk_window *window, const struct gmsk_filter *matched,
                     double samples_a_bit, const struct gmsk_place *place, float complex y[GMSK_SPAN],
                     struct gmsk_block *block, struct gmsk_place *after)
{
    double phase = place->phase, turn = place->turn;
    float level = 0.0F;
    struct gmsk_mixer mixer;
    gmsk_mixer_tune(&mixer, matched, turn / samples_a_bit);
    for (unsigned k = 0; k < GMSK_SPAN; k++) {
        if (k == GMSK_BLOCK)
            *after = (struct gmsk_place){place->at + GMSK_BLOCK * samples_a_bit, phase, turn};
        if (k == GMSK_BLOCK / 2)
            block->middle_phase = phase;
        float complex z = gmsk_window_mix(window, matched, &mixer, place->at + k * samples_a_bit);
        y[k] = z * (float complex)cexp(-(double complex)_Complex_I * phase) * turn_of[k % 4];
        float size = fabsf(crealf(y[k]));
        level = k == 0 ? size : level + (size - level) / (float)(k < 32 ? k + 1 : 32);
        if (k >= 2 && level > 0.0F) {
            double error = (double)phase_error(y, k, level);
            phase += PHASE_RATE * error;
            turn += TURN_RATE * error;
        }
        phase += turn;
    }
    block->turn = (after->phase - place->phase) / GMSK_BLOCK;
}

/* Bits an odd number apart do not disturb each other, and those two apart do by -FAR: two chains, whose best
 * sequences are found forwards and backwards (max-log). gain[b][k]: best sum up to k with bit b there. */
static void chains_resolve(const float *u, float *soft)
{
    float ahead[GMSK_SPAN][2], back[GMSK_SPAN][2];
    for (unsigned k = 0; k < GMSK_SPAN; k++)
        for (unsigned b = 0; b < 2; b++) {
            float own = b ? u[k] : -u[k];
            float same = k >= 2 ? ahead[k - 2][b] + FAR : 0.0F,
                  other = k >= 2 ? ahead[k - 2][!b] - FAR : 0.0F;
            ahead[k][b] = own + (same > other ? same : other);
        }
    for (unsigned k = GMSK_SPAN; k-- > 0;)
        for (unsigned b = 0; b < 2; b++) {
            if (k + 2 >= GMSK_SPAN) {
                back[k][b] = 0.0F;
                continue;
            }
            float same = back[k + 2][b] + (b ? u[k + 2] : -u[k + 2]) + FAR;
            float other = back[k + 2][!b] + (b ? -u[k + 2] : u[k + 2]) - FAR;
            back[k][b] = same > other ? same : other;
        }
    for (unsigned k = 0; k < GMSK_BLOCK; k++)
        soft[k] = 0.5F * (ahead[k][1] + back[k][1] - ahead[k][0] - back[k][0]);
}

static void measure(const float *u, struct gmsk_block *block)
{
    float noise = 0.0F;
    for (unsigned k = 2; k < GMSK_BLOCK; k++) {
        float expected = sign_of(block->soft[k]);
        if (k + 2 < GMSK_BLOCK)
            expected -= FAR * (sign_of(block->soft[k - 2]) + sign_of(block->soft[k + 2]));
        noise += (u[k] - expected) * (u[k] - expected);
    }
    block->noise = noise / (GMSK_BLOCK - 2);
}

void gmsk_detect(const struct gmsk_window *window, const struct gmsk_filter *matched, double samples_a_bit,
                 const struct gmsk_place *place, struct gmsk_block *block, struct gmsk_place *after)
{
    float complex y[GMSK_SPAN];
    float u[GMSK_SPAN], level = 0.0F;
    derotate(window, matched, samples_a_bit, place, y, block, after);
    for (unsigned k = 0; k < GMSK_BLOCK; k++)
        level += fabsf(crealf(y[k])) / GMSK_BLOCK;
    block->level = level;
    float unit = level > 1e-12F ? 1.0F / level : 0.0F;
    for (unsigned k = 0; k < GMSK_SPAN; k++)
        u[k] = crealf(y[k]) * unit;
    chains_resolve(u, block->soft);
    measure(u, block);
}
