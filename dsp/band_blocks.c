/* SPDX-License-Identifier: Apache-2.0 */
#include "band_blocks.h"

#include <math.h>
#include <threads.h>

#include "atalaya/dsp/channelizer.h"
#include "kaiser.h"

enum {
    TAPS = 65, /* of a channel's filter at its own rate: 3.4 ms of the narrowest */
    RAW = 48,  /* bins in which rates that do not fit are rounded */
    PRIME_MAX = 13
};
#define SPAN_S  0.020 /* of a block, so that bins are 50 Hz apart and a raster falls on them */
#define CUT     (8850.0 / CHANNELIZER_UNIT_RATE_HZ)
#define STOP_DB 76.0F

static once_flag planner_once = ONCE_FLAG_INIT;
static mtx_t planner_lock;
static bool planner_usable;

static void planner_prepare(void)
{
    planner_usable = mtx_init(&planner_lock, mtx_plain) == thrd_success;
}

bool band_planner_lock(void)
{
    call_once(&planner_once, planner_prepare);
    return planner_usable && mtx_lock(&planner_lock) == thrd_success;
}

void band_planner_unlock(void)
{
    (void)mtx_unlock(&planner_lock);
}

static unsigned common_divisor(unsigned a, unsigned b)
{
    while (b > 0) {
        unsigned rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Fast to transform, and with whole numbers of samples of band and channel in a block. */
static bool size_fits(unsigned size)
{
    if (size > BAND_UNIT && common_divisor(size, BAND_UNIT) < 8)
        return false;
    for (unsigned prime = 2; prime <= PRIME_MAX; prime++)
        while (size % prime == 0)
            size /= prime;
    return size == 1;
}

static unsigned size_choose(double rate_hz)
{
    double exact = rate_hz * SPAN_S;
    if (fabs(exact - round(exact)) < 1e-9 && size_fits((unsigned)round(exact)))
        return (unsigned)round(exact);
    unsigned near = (unsigned)(exact / RAW) * RAW;
    while (!size_fits(near)) /* multiples of 48 that a power of two times 48 ends at the latest */
        near += RAW;
    return near;
}

bool band_rate_valid(double rate_hz)
{
    return rate_hz >= CHANNELIZER_LEAST_RATE_HZ && rate_hz <= CHANNELIZER_MOST_RATE_HZ;
}

/* A block is the same time for channels of every width, and whole numbers of samples of each. */
void band_blocks_init(struct band_blocks *blocks, double rate_hz)
{
    *blocks = (struct band_blocks){.rate_hz = rate_hz, .size = size_choose(rate_hz)};
    if (blocks->size <= BAND_UNIT) { /* nobody filters: nothing overlaps */
        blocks->advance = blocks->size;
        return;
    }
    unsigned divisor = common_divisor(blocks->size, BAND_UNIT), part = BAND_UNIT / divisor;
    blocks->unit_hop = (BAND_UNIT - TAPS + 1) / part * part;
    blocks->unit_lead = (BAND_UNIT - blocks->unit_hop) / 2;
    blocks->advance = blocks->unit_hop / part * (blocks->size / divisor);
    blocks->lead = (unsigned)((unsigned long long)blocks->unit_lead * blocks->size / BAND_UNIT);
}

unsigned band_units(const struct band_blocks *blocks, double rate_hz)
{
    unsigned units = 1;
    while (units < BAND_UNITS_MAX && units * CHANNELIZER_UNIT_RATE_HZ < rate_hz - 1.0)
        units++;
    return units * BAND_UNIT < blocks->size ? units : 0;
}

unsigned band_bins(const struct band_blocks *blocks, unsigned units)
{
    return units > 0 ? units * BAND_UNIT : blocks->size;
}

unsigned band_hop(const struct band_blocks *blocks, unsigned units)
{
    return units > 0 ? units * blocks->unit_hop : blocks->advance;
}

unsigned band_lead(const struct band_blocks *blocks, unsigned units)
{
    return units > 0 ? units * blocks->unit_lead : blocks->lead;
}

/* A linear-phase low-pass, its phase taken away: an output lies where its input lay. Computed at the
 * channel's rate, where the filter's spectrum ends before the bins do. The whole band has none. */
void band_mask(const struct band_blocks *blocks, unsigned units, double scale, float *mask)
{
    float taps[TAPS], sum = 0.0F;
    int bins = (int)band_bins(blocks, units);
    kaiser_lowpass(taps, TAPS, CUT, STOP_DB);
    for (int i = 0; i < TAPS; i++)
        sum += taps[i];
    for (int b = 0; b < bins; b++) {
        double gain = 0.0, turn = 2.0 * M_PI * (b - bins / 2) / bins;
        for (int i = 0; i < TAPS; i++)
            gain += (double)taps[i] * cos(turn * (i - TAPS / 2));
        mask[b] = (float)(scale * (units > 0 ? gain / (double)sum : 1.0));
    }
}
