/* SPDX-License-Identifier: Apache-2.0 */
#include "biphase_listen.h"

#include <string.h>

#define HOPELESS 0.3F /* whatever the bits' clock */
/* Of noise one in five millions; at 6 dB of what is left of Eb/N0 the mean is 0.89. */
#define LIKENESS 0.70F

void biphase_listen_reset(struct biphase_listen *listen, double rate_hz)
{
    memset(listen, 0, sizeof *listen);
    listen->slice = rate_hz / (BIPHASE_BIT_RATE * BIPHASE_SLICES_PER_BIT);
    listen->end = listen->slice;
}

/* Of the oldest 24 bits that d holds, were they of nominal length. */
static float look(struct biphase_listen *listen, float d)
{
    const uint64_t slices = listen->slices;
    float *to =
        &listen
             ->apart[slices % BIPHASE_SLICES_PER_BIT][slices / BIPHASE_SLICES_PER_BIT % BIPHASE_LISTEN_BITS];
    to[0] = to[BIPHASE_LISTEN_BITS] = d;
    if (slices + 1 < BIPHASE_SLICES_KNOWN)
        return 0.0F;
    uint64_t oldest = slices + 1 - BIPHASE_SLICES_KNOWN;
    return biphase_compare_real(&listen->apart[oldest % BIPHASE_SLICES_PER_BIT]
                                              [oldest / BIPHASE_SLICES_PER_BIT % BIPHASE_LISTEN_BITS]);
}
_Static_assert(BIPHASE_SLICES_KNOWN / BIPHASE_SLICES_PER_BIT < BIPHASE_LISTEN_BITS,
               "the oldest is still there");

/* One more slice: the difference that ends with it, and the 24 bits that end with that. */
static bool slice_push(struct biphase_listen *listen, float slice, struct biphase_find *find)
{
    static const double stretches[] = {1.0, 0.9933, 1.0067};
    unsigned at = (unsigned)(listen->slices % BIPHASE_SLICES_PER_BIT);
    listen->last[at] = listen->last[at + BIPHASE_SLICES_PER_BIT] = slice;
    const float *oldest = listen->last + at + 1;
    float d = oldest[0] + oldest[1] + oldest[2] + oldest[3] - oldest[4] - oldest[5] - oldest[6] - oldest[7];
    unsigned to = (unsigned)(listen->slices % BIPHASE_SLICES_KNOWN);
    listen->d[to] = listen->d[to + BIPHASE_SLICES_KNOWN] = d;
    const float nominal = look(listen, d);
    listen->slices++;
    if (nominal < HOPELESS)
        return false;
    const float complex *first = listen->d + to + 1;
    find->likeness = 0.0F;
    for (unsigned i = 0; i < sizeof stretches / sizeof *stretches; i++) {
        float likeness = i == 0 ? nominal : biphase_compare(first, stretches[i]);
        if (likeness <= find->likeness)
            continue;
        find->likeness = likeness;
        find->bit = BIPHASE_SLICES_PER_BIT * listen->slice * stretches[i];
    }
    /* d[0] is of the slices that began so many ago. */
    find->start =
        ((double)listen->slices - (BIPHASE_SLICES_KNOWN - 1) - BIPHASE_SLICES_PER_BIT) * listen->slice;
    find->turn = 0.0;
    find->power = 1.0F;
    return find->likeness > LIKENESS && listen->slices >= BIPHASE_SLICES_KNOWN + BIPHASE_SLICES_PER_BIT;
}

bool biphase_listen_push(struct biphase_listen *listen, float sample, struct biphase_find *find)
{
    double at = (double)listen->samples++;
    if (at + 1.0 < listen->end) {
        listen->sum += sample;
        return false;
    }
    float before = (float)(listen->end - at), slice = listen->sum + before * sample;
    listen->sum = (1.0F - before) * sample;
    bool found = slice_push(listen, slice, find);
    listen->end = listen->slice * (double)(listen->slices + 1);
    return found;
}
