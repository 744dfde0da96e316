/* SPDX-License-Identifier: Apache-2.0 */
#include "slicer.h"

#include <math.h>
#include <string.h>

#include "baseband.h"

#define CLOCK_PHASE_GAIN 0.15F   /* of a transition's timing error */
#define CLOCK_DRIFT_GAIN 0.0005F /* second order: a transmitter's clock up to about 1 % off */
#define DRIFT_LIMIT      0.02F
#define SCALE_GAIN       (1.0F / 32.0F) /* per bit */
#define SOFT_AT_SCALE    64.0F

void slicer_reset(struct slicer *slicer, float twist_db)
{
    memset(slicer, 0, sizeof *slicer);
    float ratio = powf(10.0F, twist_db / 20.0F);
    slicer->mark_weight = sqrtf(2.0F / (1.0F + ratio * ratio));
    slicer->space_weight = ratio * slicer->mark_weight;
    /* Non-coherent orthogonal tones of amplitudes a, b at a good Eb/N0: the likelier one is told by
     * a M - a^2/2 against b S - b^2/2 (ln I0(x) ~ x; Proakis, Digital Communications, section 4.5). */
    slicer->bias =
        0.5F * (slicer->mark_weight * slicer->mark_weight - slicer->space_weight * slicer->space_weight);
}

static void decide(struct slicer *slicer, uint64_t index, float x, float before, struct bit_train *train)
{
    slicer->scale += SCALE_GAIN * (fabsf(x) - slicer->scale);
    float soft = slicer->scale > 0.0F ? SOFT_AT_SCALE * x / slicer->scale : 0.0F;
    /* The window's last sample is at index - before; the bit ends half a sample later. */
    bit_train_push(train, soft, index + 1, before + 0.5F);
}

void slicer_execute(struct slicer *slicer, uint64_t index, const struct tone_levels *levels,
                    struct bit_train *train)
{
    float x = slicer->mark_weight * levels->mark - slicer->space_weight * levels->space -
              slicer->bias * levels->level;
    float step = (1.0F + slicer->drift) / (float)BASEBAND_PER_BIT;
    slicer->phase += step;
    if ((x > 0.0F) != (slicer->before > 0.0F)) {
        float since = x / (x - slicer->before); /* part of a sample since the change */
        float error = slicer->phase - since * step;
        error -= roundf(error);
        slicer->phase -= CLOCK_PHASE_GAIN * error;
        slicer->drift -= CLOCK_DRIFT_GAIN * error;
        slicer->drift = fminf(fmaxf(slicer->drift, -DRIFT_LIMIT), DRIFT_LIMIT);
    }
    if (slicer->phase >= 0.5F) {
        float late = fminf((slicer->phase - 0.5F) / step, 1.0F);
        decide(slicer, index, x - late * (x - slicer->before), late, train);
        slicer->phase -= 1.0F;
    }
    slicer->before = x;
}
