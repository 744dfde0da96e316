/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/dsp/channelizer.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

#include <fftw3.h>
#include <liquid/liquid.h>

enum {
    UNIT = 384,     /* points of the narrowest channel's inverse FFT: 20 ms at 19,200 S/s */
    UNITS_MAX = 20, /* of a channel; 384,000 S/s */
    TAPS = 65,      /* of a channel's filter at its own rate: 3.4 ms of the narrowest */
    RAW = 48,       /* bins in which rates that do not fit are rounded */
    PRIME_MAX = 13
};
#define SPAN_S      0.020 /* of one forward FFT, so that bins are 50 Hz apart and a raster falls on them */
#define CUT         (8850.0 / CHANNELIZER_UNIT_RATE_HZ)
#define STOP_DB     76.0F
#define INPUT_LIMIT 1e6F

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
    double rate_hz;
    unsigned size;    /* of the forward FFT */
    unsigned advance; /* input samples from block to block */
    unsigned lead_in; /* input samples of silence put in front */
    unsigned widest;  /* bins */
    unsigned filled, count;
    uint64_t block; /* the one being filled */
    fftwf_plan forward;
    float complex *input, *spectrum;    /* [size: size], [size: size + widest] */
    float complex *bins, *time;         /* [size: widest] */
    struct width widths[UNITS_MAX + 1]; /* of so many units; the last one is the whole band */
    struct lane lanes[];
};

/* FFTW's planner is not to be used by two threads at once. */
static once_flag planner_once = ONCE_FLAG_INIT;
static mtx_t planner_lock;
static bool planner_usable;

