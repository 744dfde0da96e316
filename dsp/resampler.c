/* SPDX-License-Identifier: Apache-2.0 */
#include "resampler.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <liquid/liquid.h>

#include "kaiser.h"

#define RATIO_MOST 3.0
#define WHOLE      4294967296.0 /* an input's length in units of the phase */

struct resampler {
    firpfb_crcf bank;
    uint64_t phase, step; /* of the next output behind the newest input; from one output to the next */
    unsigned shift;       /* the phase's upper bits are the number of a filter */
};

static firpfb_crcf bank_create(const struct resampler_settings *settings)
{
    const unsigned count = 2 * settings->half * settings->phases + 1;
    float *taps = malloc(count * sizeof *taps);
    double sum = 0.0;
    if (!taps)
        return NULL;
    kaiser_lowpass(taps, count, settings->cutoff / settings->phases, settings->stop_db);
    for (unsigned i = 0; i < count; i++)
        sum += (double)taps[i];
    for (unsigned i = 0; i < count; i++)
        taps[i] = (float)((double)taps[i] * settings->phases / sum);
    firpfb_crcf bank = firpfb_crcf_create(settings->phases, taps, count - 1);
    free(taps);
    return bank;
}

enum atalaya_result resampler_create(struct resampler **resampler, const struct resampler_settings *settings)
{
    unsigned bits = 0;
    while (bits < 16 && 1U << bits < settings->phases)
        bits++;
    if (settings->half == 0 || settings->phases != 1U << bits ||
        !(settings->ratio > 0.0 && settings->ratio <= RATIO_MOST) ||
        !(settings->cutoff > 0.0 && settings->cutoff < 0.5))
        return ATALAYA_E_ARGUMENT;
    struct resampler *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->step = (uint64_t)(WHOLE / settings->ratio + 0.5);
    made->shift = 32 - bits;
    made->bank = bank_create(settings);
    if (!made->bank) {
        free(made);
        return ATALAYA_E_MEMORY;
    }
    *resampler = made;
    return ATALAYA_OK;
}

void resampler_reset(struct resampler *resampler)
{
    if (!resampler)
        return;
    firpfb_crcf_reset(resampler->bank);
    resampler->phase = 0;
}

void resampler_destroy(struct resampler *resampler)
{
    if (!resampler)
        return;
    firpfb_crcf_destroy(resampler->bank);
    free(resampler);
}

unsigned resampler_execute(struct resampler *resampler, float complex in,
                           float complex out[RESAMPLER_OUT_MAX])
{
    unsigned made = 0;
    firpfb_crcf_push(resampler->bank, in);
    for (; resampler->phase <= UINT32_MAX && made < RESAMPLER_OUT_MAX; resampler->phase += resampler->step)
        firpfb_crcf_execute(resampler->bank, (unsigned)(resampler->phase >> resampler->shift), &out[made++]);
    resampler->phase -= (uint64_t)UINT32_MAX + 1;
    return made;
}
