/* SPDX-License-Identifier: Apache-2.0 */
/* Is the gain right? How loud samples are, and what to do about it, in words for whoever turns the knob. */
#ifndef ATALAYA_LEVEL_H
#define ATALAYA_LEVEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct level {
    float least, most; /* sample, nominal -1 to 1 */
    uint64_t count, clipped;
};

void level_reset(struct level *level);
/* samples [size: count], all lanes together. */
void level_execute(struct level *level, const float *samples, size_t count);
/* The largest sample, whatever its sign; 0 when there was none. */
float level_peak(const struct level *level);
/* What is wrong and what to do; NULL: nothing. *grave: it will not decode well; else it may be right, behind
 * a closed squelch. radio: of a software radio, whose gain is set otherwise. */
const char *level_advice(const struct level *level, bool radio, bool *grave);

#endif