static void planner_prepare(void)
{
    planner_usable = mtx_init(&planner_lock, mtx_plain) == thrd_success;
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

/* Fast to transform, and with whole numbers of inputs and outputs in a block. */
static bool size_fits(unsigned size)
{
    if (size > UNIT && common_divisor(size, UNIT) < 8)
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

static bool rate_valid(double rate_hz)
{
    return rate_hz >= CHANNELIZER_LEAST_RATE_HZ && rate_hz <= CHANNELIZER_MOST_RATE_HZ;
}

/* Units of a channel that wants rate_hz; 0: the whole band. */
static unsigned units_choose(unsigned size, double rate_hz)
{
    unsigned units = 1;
    while (units < UNITS_MAX && units * CHANNELIZER_UNIT_RATE_HZ < rate_hz - 1.0)
        units++;
    return units * UNIT < size ? units : 0;
}

double channelizer_rate_hz(double band_rate_hz, double rate_hz)
{
    if (!rate_valid(band_rate_hz))
        return NAN;
    unsigned size = size_choose(band_rate_hz), units = units_choose(size, rate_hz);
    return units > 0 ? band_rate_hz * (units * UNIT) / size : band_rate_hz;
}

bool channelizer_reaches(double band_rate_hz, double offset_hz)
{
    return fabs(offset_hz) <= fmax(band_rate_hz / 2.0 - CHANNELIZER_EDGE_HZ, 0.0);
}

/* A linear-phase low-pass, its phase taken away: an output lies where its input lay. Computed at the
 * channel's rate, where the filter's spectrum ends before the bins do. The whole band has none. */
static void mask_design(const struct channelizer *c, struct width *width)
{
    float taps[TAPS], sum = 0.0F;
    int bins = (int)width->bins;
    (void)liquid_firdes_kaiser(TAPS, (float)CUT, STOP_DB, 0.0F, taps);
    for (int i = 0; i < TAPS; i++)
        sum += taps[i];
    for (int b = 0; b < bins; b++) {
        double gain = 0.0, turn = 2.0 * M_PI * (b - bins / 2) / bins;
        for (int i = 0; i < TAPS; i++)
            gain += (double)taps[i] * cos(turn * (i - TAPS / 2));
        width->mask[b] =
            width->bins == c->size ? 1.0F / (float)c->size : (float)(gain / (double)sum / c->size);
    }
}

/* A block is the same time for channels of every width, and whole numbers of samples of each. */
static void set_geometry(struct channelizer *c)
{
    if (c->size <= UNIT) { /* nobody filters: nothing overlaps */
        c->advance = c->size;
        c->widths[0].hop = c->size;
        return;
    }
    unsigned divisor = common_divisor(c->size, UNIT), part = UNIT / divisor;
    unsigned hop = (UNIT - TAPS + 1) / part * part, lead = (UNIT - hop) / 2;
    c->advance = hop / part * (c->size / divisor);
    c->lead_in = (unsigned)((uint64_t)lead * c->size / UNIT);
    c->widths[0].hop = c->advance;
    c->widths[0].lead = c->lead_in;
    for (unsigned units = 1; units <= UNITS_MAX; units++) {
        c->widths[units].hop = hop * units;
        c->widths[units].lead = lead * units;
    }
}

static bool width_create(struct channelizer *c, struct width *width)
{
    width->mask = malloc(width->bins * sizeof *width->mask);
    width->inverse = fftwf_plan_dft_1d((int)width->bins, c->bins, c->time, FFTW_BACKWARD, FFTW_ESTIMATE);
    if (!width->mask || !width->inverse)
        return false;
    mask_design(c, width);
    return true;
}

/* Measured plans are a fifth faster and take seconds to make. */
static bool create_plans(struct channelizer *c)
{
    c->forward = fftwf_plan_dft_1d((int)c->size, c->input, c->spectrum, FFTW_FORWARD, FFTW_ESTIMATE);
    for (unsigned w = 0; w <= UNITS_MAX; w++)
        if (c->widths[w].bins > 0 && !width_create(c, &c->widths[w]))
            return false;
    return c->forward != NULL;
}

static enum atalaya_result create_transforms(struct channelizer *c)
{
    call_once(&planner_once, planner_prepare);
    c->input = fftwf_malloc(c->size * sizeof *c->input);
    c->spectrum = fftwf_malloc((c->size + c->widest) * sizeof *c->spectrum);
    c->bins = fftwf_malloc((c->widest + 1) * sizeof *c->bins);
    c->time = fftwf_malloc((c->widest + 1) * sizeof *c->time);
    if (!c->input || !c->spectrum || !c->bins || !c->time || !planner_usable ||
        mtx_lock(&planner_lock) != thrd_success)
        return ATALAYA_E_MEMORY;
    bool planned = create_plans(c);
    (void)mtx_unlock(&planner_lock);
    return planned ? ATALAYA_OK : ATALAYA_E_MEMORY;
}

static bool channels_valid(double rate_hz, const struct channelizer_channel *channels, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (!channelizer_reaches(rate_hz, channels[i].offset_hz) ||
            !(channels[i].rate_hz >= 0.0 && channels[i].rate_hz <= CHANNELIZER_TOP_RATE_HZ))
            return false;
    return rate_valid(rate_hz);
}

static void lane_init(struct channelizer *c, struct lane *lane, const struct channelizer_channel *channel)
{
    unsigned units = units_choose(c->size, channel->rate_hz);
    struct width *width = &c->widths[units];
    double bin = channel->offset_hz * c->size / c->rate_hz, whole = round(bin);
    width->bins = units > 0 ? units * UNIT : c->size;
    c->widest = width->bins > c->widest ? width->bins : c->widest;
    lane->width = width;
    lane->bin = (unsigned)((int64_t)whole + c->size) % c->size;
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
    c->rate_hz = band_rate_hz;
    c->size = size_choose(band_rate_hz);
    c->count = count;
    set_geometry(c);
    for (unsigned i = 0; i < count; i++)
        lane_init(c, &c->lanes[i], &channels[i]);
    if (create_transforms(c) != ATALAYA_OK) {
        channelizer_destroy(c);
        return ATALAYA_E_MEMORY;
    }
    channelizer_reset(c);
    *channelizer = c;
    return ATALAYA_OK;
}

void channelizer_reset(struct channelizer *c)
{
    memset(c->input, 0, c->lead_in * sizeof *c->input);
    c->filled = c->lead_in;
    c->block = 0;
}

void channelizer_destroy(struct channelizer *c)
{
    if (!c)
        return;
    (void)mtx_lock(&planner_lock);
    if (c->forward)
        fftwf_destroy_plan(c->forward);
    for (unsigned w = 0; w <= UNITS_MAX; w++)
        if (c->widths[w].inverse)
            fftwf_destroy_plan(c->widths[w].inverse);
    (void)mtx_unlock(&planner_lock);
    for (unsigned w = 0; w <= UNITS_MAX; w++)
        free(c->widths[w].mask);
    fftwf_free(c->input);
    fftwf_free(c->spectrum);
    fftwf_free(c->bins);
    fftwf_free(c->time);
    free(c);
}

double channelizer_input_time(const struct channelizer *c, unsigned index, double sample)
{
    const struct width *width = c->lanes[index].width;
    return (sample + width->lead) * c->size / width->bins - c->lead_in;
}

double channelizer_delay_s(const struct channelizer *c)
{
    return c->size / c->rate_hz;
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
    size_t room = c->size - c->filled;
    *taken = count < room ? count : room;
    take_clean(c->input + c->filled, iq, *taken);
    c->filled += (unsigned)*taken;
    if (c->filled < c->size)
        return false;
    fftwf_execute(c->forward);
    memcpy(c->spectrum + c->size, c->spectrum, c->widest * sizeof *c->spectrum); /* the band is a circle */
    c->filled = c->size - c->advance;
    memmove(c->input, c->input + c->advance, c->filled * sizeof *c->input);
    c->block++;
    return true;
}

/* The bin's carrier starts anew with each block; where it would be had it run on is a whole number of parts
 * of a turn. */
static double complex block_turn(const struct channelizer *c, const struct lane *lane)
{
    uint64_t start = (c->block - 1) % c->size * c->advance + c->size - c->lead_in;
    uint64_t parts = start % c->size * lane->bin % c->size;
    double outputs = (double)(c->block - 1) * lane->width->hop;
    double turns = (double)parts / c->size + remainder(outputs * lane->turns_per_output, 1.0);
    return cexp(-2.0 * M_PI * turns * (double complex)_Complex_I);
}

const float complex *channelizer_give(struct channelizer *c, unsigned index, size_t *count)
{
    const struct lane *lane = &c->lanes[index];
    const struct width *width = lane->width;
    unsigned low = width->bins / 2, high = width->bins - low; /* of the bins around the centre */
    const float complex *from = c->spectrum + (lane->bin + c->size - low) % c->size;
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
