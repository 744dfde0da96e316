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
    SMALL = 384, /* points of a channel's inverse FFT: 20 ms at 19,200 S/s */
    TAPS = 65,   /* of the channel filter at that rate: 3.4 ms */
    RAW = 48,    /* bins in which rates that do not fit are rounded */
    PRIME_MAX = 13
};
#define SPAN_S      0.020 /* of one forward FFT, so that bins are 50 Hz apart and a raster falls on them */
#define CUT_HZ      8850.0
#define STOP_DB     76.0F
#define INPUT_LIMIT 1e6F

struct lane {
    unsigned bin;            /* of the forward FFT, nearest to the channel's centre */
    double turns_per_output; /* from that bin to the centre */
    float complex out[SMALL];
};

struct channelizer {
    double rate_hz;
    unsigned size;    /* of the forward FFT */
    unsigned advance; /* input samples from block to block */
    unsigned hop;     /* outputs of a block */
    unsigned lead;    /* outputs of an inverse FFT before the first that is right */
    unsigned lead_in; /* input samples of silence put in front */
    unsigned filled, count;
    uint64_t block; /* the one being filled */
    fftwf_plan forward, inverse;
    float complex *input, *spectrum; /* [size: size], [size: size + SMALL] */
    float complex *bins, *time;      /* [size: SMALL] */
    float mask[SMALL];               /* from the lowest frequency to the highest */
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
    if (size < SMALL || common_divisor(size, SMALL) < 8)
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

/* A linear-phase low-pass, its phase taken away: an output lies where its input lay. Computed at the low
 * rate, where the filter's spectrum ends before the bins do. */
static void mask_design(struct channelizer *c)
{
    float taps[TAPS], sum = 0.0F;
    double low_hz = channelizer_output_rate_hz(c);
    (void)liquid_firdes_kaiser(TAPS, (float)(CUT_HZ / low_hz), STOP_DB, 0.0F, taps);
    for (int i = 0; i < TAPS; i++)
        sum += taps[i];
    for (int b = 0; b < SMALL; b++) {
        double gain = 0.0, turn = 2.0 * M_PI * (b - SMALL / 2) / SMALL;
        for (int i = 0; i < TAPS; i++)
            gain += (double)taps[i] * cos(turn * (i - TAPS / 2));
        c->mask[b] = (float)(gain / (double)sum / c->size);
    }
}

static enum atalaya_result create_transforms(struct channelizer *c)
{
    call_once(&planner_once, planner_prepare);
    c->input = fftwf_malloc(c->size * sizeof *c->input);
    c->spectrum = fftwf_malloc((c->size + SMALL) * sizeof *c->spectrum);
    c->bins = fftwf_malloc(SMALL * sizeof *c->bins);
    c->time = fftwf_malloc(SMALL * sizeof *c->time);
    if (!c->input || !c->spectrum || !c->bins || !c->time || !planner_usable ||
        mtx_lock(&planner_lock) != thrd_success)
        return ATALAYA_E_MEMORY;
    /* Measured plans are a fifth faster and take seconds to make. */
    c->forward = fftwf_plan_dft_1d((int)c->size, c->input, c->spectrum, FFTW_FORWARD, FFTW_ESTIMATE);
    c->inverse = fftwf_plan_dft_1d(SMALL, c->bins, c->time, FFTW_BACKWARD, FFTW_ESTIMATE);
    (void)mtx_unlock(&planner_lock);
    return c->forward && c->inverse ? ATALAYA_OK : ATALAYA_E_MEMORY;
}

static bool channels_valid(double rate_hz, const double *offset_hz, unsigned count)
{
    if (!(rate_hz >= CHANNELIZER_LEAST_RATE_HZ && rate_hz <= CHANNELIZER_MOST_RATE_HZ))
        return false;
    for (unsigned i = 0; i < count; i++)
        if (!(fabs(offset_hz[i]) <= rate_hz / 2.0 - CHANNELIZER_EDGE_HZ))
            return false;
    return true;
}

static void set_geometry(struct channelizer *c)
{
    unsigned divisor = common_divisor(c->size, SMALL), unit = SMALL / divisor;
    c->hop = (SMALL - TAPS + 1) / unit * unit;
    c->lead = (SMALL - c->hop) / 2;
    c->advance = c->hop / unit * (c->size / divisor);
    c->lead_in = (unsigned)((uint64_t)c->lead * c->size / SMALL);
}

enum atalaya_result channelizer_create(struct channelizer **channelizer, double rate_hz,
                                       const double *offset_hz, unsigned count)
{
    if (!channels_valid(rate_hz, offset_hz, count))
        return ATALAYA_E_ARGUMENT;
    struct channelizer *c = calloc(1, sizeof *c + count * sizeof c->lanes[0]);
    if (!c)
        return ATALAYA_E_MEMORY;
    c->rate_hz = rate_hz;
    c->size = size_choose(rate_hz);
    c->count = count;
    set_geometry(c);
    mask_design(c);
    if (create_transforms(c) != ATALAYA_OK) {
        channelizer_destroy(c);
        return ATALAYA_E_MEMORY;
    }
    for (unsigned i = 0; i < count; i++) {
        double bin = offset_hz[i] * c->size / rate_hz, whole = round(bin);
        c->lanes[i].bin = (unsigned)((int64_t)whole + c->size) % c->size;
        c->lanes[i].turns_per_output = (bin - whole) / SMALL;
        if (fabs(bin - whole) < 1e-9)
            c->lanes[i].turns_per_output = 0.0;
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
    if (c->inverse)
        fftwf_destroy_plan(c->inverse);
    (void)mtx_unlock(&planner_lock);
    fftwf_free(c->input);
    fftwf_free(c->spectrum);
    fftwf_free(c->bins);
    fftwf_free(c->time);
    free(c);
}

double channelizer_output_rate_hz(const struct channelizer *c)
{
    return c->rate_hz * SMALL / c->size;
}

double channelizer_input_time(const struct channelizer *c, double index)
{
    return (index + c->lead) * c->size / SMALL - c->lead_in;
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

size_t channelizer_execute(struct channelizer *c, const float complex *iq, size_t count, size_t *taken)
{
    size_t room = c->size - c->filled;
    *taken = count < room ? count : room;
    take_clean(c->input + c->filled, iq, *taken);
    c->filled += (unsigned)*taken;
    if (c->filled < c->size)
        return 0;
    fftwf_execute(c->forward);
    memcpy(c->spectrum + c->size, c->spectrum, SMALL * sizeof *c->spectrum);
    c->filled = c->size - c->advance;
    memmove(c->input, c->input + c->advance, c->filled * sizeof *c->input);
    c->block++;
    return c->hop;
}

/* The bin's carrier starts anew with each block; where it would be had it run on is a whole number of parts
 * of a turn. */
static double complex block_turn(const struct channelizer *c, const struct lane *lane)
{
    uint64_t start = (c->block - 1) % c->size * c->advance + c->size - c->lead_in;
    uint64_t parts = start % c->size * lane->bin % c->size;
    double outputs = (double)(c->block - 1) * c->hop;
    double turns = (double)parts / c->size + remainder(outputs * lane->turns_per_output, 1.0);
    return cexp(-2.0 * M_PI * turns * (double complex)_Complex_I);
}

const float complex *channelizer_channel(struct channelizer *c, unsigned index)
{
    struct lane *lane = &c->lanes[index];
    const float complex *from = c->spectrum + (lane->bin + c->size - SMALL / 2) % c->size;
    for (unsigned b = 0; b < SMALL / 2; b++) {
        c->bins[b + SMALL / 2] = c->mask[b] * from[b];
        c->bins[b] = c->mask[b + SMALL / 2] * from[b + SMALL / 2];
    }
    fftwf_execute(c->inverse);
    float complex turn = (float complex)block_turn(c, lane);
    if (lane->turns_per_output != 0.0) {
        double angle = -2.0 * M_PI * lane->turns_per_output;
        float complex step = (float complex)cexp(angle * (double complex)_Complex_I);
        for (unsigned i = 0; i < c->hop; i++, turn *= step)
            lane->out[i] = c->time[c->lead + i] * turn;
        return lane->out;
    }
    for (unsigned i = 0; i < c->hop; i++)
        lane->out[i] = c->time[c->lead + i] * turn;
    return lane->out;
}
