/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/signal_look.h"

#include <math.h>
#include <string.h>

/* Bits are compared: NaN is equal to NaN, and a driver that gives nothing else is as dead as one of zeros. */
static bool same(float a, float b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

void signal_look_execute(struct signal_look *look, const float *samples, size_t count, size_t stride)
{
    size_t clipped = 0;
    if (count == 0)
        return;
    float first = look->known ? look->last : samples[0];
    for (size_t i = 0; !look->alive && i < count; i++)
        look->alive = !same(samples[i * stride], first);
    for (size_t i = 0; i < count; i++)
        clipped += fabsf(samples[i * stride]) >= SIGNAL_LIMIT;
    look->last = samples[(count - 1) * stride];
    look->known = true;
    look->clipped += (double)clipped;
    look->samples += (double)count;
}
