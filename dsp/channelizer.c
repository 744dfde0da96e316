/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/dsp/channelizer.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <fftw3.h>

#include "band_blocks.h"
#include "band_floor.h"

#define INPUT_LIMIT   1e6F
#define LEVEL_HALF_HZ 5000.0

/* All channels of one width. */
struct width {
    unsigned bins;      /* of the forward FFT, and points of the inverse one; 0: nobody wants it */
    unsigned hop;       /* outputs of a block */
    unsigned lead;      /* outputs of an inverse FFT before the first that is right */
    float *mask;        /* [size: bins] from the lowest frequency to the highest */
    fftwf_plan inverse; /* bins -> time */
};

struct lane {
    const struct width *width;
    unsigned bin;            /* of the forward FFT, nearest to the channel's centre */
    double turns_per_output; /* from that bin to the centre */
};

struct channelizer {
    struct band_blocks blocks;
    unsigned widest; /* bins */
    unsigned filled, count;
    uint64_t block; /* the one being filled */
    fftwf_plan forward;
    struct band_floor *floor;                /* NULL: cannot be known */
    float complex *input, *spectrum;         /* [size: blocks.size], [size: blocks.size + widest] */
    float complex *bins, *time;              /* [size: widest] */
    struct width widths[BAND_UNITS_MAX + 1]; /* of so many units */
    struct lane lanes[];
};

double channelizer_rate_hz(double band_rate_hz, double rate_hz)
{
    struct band_blocks blocks;
    if (!band_rate_valid(band_rate_hz))
        return NAN;
    band_blocks_init(&blocks, band_rate_hz);
    return band_rate_hz * band_bins(&blocks, band_units(&blocks, rate_hz)) / blocks.size;
}

bool channelizer_reaches(double band_rate_hz, double offset_hz)
{
    return fabs(offset_hz) <= fmax(band_rate_hz / 2.0 - CHANNELIZER_EDGE_HZ, 0.0);
}

static bool width_create(struct channelizer *c, unsigned units)
{
    struct width *width = &c->widths[units];
    width->mask = malloc(width->bins * sizeof *width->mask);
    width->inverse = fftwf_plan_dft_1d((int)width->bins, c->bins, c->time, FFTW_BACKWARD, FFTW_ESTIMATE);
    if (!width->mask || !width->inverse)
        return false;
    band_mask(&c->blocks, units, 1.0 / c->blocks.size, width->mask);
    return true;
}

/* Measured plans are a fifth faster and take seconds to make. */
static bool create_plans(struct channelizer *c)
{
    int size = (int)c->blocks.size;
    c->forward = fftwf_plan_dft_1d(size, c->input, c->spectrum, FFTW_FORWARD, FFTW_ESTIMATE);
    for (unsigned units = 0; units <= BAND_UNITS_MAX; units++)
        if (c->widths[units].bins > 0 && !width_create(c, units))
            return false;
    return c->forward != NULL;
}

static enum atalaya_result create_transforms(struct channelizer *c)
{
    c->input = fftwf_malloc(c->blocks.size * sizeof *c->input);
    c->spectrum = fftwf_malloc((c->blocks.size + c->widest) * sizeof *c->spectrum);
    c->bins = fftwf_malloc((c->widest + 1) * sizeof *c->bins);
    c->time = fftwf_malloc((c->widest + 1) * sizeof *c->time);
    if (!c->input || !c->spectrum || !c->bins || !c->time || !band_planner_lock())
        return ATALAYA_E_MEMORY;
    bool planned = create_plans(c);
    band_planner_unlock();
    return planned ? ATALAYA_OK : ATALAYA_E_MEMORY;
}

static bool channels_valid(double rate_hz, const struct channelizer_channel *channels, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (!channelizer_reaches(rate_hz, channels[i].offset_hz) ||
            !(channels[i].rate_hz >= 0.0 && channels[i].rate_hz <= CHANNELIZER_TOP_RATE_HZ))
            return false;
    return band_rate_valid(rate_hz);
}

static void lane_init(struct channelizer *c, struct lane *lane, const struct channelizer_channel *channel)
{
    unsigned units = band_units(&c->blocks, channel->rate_hz), size = c->blocks.size;
    struct width *width = &c->widths[units];
    double bin = channel->offset_hz * size / c->blocks.rate_hz, whole = round(bin);
    width->bins = band_bins(&c->blocks, units);
    width->hop = band_hop(&c->blocks, units);
    width->lead = band_lead(&c->blocks, units);
    c->widest = width->bins > c->widest ? width->bins : c->widest;
    lane->width = width;
    lane->bin = (unsigned)((int64_t)whole + size) % size;
    lane->turns_per_output = fabs(bin - whole) < 1e-9 ? 0.0 : (bin - whole) / width->bins;
}

enum atalaya_result channelizer_create(struct channelizer **channelizer, double band_rate_hz,
                                       const struct channelizer_channel *channels, unsigned count)
{
    if (!channels_valid(band_rate_hz, channels, count))
        return ATALAYA_E_ARGUMENT;
    struct channelizer *c = calloc(1, sizeof *c + count * sizeof c->lanes[0]);
    if (!c)
        return ATALAYA_E_MEMORY;
    band_blocks_init(&c->blocks, band_rate_hz);
    c->count = count;
    for (unsigned i = 0; i < count; i++)
        lane_init(c, &c->lanes[i], &channels[i]);
    if (create_transforms(c) != ATALAYA_OK || !band_floor_create(&c->floor, &c->blocks)) {
        channelizer_destroy(c);
        return ATALAYA_E_MEMORY;
    }
    channelizer_reset(c);
    *channelizer = c;
    return ATALAYA_OK;
}

