/* SPDX-License-Identifier: Apache-2.0 */
#include "tone_memory.h"

#include <math.h>

#define SHARE_MOST 0.999F /* 30 dB: beyond it the window's leakage is measured */

void tone_memory_reset(struct tone_memory *memory)
{
    memory->count = 0;
}

void tone_memory_push(struct tone_memory *memory, const struct tone_moment *moment)
{
    memory->moments[memory->count++ % TONE_MEMORY_FRAMES] = *moment;
}

/* Where one tone follows another, and in pauses, the strongest has only part of the power: the upper half of
 * the shares is the tones'. */
static float typical_share(const struct tone_memory *memory, uint64_t first, uint64_t end)
{
    unsigned bins[64] = {0}, seen = 0;
    for (uint64_t i = first; i < end; i++) {
        float share = fminf(fmaxf(memory->moments[i % TONE_MEMORY_FRAMES].share, 0.0F), 1.0F);
        bins[(unsigned)(share * 63.0F)]++;
    }
    unsigned bin = 63;
    for (; bin > 0 && (seen += bins[bin]) * 3 < end - first; bin--)
        ;
    float sum = 0.0F;
    unsigned count = 0;
    for (uint64_t i = first; i < end; i++) {
        float share = memory->moments[i % TONE_MEMORY_FRAMES].share;
        if (share * 63.0F < (float)bin)
            continue;
        sum += share;
        count++;
    }
    return count ? sum / (float)count : 0.0F;
}

enum atalaya_result tone_memory_measure(const struct tone_memory *memory, uint64_t first, uint64_t end,
                                        struct burst_figures *figures)
{
    uint64_t oldest = memory->count > TONE_MEMORY_FRAMES ? memory->count - TONE_MEMORY_FRAMES : 0;
    if (first < oldest || end > memory->count || first >= end)
        return ATALAYA_E_RANGE;
    double power = 0.0;
    *figures = (struct burst_figures){
        .first_sample = (double)NAN, .end_sample = (double)NAN, .offset_hz = NAN, .deviation_hz = NAN};
    for (uint64_t i = first; i < end; i++) {
        const struct tone_moment *moment = &memory->moments[i % TONE_MEMORY_FRAMES];
        power += (double)moment->power / (double)(end - first);
        figures->peak = fmaxf(figures->peak, moment->peak);
    }
    float share = fminf(typical_share(memory, first, end), SHARE_MOST);
    figures->level_dbfs = power > 0.0 ? (float)(10.0 * log10(power)) : NAN;
    figures->snr_db = share > 0.0F ? 10.0F * log10f(share / (1.0F - share)) : NAN;
    return ATALAYA_OK;
}
