/* SPDX-License-Identifier: Apache-2.0 */
/* Bursts are made at a low rate when they begin, and leave through the synthesizer. */
#include "atalaya/dsp/band_generator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/channelizer.h"
#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/impair.h"
#include "synthesizer.h"

#define FM_RATE_HZ 76800.0 /* holds the widest signal of a voice channel */

struct burst {
    struct band_burst what;
    uint8_t *bits;
    unsigned width;
    int64_t first;     /* index of its first sample at the low rate */
    size_t count;      /* of samples */
    float complex *iq; /* [size: count]; NULL: not on the air */
};

struct band_generator {
    struct synthesizer *synthesizer;
    struct impair_random noise, fading;
    double rate_hz, sigma, end_s;
    size_t burst_count, burst_room, next; /* next: the first that has not begun */
    struct burst *bursts;
    const float complex *block; /* what is left of the last block */
    size_t left;
    uint64_t made; /* samples of the band */
};

enum atalaya_result band_generator_create(struct band_generator **generator, double rate_hz,
                                          double noise_dbfs, uint64_t seed)
{
    struct band_generator *g = calloc(1, sizeof *g);
    if (!g)
        return ATALAYA_E_MEMORY;
    enum atalaya_result result = synthesizer_create(&g->synthesizer, rate_hz);
    if (result != ATALAYA_OK) {
        free(g);
        return result;
    }
    g->rate_hz = rate_hz;
    g->sigma = sqrt(0.5 * pow(10.0, noise_dbfs / 10.0) * rate_hz / IMPAIR_CNR_WIDTH_HZ);
    impair_random_seed(&g->noise, seed);
    impair_random_seed(&g->fading, seed + 1);
    *generator = g;
    return ATALAYA_OK;
}

static void burst_end(struct burst *burst)
{
    free(burst->bits);
    free(burst->iq);
    burst->bits = NULL;
    burst->iq = NULL;
}

void band_generator_destroy(struct band_generator *g)
{
    if (!g)
        return;
    for (size_t i = 0; i < g->burst_count; i++)
        burst_end(&g->bursts[i]);
    free(g->bursts);
    synthesizer_destroy(g->synthesizer);
    free(g);
}

double band_generator_end_s(const struct band_generator *g)
{
    return g->end_s;
}

static int by_start(const void *a, const void *b)
{
    const struct burst *first = a, *second = b;
    return (first->what.start_s > second->what.start_s) - (first->what.start_s < second->what.start_s);
}

static bool burst_valid(const struct band_generator *g, const struct band_burst *what)
{
    double start = what->start_s * g->rate_hz, carrier_hz = what->offset_hz + what->carrier_hz;
    return start >= (double)g->made && start < 1e15 && fabs(carrier_hz) <= g->rate_hz / 2.0 &&
           isfinite(what->drift_hz_s) && isfinite(what->level_dbfs) && isfinite(what->deviation_hz) &&
           what->doppler_hz >= 0.0;
}

enum atalaya_result band_generator_add(struct band_generator *g, const struct band_burst *what)
{
    const struct modem_class *modem = what->modem;
    if (!burst_valid(g, what))
        return ATALAYA_E_ARGUMENT;
    if (!modem->modulate && !modem->modulate_iq)
        return ATALAYA_E_UNSUPPORTED;
    double wanted_hz = modem->modulate_iq ? fmax(FM_RATE_HZ, 2.0 * modem->iq_rate_hz) : FM_RATE_HZ;
    struct burst burst = {.what = *what, .width = synthesizer_width(g->synthesizer, wanted_hz)};
    double rate_hz = synthesizer_rate_hz(g->synthesizer, burst.width);
    burst.first = llround(synthesizer_index(g->synthesizer, burst.width, what->start_s * g->rate_hz));
    burst.count = modem->modulate_length(rate_hz, what->bit_count);
    if (burst.count == 0)
        return ATALAYA_E_UNSUPPORTED;
    if (g->burst_count == g->burst_room) {
        size_t room = 2 * g->burst_room + 16;
        struct burst *larger = realloc(g->bursts, room * sizeof *larger);
        if (!larger)
            return ATALAYA_E_MEMORY;
        g->bursts = larger;
        g->burst_room = room;
    }
    burst.bits = malloc(what->bit_count + 1);
    if (!burst.bits)
        return ATALAYA_E_MEMORY;
    memcpy(burst.bits, what->bits, what->bit_count);
    g->bursts[g->burst_count++] = burst;
    g->end_s = fmax(g->end_s, what->start_s + (double)burst.count / rate_hz);
    qsort(g->bursts + g->next, g->burst_count - g->next, sizeof burst, by_start);
    return ATALAYA_OK;
}

