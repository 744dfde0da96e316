/* SPDX-License-Identifier: Apache-2.0 */
#include "gmsk_detect.h"

#include <math.h>
#include <string.h>

#include "gmsk_pulse.h"

#define PHASE_RATE 0.045 /* of a bit's phase error that is made good at once */
#define TURN_RATE  0.0005
#define ERROR_MOST 0.8F
#define AGREE      0.8 /* radians */

enum { NEAR_BITS = 6 };

/* Correlation of the pulse with itself one and two bits away (computed from gmsk_pulse). */
#define NEAR 0.561F
#define FAR  0.0864F

static const float complex turn_of[4] = {1.0F, _Complex_I, -1.0F, -_Complex_I};

/* What bit k was, told by its own sample alone. */
static float sign_of(float value)
{
    return value < 0.0F ? -1.0F : 1.0F;
}

/* Phase error of bit k, whose neighbours are known. */
static float phase_error(const float complex *y, unsigned k, float level)
{
    float complex expected =
        sign_of(crealf(y[k])) + _Complex_I * NEAR * (sign_of(crealf(y[k - 1])) - sign_of(crealf(y[k + 1])));
    float error = level > 0.0F ? cimagf(y[k] * conjf(expected)) / level : 0.0F;
    return error > ERROR_MOST ? ERROR_MOST : error < -ERROR_MOST ? -ERROR_MOST : error;
}

/* The samples of a span with the carrier taken away by one walk along it. */
struct walk {
    float complex y[GMSK_SPAN];
    double phase[GMSK_SPAN]; /* of the carrier at each bit */
    double turn;             /* at its end */
    float level;
};

/* Takes the carrier away from sample k, the n-th of this walk. */
static void walk_step(struct walk *walk, const float complex *z, unsigned k, unsigned n, double phase)
{
    walk->phase[k] = phase;
    walk->y[k] = z[k] * (float complex)cexp(-(double complex)_Complex_I * phase);
    float size = fabsf(crealf(walk->y[k]));
    walk->level = n == 0 ? size : walk->level + (size - walk->level) / (float)(n < 32 ? n + 1 : 32);
}

static void walk_ahead(struct walk *walk, const float complex *z, const struct gmsk_place *place)
{
    double phase = place->phase;
    walk->turn = place->turn;
    for (unsigned k = 0; k < GMSK_SPAN; k++) {
        walk_step(walk, z, k, k, phase);
        double error = k >= 2 ? (double)phase_error(walk->y, k - 1, walk->level) : 0.0;
        walk->turn += TURN_RATE * error;
        phase += walk->turn + PHASE_RATE * error;
    }
}

/* From where the other one ended. */
static void walk_back(struct walk *walk, const float complex *z, const struct walk *ahead)
{
    double phase = ahead->phase[GMSK_SPAN - 1];
    walk->turn = ahead->turn;
    for (unsigned n = 0; n < GMSK_SPAN; n++) {
        unsigned k = GMSK_SPAN - 1 - n;
        walk_step(walk, z, k, n, phase);
        double error = n >= 2 ? (double)phase_error(walk->y, k + 1, walk->level) : 0.0;
        walk->turn -= TURN_RATE * error;
        phase += PHASE_RATE * error - walk->turn;
    }
}

/* How much of the samples around bit k is where bits are. */
static float near_size(const float complex *y, unsigned k)
{
    float sum = 0.0F;
    unsigned first = k > NEAR_BITS ? k - NEAR_BITS : 0;
    for (unsigned i = first; i < GMSK_SPAN && i <= k + NEAR_BITS; i++)
        sum += fabsf(crealf(y[i]));
    return sum;
}

/* Where both walks agree the truth lies midway. Where they do not, a fade has turned the carrier faster than
 * they follow: before it the one that came from there is right, and after it the other one. */
static void walks_join(struct walk *ahead, const struct walk *back, const float complex *z)
{
    float complex joined[GMSK_SPAN];
    for (unsigned k = 0; k < GMSK_SPAN; k++) {
        double apart = remainder(back->phase[k] - ahead->phase[k], 2.0 * M_PI);
        if (fabs(apart) < AGREE) {
            double phase = ahead->phase[k] + 0.5 * apart;
            joined[k] = z[k] * (float complex)cexp(-(double complex)_Complex_I * phase);
            continue;
        }
        joined[k] = near_size(back->y, k) > near_size(ahead->y, k) ? back->y[k] : ahead->y[k];
    }
    memcpy(ahead->y, joined, sizeof joined);
}

/* Samples of the matched filter with the carrier taken away: real but for the neighbours, which are
 * imaginary, for the phase of each bit lies a quarter turn from the next. */
static void derotate(const struct gmsk_window *window, const struct gmsk_filter *matched,
                     double samples_a_bit, const struct gmsk_place *place, struct walk *walk,
                     struct gmsk_block *block, struct gmsk_place *after)
{
    float complex z[GMSK_SPAN];
    struct walk back;
    struct gmsk_mixer mixer;
    gmsk_mixer_tune(&mixer, matched, place->turn / samples_a_bit);
    for (unsigned k = 0; k < GMSK_SPAN; k++)
        z[k] = gmsk_window_mix(window, matched, &mixer, place->at + k * samples_a_bit) * turn_of[k % 4];
    walk_ahead(walk, z, place);
    walk_back(&back, z, walk);
    block->turn = (walk->phase[GMSK_BLOCK] - place->phase) / GMSK_BLOCK;
    *after = (struct gmsk_place){place->at + GMSK_BLOCK * samples_a_bit, walk->phase[GMSK_BLOCK], walk->turn};
    walks_join(walk, &back, z);
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
    struct walk walk;
    float u[GMSK_SPAN], level = 0.0F;
    derotate(window, matched, samples_a_bit, place, &walk, block, after);
    for (unsigned k = 0; k < GMSK_BLOCK; k++)
        level += fabsf(crealf(walk.y[k])) / GMSK_BLOCK;
    block->level = level;
    float unit = level > 1e-12F ? 1.0F / level : 0.0F;
    for (unsigned k = 0; k < GMSK_SPAN; k++)
        u[k] = crealf(walk.y[k]) * unit;
    chains_resolve(u, block->soft);
    measure(u, block);
}
