/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/ear.h"

#include <math.h>

static const double look_s = 0.02, longest_s = 0.5; /* what was lost on the way is not heard either */

void guard_ear_execute(struct guard_ear *ear, const struct source_block *block,
                       const struct source_format *format, unsigned lane, const struct squelch *squelch)
{
    struct squelch_figures figures;
    uint64_t end = block->first_frame + block->frames;
    if (!ear->watch || !squelch || block->frames == 0)
        return;
    double passed_s = (double)(end - ear->told_frame) / format->rate_hz;
    if (passed_s < look_s)
        return;
    ear->told_frame = end;
    ear->look.alive = false;
    ear->look.clipped = ear->look.samples = 0.0;
    /* Of I and Q one is enough, and a constant pair must not look alive. */
    signal_look_execute(&ear->look, block->samples + (format->iq ? 0 : lane), block->frames, format->lanes);
    squelch_figures(squelch, &figures);
    noise_watch_execute(ear->watch, (double)figures.level_dbfs, fmin(passed_s, longest_s), ear->look.alive,
                        ear->look.clipped, ear->look.samples);
}