/* In front of the first block lies silence. */
void channelizer_reset(struct channelizer *c)
{
    memset(c->input, 0, c->blocks.lead * sizeof *c->input);
    c->filled = c->blocks.lead;
    c->block = 0;
    if (c->floor)
        band_floor_skip(c->floor);
}

void channelizer_destroy(struct channelizer *c)
{
    if (!c)
        return;
    bool locked = band_planner_lock();
    if (c->forward)
        fftwf_destroy_plan(c->forward);
    for (unsigned units = 0; units <= BAND_UNITS_MAX; units++)
        if (c->widths[units].inverse)
            fftwf_destroy_plan(c->widths[units].inverse);
    if (locked)
        band_planner_unlock();
    for (unsigned units = 0; units <= BAND_UNITS_MAX; units++)
        free(c->widths[units].mask);
    band_floor_destroy(c->floor);
    fftwf_free(c->input);
    fftwf_free(c->spectrum);
    fftwf_free(c->bins);
    fftwf_free(c->time);
    free(c);
}

double channelizer_input_time(const struct channelizer *c, unsigned index, double sample)
{
    const struct width *width = c->lanes[index].width;
    return (sample + width->lead) * c->blocks.size / width->bins - c->blocks.lead;
}

double channelizer_delay_s(const struct channelizer *c)
{
    return c->blocks.size / c->blocks.rate_hz;
}

static void take_clean(float complex *to, const float complex *from, size_t count)
{
    float *out = (float *)to;
    const float *in = (const float *)from;
    for (size_t i = 0; i < 2 * count; i++)
        out[i] = fabsf(in[i]) <= INPUT_LIMIT ? in[i] : 0.0F; /* not a number: neither */
}

bool channelizer_execute(struct channelizer *c, const float complex *iq, size_t count, size_t *taken)
{
    size_t room = c->blocks.size - c->filled;
    *taken = count < room ? count : room;
    take_clean(c->input + c->filled, iq, *taken);
    c->filled += (unsigned)*taken;
    if (c->filled < c->blocks.size)
        return false;
    fftwf_execute(c->forward);
    memcpy(c->spectrum + c->blocks.size, c->spectrum, c->widest * sizeof *c->spectrum); /* it is a circle */
    c->filled = c->blocks.size - c->blocks.advance;
    memmove(c->input, c->input + c->blocks.advance, c->filled * sizeof *c->input);
    c->block++;
    if (c->floor)
        band_floor_execute(c->floor, c->spectrum);
    return true;
}

struct channelizer_level channelizer_level(const struct channelizer *c, unsigned index)
{
    const unsigned size = c->blocks.size, bin = c->lanes[index].bin;
    unsigned half = (unsigned)(LEVEL_HALF_HZ * size / c->blocks.rate_hz);
    half = half < (size - 1) / 2 ? half : (size - 1) / 2;
    unsigned at = (bin + size - half) % size;
    float sum = 0.0F;
    for (unsigned i = 0; i <= 2 * half; i++) {
        float re = crealf(c->spectrum[at]), im = cimagf(c->spectrum[at]);
        sum += re * re + im * im;
        at = at + 1 < size ? at + 1 : 0;
    }
    float scale = 1.0F / ((float)size * (float)size);
    float floor = c->floor ? band_floor_at(c->floor, bin) * (float)(2 * half + 1) : 0.0F;
    return (struct channelizer_level){.power = sum * scale, .floor = floor * scale};
}

double channelizer_block_s(double band_rate_hz)
{
    struct band_blocks blocks;
    if (!band_rate_valid(band_rate_hz))
        return NAN;
    band_blocks_init(&blocks, band_rate_hz);
    return blocks.advance / blocks.rate_hz;
}

/* The bin's carrier starts anew with each block; where it would be had it run on is a whole number of parts
 * of a turn. */
static double complex block_turn(const struct channelizer *c, const struct lane *lane)
{
    const uint64_t size = c->blocks.size;
    uint64_t start = (c->block - 1) % size * c->blocks.advance + size - c->blocks.lead;
    uint64_t parts = start % size * lane->bin % size;
    double outputs = (double)(c->block - 1) * lane->width->hop;
    double turns = (double)parts / (double)size + remainder(outputs * lane->turns_per_output, 1.0);
    return cexp(-2.0 * M_PI * turns * (double complex)_Complex_I);
}

const float complex *channelizer_give(struct channelizer *c, unsigned index, size_t *count)
{
    const struct lane *lane = &c->lanes[index];
    const struct width *width = lane->width;
    unsigned low = width->bins / 2, high = width->bins - low; /* of the bins around the centre */
    const float complex *from = c->spectrum + (lane->bin + c->blocks.size - low) % c->blocks.size;
    for (unsigned b = 0; b < low; b++)
        c->bins[b + high] = width->mask[b] * from[b];
    for (unsigned b = 0; b < high; b++)
        c->bins[b] = width->mask[b + low] * from[b + low];
    fftwf_execute(width->inverse);
    float complex turn = (float complex)block_turn(c, lane), *out = c->time + width->lead;
    double angle = -2.0 * M_PI * lane->turns_per_output;
    float complex step = (float complex)cexp(angle * (double complex)_Complex_I);
    *count = width->hop;
    if (lane->turns_per_output != 0.0)
        for (unsigned i = 0; i < width->hop; i++, turn *= step)
            out[i] *= turn;
    else
        for (unsigned i = 0; i < width->hop; i++)
            out[i] *= turn;
    return out;
}
