/* SPDX-License-Identifier: Apache-2.0 */
#include "slicer.h"

#include <math.h>
#include <string.h>

#include "baseband.h"
#include "clean.h"

#define CLOCK_PHASE_GAIN 0.15F   /* of a transition's timing error */
#define CLOCK_DRIFT_GAIN 0.0005F /* second order: a transmitter's clock up to about 1 % off */
#define DRIFT_LIMIT      0.02F
#define SCALE_RATE       (1.0F / 32.0F) /* per bit */
#define LEVEL_RATE       (1.0F / 16.0F) /* per bit */
#define TWIST_MAX        2.0F           /* ratio of the levels: more is what single bits do not reach */
#define QUIET            1e-8F
#define RELIABILITY_UNIT 1500.0F /* of a decision of mean size */

void slicer_reset(struct slicer *slicer, bool bare, unsigned per_bit)
{
    memset(slicer, 0, sizeof *slicer);
    slicer->bare = bare;
    slicer->step_bits = 1.0F / (float)per_bit;
    slicer->mark_level = slicer->space_level = QUIET;
}

/* Non-coherent orthogonal tones of amplitudes a, b at a good Eb/N0: the likelier one is told by
 * a M - a^2/2 against b S - b^2/2 (ln I0(x) ~ x; Proakis, Digital Communications, section 4.5). */
static float compare(const struct slicer *slicer, float mark, float space)
{
    float a = slicer->mark_level, b = slicer->space_level;
    return slicer->bare ? mark - space : a * mark - b * space - 0.5F * (a * a - b * b);
}

static void learn(struct slicer *slicer, float x, float mark, float space)
{
    slicer->scale += SCALE_RATE * (fabsf(x) - slicer->scale);
    if (x > 0.0F)
        slicer->mark_level += LEVEL_RATE * (mark - slicer->mark_level);
    else
        slicer->space_level += LEVEL_RATE * (space - slicer->space_level);
    float louder = slicer->mark_level > slicer->space_level ? slicer->mark_level : slicer->space_level;
    louder = louder > QUIET ? louder : QUIET;
    slicer->mark_level = within(slicer->mark_level, louder / TWIST_MAX, louder);
    slicer->space_level = within(slicer->space_level, louder / TWIST_MAX, louder);
}

static void decide(struct slicer *slicer, double end, float x, struct bit_train *train)
{
    float cost = slicer->scale > 0.0F ? RELIABILITY_UNIT * fabsf(x) / slicer->scale : 0.0F;
    struct error_event event = {.mask = 1,
                                .reliability = (uint16_t)lrintf(within(cost, 0.0F, (float)UINT16_MAX))};
    bit_train_push(train, x > 0.0F, event, end);
}

void slicer_execute(struct slicer *slicer, float mark, float space, double end, struct bit_train *train)
{
    float x = compare(slicer, mark, space);
    float step = (1.0F + slicer->drift) * slicer->step_bits;
    slicer->phase += step;
    if ((x > 0.0F) != (slicer->before > 0.0F)) {
        float since = x / (x - slicer->before); /* part of a sample since the change */
        float error = slicer->phase - since * step;
        error -= (float)lrintf(error);
        slicer->phase -= CLOCK_PHASE_GAIN * error;
        slicer->drift -= CLOCK_DRIFT_GAIN * error;
        slicer->drift = within(slicer->drift, -DRIFT_LIMIT, DRIFT_LIMIT);
    }
    if (slicer->phase >= 0.5F) {
        float late = within((slicer->phase - 0.5F) / step, 0.0F, 1.0F);
        double samples = (double)(late * slicer->step_bits) * BASEBAND_PER_BIT;
        decide(slicer, end - samples, x - late * (x - slicer->before), train);
        learn(slicer, x, mark, space);
        slicer->phase -= 1.0F;
    }
    slicer->before = x;
}