/* FM of the waveform's audio. */
static bool modulate_fm(const struct burst *burst, double rate_hz)
{
    float *audio = malloc(burst->count * sizeof *audio);
    if (!audio)
        return false;
    const struct fm_transmitter_settings settings = {.rate_hz = rate_hz,
                                                     .deviation_hz = burst->what.deviation_hz,
                                                     .pre_emphasis = burst->what.pre_emphasis};
    struct fm_transmitter transmitter;
    fm_transmitter_create(&transmitter, &settings);
    size_t count =
        burst->what.modem->modulate(rate_hz, burst->bits, burst->what.bit_count, audio, burst->count);
    fm_transmitter_execute(&transmitter, audio, count, burst->iq);
    free(audio);
    return count == burst->count;
}

/* Level, carrier, drift and fading. */
static void impair(struct band_generator *g, const struct burst *burst, double rate_hz)
{
    const struct band_burst *what = &burst->what;
    double carrier_hz = what->offset_hz + what->carrier_hz;
    double beside_hz = carrier_hz - synthesizer_bin_hz(g->synthesizer, what->offset_hz), phase = 0.0;
    double level = pow(10.0, what->level_dbfs / 20.0);
    struct fading fading;
    if (what->doppler_hz > 0.0)
        fading_reset(&fading, &g->fading, rate_hz, what->doppler_hz);
    for (size_t i = 0; i < burst->count; i++) {
        burst->iq[i] *= (float)(level * cos(phase)) + (float)(level * sin(phase)) * (float complex)_Complex_I;
        if (what->doppler_hz > 0.0)
            burst->iq[i] *= fading_execute(&fading);
        double hz = beside_hz + what->drift_hz_s * (double)i / rate_hz;
        phase = remainder(phase + 2.0 * M_PI * hz / rate_hz, 2.0 * M_PI);
    }
}

static enum atalaya_result burst_begin(struct band_generator *g, struct burst *burst)
{
    double rate_hz = synthesizer_rate_hz(g->synthesizer, burst->width);
    const struct modem_class *modem = burst->what.modem;
    burst->iq = calloc(burst->count, sizeof *burst->iq);
    if (!burst->iq)
        return ATALAYA_E_MEMORY;
    bool good = modem->modulate_iq ? modem->modulate_iq(rate_hz, burst->bits, burst->what.bit_count,
                                                        burst->iq, burst->count) == burst->count
                                   : modulate_fm(burst, rate_hz);
    if (good)
        impair(g, burst, rate_hz);
    return good ? ATALAYA_OK : ATALAYA_E_MEMORY;
}

/* The part of a burst that the block under way takes. */
static enum atalaya_result burst_add(struct band_generator *g, struct burst *burst)
{
    int64_t first, end = burst->first + (int64_t)burst->count;
    size_t count;
    float complex *place = synthesizer_place(g->synthesizer, burst->width, &first, &count);
    int64_t last = first + (int64_t)count;
    if (first >= end || last <= burst->first)
        return ATALAYA_OK;
    enum atalaya_result result = burst->iq ? ATALAYA_OK : burst_begin(g, burst);
    if (result != ATALAYA_OK)
        return result;
    for (int64_t i = first; i < last; i++)
        place[i - first] = i >= burst->first && i < end ? burst->iq[i - burst->first] : 0.0F;
    synthesizer_add(g->synthesizer, burst->width, burst->what.offset_hz);
    return ATALAYA_OK;
}

/* Bursts begin in order of start; those that are over make no work. */
static enum atalaya_result make_block(struct band_generator *g)
{
    for (size_t i = 0; i < g->burst_count; i++) {
        struct burst *burst = &g->bursts[i];
        int64_t first;
        size_t count;
        (void)synthesizer_place(g->synthesizer, burst->width, &first, &count);
        if (burst->bits && first >= burst->first + (int64_t)burst->count)
            burst_end(burst);
        enum atalaya_result result = burst->bits ? burst_add(g, burst) : ATALAYA_OK;
        if (result != ATALAYA_OK)
            return result;
    }
    g->block = synthesizer_execute(g->synthesizer, &g->left);
    g->made += g->left;
    while (g->next < g->burst_count && g->bursts[g->next].what.start_s * g->rate_hz < (double)g->made)
        g->next++;
    return ATALAYA_OK;
}

enum atalaya_result band_generator_read(struct band_generator *g, float complex *iq, size_t count)
{
    while (count > 0) {
        if (g->left == 0) {
            enum atalaya_result result = make_block(g);
            if (result != ATALAYA_OK)
                return result;
        }
        size_t some = count < g->left ? count : g->left;
        memcpy(iq, g->block, some * sizeof *iq);
        if (g->sigma > 0.0)
            impair_add_noise_iq(&g->noise, iq, some, g->sigma);
        g->block += some;
        g->left -= some;
        iq += some;
        count -= some;
    }
    return ATALAYA_OK;
}
