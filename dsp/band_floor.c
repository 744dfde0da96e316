/* SPDX-License-Identifier: Apache-2.0 */
#include "band_floor.h"

#include <math.h>
#include <stdlib.h>

enum {
    GROUPS_LEAST = 16,   /* else the neighbourhood may be one conversation */
    STRIDE = 4,          /* a group is looked at in every fourth block */
    SMOOTHING = 8,       /* looks: half a second */
    REACH = 32,          /* groups of the neighbourhood to either side: 400 kHz */
    LEVELS = 16,         /* of a second's smallest; so many seconds are remembered */
    BLOCKS_A_LEVEL = 64, /* a second */
    FIRST_LEVEL = 16
};
#define GROUP_HZ 12500.0
#define QUANTILE 0.1

struct group {
    float power; /* mean of a bin, smoothed; 0: not looked at so far */
    float level; /* what a tenth of the neighbourhood stays below */
    float past[LEVELS];
    float floor;
};

struct band_floor {
    unsigned size, bins, count; /* bins of a group */
    unsigned turn;              /* of the stride */
    unsigned blocks;            /* since the last level */
    unsigned levels;            /* made so far */
    bool skip;
    float sorted[2 * REACH + 1];
    struct group groups[];
};

bool band_floor_create(struct band_floor **floor, const struct band_blocks *blocks)
{
    unsigned bins = (unsigned)lround(GROUP_HZ * blocks->size / blocks->rate_hz);
    unsigned count = blocks->size / (bins > 0 ? bins : 1);
    *floor = NULL;
    if (count < GROUPS_LEAST)
        return true;
    struct band_floor *made = calloc(1, sizeof *made + count * sizeof made->groups[0]);
    if (!made)
        return false;
    made->size = blocks->size;
    made->bins = bins;
    made->count = count;
    made->skip = true;
    *floor = made;
    return true;
}

void band_floor_destroy(struct band_floor *floor)
{
    free(floor);
}

void band_floor_skip(struct band_floor *floor)
{
    floor->skip = true;
}

/* Groups lie side by side from the lowest frequency on; spectra begin with the middle. */
static void look(struct band_floor *floor, struct group *group, unsigned index, const float complex *spectrum)
{
    unsigned at = (floor->size - floor->size / 2 + index * floor->bins) % floor->size;
    float sum = 0.0F;
    for (unsigned i = 0; i < floor->bins; i++) {
        float re = crealf(spectrum[at]), im = cimagf(spectrum[at]);
        sum += re * re + im * im;
        at = at + 1 < floor->size ? at + 1 : 0;
    }
    float power = sum / (float)floor->bins;
    group->power = group->power > 0.0F ? group->power + (power - group->power) / SMOOTHING : power;
}

static int by_value(const void *a, const void *b)
{
    const float first = *(const float *)a, second = *(const float *)b;
    return (first > second) - (first < second);
}

/* A new level of a group, and the least of those remembered. */
static void judge(struct band_floor *floor, unsigned index)
{
    struct group *group = &floor->groups[index];
    unsigned from = index > REACH ? index - REACH : 0, count = 0;
    for (unsigned i = from; i < floor->count && i <= index + REACH; i++)
        floor->sorted[count++] = floor->groups[i].power;
    qsort(floor->sorted, count, sizeof floor->sorted[0], by_value);
    group->past[floor->levels % LEVELS] = floor->sorted[(unsigned)(QUANTILE * count)];
    group->floor = group->past[0];
    for (unsigned i = 1; i < LEVELS && i <= floor->levels; i++)
        group->floor = fminf(group->floor, group->past[i]);
}

void band_floor_execute(struct band_floor *floor, const float complex *spectrum)
{
    if (floor->skip) {
        floor->skip = false;
        return;
    }
    for (unsigned i = floor->turn; i < floor->count; i += STRIDE)
        look(floor, &floor->groups[i], i, spectrum);
    floor->turn = (floor->turn + 1) % STRIDE;
    if (++floor->blocks < (floor->levels > 0 ? BLOCKS_A_LEVEL : FIRST_LEVEL))
        return;
    floor->blocks = 0;
    for (unsigned i = 0; i < floor->count; i++)
        judge(floor, i);
    floor->levels++;
}

float band_floor_at(const struct band_floor *floor, unsigned bin)
{
    unsigned from_low = (bin + floor->size / 2) % floor->size;
    unsigned index = from_low / floor->bins;
    return floor->groups[index < floor->count ? index : floor->count - 1].floor;
}
