/* SPDX-License-Identifier: Apache-2.0 */
/* The modem "biphase400": input -> window -> bursts that seem to begin (biphase_search.c in the radio
 * channel, biphase_listen.c in audio) -> once one has ended, its bits (biphase_burst.c). Between bursts it
 * gives no bits: those of one burst follow those of the one before. */
#include <liquid/liquid.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/modem.h"
#include "biphase_burst.h"
#include "biphase_listen.h"
#include "biphase_search.h"
#include "biphase_sights.h"
#include "audio_decimator.h"
#include "clean.h"
#include "wide.h"

#define IQ_RATE_HZ     38400.0
#define LEAST_IQ_HZ    4000.0 /* on either side of 0 Hz: less is no channel */
#define MOST_RATE_HZ   768000.0
#define INNER_IQ_HZ    32000.0 /* decimated as far as at least so much is left */
#define INNER_AUDIO_HZ 8000.0
#define LEAK_S         0.0012 /* below the threshold a click is 2 pi that should not stay long */
#define ALONG_LEAST                                                                                          \
    3.0F /* at 3 dB one in 20 is less; of what noise passes so far one in some hundreds is more */
/* Beacons: 0.37 to 0.78 at the weakest; 1.0 rad is 0.74, 1.2 rad 0.45. Of what voices on a carrier make of
 * the known bits a twentieth is within. */
#define CARRIER_LEAST  0.2F
#define CARRIER_MOST   1.1F
#define OPEN_AUDIO     0.77F
#define BEFORE_MOST    0.45F /* the carrier in front of the bits is silent in audio */
#define HELD_BITS      12.0  /* so long after the last bit the other line has read it, too */
#define HELD_SAME_BITS 10.0
#define FORGET_BITS    300.0
#define SOFT_SCALE     48.0F
#define STOP_DB        60.0F
#define TRANSITION     0.3 /* of INNER_AUDIO_HZ */

enum {
    LINES = 2,
    MEMORY = 112, /* bursts: more than 16,384 bits */
    PEAKS = 512,  /* of a bit each: 1.28 s */
    FILTER = 6,   /* of the decimator: outputs on either side */
    CHUNK = 128
};

/* What is known of a burst afterwards. */
struct memory {
    double first_sample, bit; /* of the input, of the first bit given */
    float level_dbfs, snr_db, offset_hz, peak;
};

/* One way to look at the input: samples, and the bursts seen in them. */
struct line {
    struct biphase_window window;
    struct biphase_listen listen;
    struct biphase_sights sights;
};

struct modem {
    double rate_hz, inner_hz;         /* of the input, of the windows */
    unsigned decimation, filled, lag; /* lag: of the decimator, in outputs */
    firdecim_crcf decimator;          /* of complex baseband; NULL: none is needed */
    float complex chunk[CHUNK];
    struct audio_decimator audio_decimator; /* the same of audio */
    struct biphase_search *search;          /* NULL: it is fed with audio */
    uint64_t next_search;
    float leak, integral;
    uint64_t samples;
    double peak_span; /* input samples to each of the peaks */
    double span_end;  /* of the newest one */
    uint64_t spans;
    float peaks[PEAKS];
    struct biphase_reader reader;
    struct line lines[LINES]; /* of audio two: as pulses, as phases */
    bool is_held;             /* a burst that may be read better in the other line */
    struct biphase_burst held;
    uint64_t bursts; /* put out */
    struct memory memory[MEMORY];
};

static void biphase_destroy(struct modem *modem)
{
    if (!modem)
        return;
    if (modem->decimator)
        (void)firdecim_crcf_destroy(modem->decimator);
    biphase_search_destroy(modem->search);
    free(modem);
}

static void biphase_reset(struct modem *modem)
{
    if (modem->decimator)
        (void)firdecim_crcf_reset(modem->decimator);
    audio_decimator_reset(&modem->audio_decimator);
    modem->filled = 0;
    modem->samples = modem->spans = 0;
    modem->span_end = 0.0;
    modem->integral = 0.0F;
    modem->next_search = (uint64_t)(modem->inner_hz * 2.0 * BIPHASE_SEARCH_HOP_S) + 1;
    memset(modem->peaks, 0, sizeof modem->peaks);
    for (unsigned i = 0; i < LINES; i++) {
        struct line *line = &modem->lines[i];
        biphase_window_reset(&line->window, modem->inner_hz);
        biphase_listen_reset(&line->listen, modem->inner_hz);
        line->sights.count = 0;
    }
    modem->is_held = false;
    modem->bursts = 0;
}

static enum atalaya_result input_create(struct modem *modem, bool is_iq)
{
    if (!is_iq) {
        audio_decimator_init(&modem->audio_decimator, modem->rate_hz, INNER_AUDIO_HZ, 0.5 * INNER_AUDIO_HZ,
                             TRANSITION * INNER_AUDIO_HZ);
        modem->decimation = modem->audio_decimator.decimation;
        modem->inner_hz = modem->rate_hz / modem->decimation;
        return ATALAYA_OK;
    }
    modem->decimation = (unsigned)(modem->rate_hz / INNER_IQ_HZ);
    modem->decimation = modem->decimation > 1 ? modem->decimation : 1;
    modem->inner_hz = modem->rate_hz / modem->decimation;
    if (modem->decimation > 1) {
        modem->decimator = firdecim_crcf_create_kaiser(modem->decimation, FILTER, STOP_DB);
        if (!modem->decimator)
            return ATALAYA_E_MEMORY;
        firdecim_crcf_set_scale(modem->decimator, 1.0F / (float)modem->decimation);
        modem->lag = FILTER;
    }
    return biphase_search_create(&modem->search, modem->inner_hz);
}

static enum atalaya_result biphase_create(struct modem **modem, double rate_hz, enum modem_input input)
{
    double least_hz = input == MODEM_IQ ? 2.0 * LEAST_IQ_HZ : BIPHASE_LEAST_RATE_HZ;
    if (!(rate_hz >= least_hz && rate_hz <= MOST_RATE_HZ))
        return ATALAYA_E_ARGUMENT;
    struct modem *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->rate_hz = rate_hz;
    made->peak_span = rate_hz / BIPHASE_BIT_RATE;
    enum atalaya_result result = input_create(made, input == MODEM_IQ);
    if (result != ATALAYA_OK) {
        biphase_destroy(made);
        return result;
    }
    made->leak = (float)exp(-1.0 / (LEAK_S * made->inner_hz));
    biphase_reset(made);
    *modem = made;
    return ATALAYA_OK;
}

/* The input's sample at an instant of the window. */
static double input_time(const struct modem *modem, double at)
{
    if (!modem->search)
        return (at - 0.5) * modem->decimation - modem->audio_decimator.lag + 0.5;
    return (at - 0.5 - modem->lag) * modem->decimation + 0.5;
}

static float peak_between(const struct modem *modem, double from, double to)
{
    float peak = 0.0F;
    for (double at = fmax(from, 0.0); at < to; at += modem->peak_span) {
        float other = modem->peaks[(uint64_t)(at / modem->peak_span) % PEAKS];
        peak = other > peak ? other : peak;
    }
    return peak;
}

static void burst_remember(struct modem *modem, const struct biphase_burst *burst)
{
    struct memory *memory = &modem->memory[modem->bursts % MEMORY];
    memory->bit = burst->bit * modem->decimation;
    memory->first_sample = input_time(modem, burst->start) - BIPHASE_MARGIN * memory->bit;
    memory->level_dbfs = 20.0F * log10f(burst->amplitude + 1e-20F);
    memory->snr_db = 10.0F * log10f(burst->ebn0 + 1e-20F);
    memory->offset_hz = modem->search ? (float)(burst->turn * modem->inner_hz / (2.0 * M_PI)) : NAN;
    memory->peak =
        peak_between(modem, memory->first_sample, memory->first_sample + BIPHASE_RUN * memory->bit);
}

static int8_t soften(float value, float mean)
{
    return (int8_t)lrintf(fmaxf(-127.0F, fminf(127.0F, SOFT_SCALE * value / mean)));
}

static void burst_give(struct modem *modem, const struct biphase_burst *burst, modem_sink *sink,
                       void *context)
{
    int8_t soft[BIPHASE_RUN];
    float mean = 1e-30F;
    for (unsigned k = 0; k < BIPHASE_SHORT_BITS; k++)
        mean += fabsf(burst->value[k]) / BIPHASE_SHORT_BITS;
    for (unsigned k = 0; k < BIPHASE_MARGIN; k++) {
        soft[k] = soften(burst->margin[k], mean);
        soft[BIPHASE_MARGIN + BIPHASE_BITS + k] = soften(burst->margin[BIPHASE_MARGIN + k], mean);
    }
    for (unsigned k = 0; k < BIPHASE_BITS; k++)
        soft[BIPHASE_MARGIN + k] = soften(burst->value[k], mean);
    const struct soft_run run = {.soft = soft,
                                 .count = BIPHASE_RUN,
                                 .first_bit = modem->bursts * BIPHASE_RUN,
                                 .bit_rate = (unsigned)BIPHASE_BIT_RATE,
                                 .is_burst = true};
    burst_remember(modem, burst);
    modem->bursts++;
    sink(context, &run);
}

static void held_give(struct modem *modem, modem_sink *sink, void *context)
{
    modem->is_held = false;
    burst_give(modem, &modem->held, sink, context);
}

/* A burst in audio: the other line may have it, too. The one whose bits stand out more is given. */
static void burst_hold(struct modem *modem, const struct biphase_burst *burst, modem_sink *sink,
                       void *context)
{
    bool same = modem->is_held && fabs(burst->start - modem->held.start) < HELD_SAME_BITS * burst->bit;
    if (modem->is_held && !same)
        held_give(modem, sink, context);
    if (!same || burst->open > modem->held.open)
        modem->held = *burst;
    modem->is_held = true;
}

static void sight_read(struct modem *modem, const struct line *line, const struct biphase_find *find,
                       modem_sink *sink, void *context)
{
    struct biphase_burst burst;
    biphase_burst_read(&modem->reader, &line->window, find, modem->search != NULL, &burst);
    bool is_beacon =
        burst.along > ALONG_LEAST && burst.carrier > CARRIER_LEAST && burst.carrier < CARRIER_MOST;
    if (modem->search && is_beacon)
        burst_give(modem, &burst, sink, context);
    else if (!modem->search && burst.open > OPEN_AUDIO && burst.before < BEFORE_MOST)
        burst_hold(modem, &burst, sink, context);
}

/* Bursts that are complete. */
static void line_read(struct modem *modem, struct line *line, modem_sink *sink, void *context)
{
    for (unsigned i = 0; i < line->sights.count;) {
        struct biphase_sight *sight = &line->sights.all[i];
        double bits = ((double)line->window.total - sight->find.start) / sight->find.bit;
        if (bits > BIPHASE_BITS + 2 * BIPHASE_MARGIN && !sight->is_read) {
            sight->is_read = true;
            sight_read(modem, line, &sight->find, sink, context);
        }
        if (bits > FORGET_BITS)
            biphase_sights_drop(&line->sights, i);
        else
            i++;
    }
}

static void iq_push(struct modem *modem, float complex sample)
{
    struct line *line = &modem->lines[0];
    biphase_window_push(&line->window, sample);
    if (line->window.total < modem->next_search + (uint64_t)(BIPHASE_SEARCH_AHEAD_S * modem->inner_hz))
        return;
    struct biphase_find finds[BIPHASE_FINDS_MAX];
    unsigned count = biphase_search_execute(modem->search, &line->window, modem->next_search, finds);
    for (unsigned i = 0; i < count; i++)
        biphase_sights_note(&line->sights, &finds[i], modem->inner_hz);
    modem->next_search += (uint64_t)(BIPHASE_SEARCH_HOP_S * modem->inner_hz);
}

/* A discriminator's pulses are integrated to phases; audio after de-emphasis is nearly that already. */
static void audio_push(struct modem *modem, float sample)
{
    struct biphase_find find;
    modem->integral = modem->leak * modem->integral + sample;
    const float values[LINES] = {modem->integral, sample};
    for (unsigned i = 0; i < LINES; i++) {
        biphase_window_push(&modem->lines[i].window, values[i] * (float complex)_Complex_I);
        if (biphase_listen_push(&modem->lines[i].listen, values[i], &find))
            biphase_sights_note(&modem->lines[i].sights, &find, modem->inner_hz);
    }
}

/* Notes how loud the next samples are. */
static void note_peaks(struct modem *modem, const float *samples, unsigned count)
{
    while (count > 0) {
        bool is_new = (double)modem->samples >= modem->span_end;
        modem->spans += is_new;
        modem->span_end = is_new ? (double)modem->spans * modem->peak_span : modem->span_end;
        double left = ceil(modem->span_end - (double)modem->samples);
        unsigned part = left < (double)count ? (unsigned)left : count;
        float *kept = &modem->peaks[(modem->spans - 1) % PEAKS], peak = wide_peak(samples, part);
        *kept = is_new || peak > *kept ? peak : *kept;
        modem->samples += part;
        samples += part;
        count -= part;
    }
}

/* Decimates. True: *out is the next of the window. */
static bool take(struct modem *modem, float complex sample, float complex *out)
{
    *out = sample;
    if (!modem->decimator)
        return true;
    modem->chunk[modem->filled++] = sample;
    if (modem->filled < modem->decimation)
        return false;
    modem->filled = 0;
    (void)firdecim_crcf_execute(modem->decimator, modem->chunk, out);
    return true;
}

static void biphase_execute_iq(struct modem *modem, const float complex *iq, size_t count, modem_sink *sink,
                               void *context)
{
    for (size_t i = 0; i < count && modem->search; i++) {
        float complex sample, out;
        clean_samples((const float *)&iq[i], (float *)&sample, 2);
        const float size = fmaxf(fabsf(crealf(sample)), fabsf(cimagf(sample)));
        note_peaks(modem, &size, 1);
        if (!take(modem, sample, &out))
            continue;
        iq_push(modem, out);
        if (modem->lines[0].sights.count > 0)
            line_read(modem, &modem->lines[0], sink, context);
    }
}

/* How long ago the burst that is held began. */
static double held_bits(const struct modem *modem)
{
    return ((double)modem->lines[0].window.total - modem->held.start) / modem->held.bit;
}

static void audio_take(struct modem *modem, float sample, modem_sink *sink, void *context)
{
    audio_push(modem, sample);
    for (unsigned n = 0; n < LINES; n++)
        if (modem->lines[n].sights.count > 0)
            line_read(modem, &modem->lines[n], sink, context);
    if (modem->is_held && held_bits(modem) > BIPHASE_BITS + HELD_BITS)
        held_give(modem, sink, context);
}

static void biphase_execute(struct modem *modem, const float *audio, size_t count, modem_sink *sink,
                            void *context)
{
    float samples[CHUNK];
    while (count > 0 && !modem->search) {
        unsigned chunk = count < CHUNK ? (unsigned)count : CHUNK;
        clean_samples(audio, samples, chunk);
        note_peaks(modem, samples, chunk);
        unsigned made = audio_decimator_execute(&modem->audio_decimator, samples, chunk, samples);
        for (unsigned i = 0; i < made; i++)
            audio_take(modem, samples[i], sink, context);
        audio += chunk;
        count -= chunk;
    }
}

static enum atalaya_result biphase_measure(const struct modem *modem, unsigned branch, uint64_t first_bit,
                                           uint64_t end_bit, struct burst_figures *figures)
{
    if (branch > 0 || first_bit >= end_bit)
        return ATALAYA_E_ARGUMENT;
    uint64_t first = first_bit / BIPHASE_RUN, last = (end_bit - 1) / BIPHASE_RUN;
    if (last >= modem->bursts || modem->bursts - first > MEMORY)
        return ATALAYA_E_RANGE;
    const struct memory *from = &modem->memory[first % MEMORY], *to = &modem->memory[last % MEMORY];
    figures->first_sample = from->first_sample + (double)(first_bit - first * BIPHASE_RUN) * from->bit;
    figures->end_sample = to->first_sample + (double)(end_bit - last * BIPHASE_RUN) * to->bit;
    figures->level_dbfs = from->level_dbfs;
    figures->snr_db = from->snr_db;
    figures->offset_hz = from->offset_hz;
    figures->deviation_hz = NAN; /* phase modulation */
    figures->peak = fmaxf(from->peak, to->peak);
    return ATALAYA_OK;
}

const struct modem_class modem_biphase400 = {
    .branches = 1,
    .scrambler = SCRAMBLER_NONE,
    .least_rate_hz = BIPHASE_LEAST_RATE_HZ,
    .iq_rate_hz = IQ_RATE_HZ,
    .create = biphase_create,
    .execute = biphase_execute,
    .execute_iq = biphase_execute_iq,
    .reset = biphase_reset,
    .destroy = biphase_destroy,
    .measure = biphase_measure,
    .modulate = biphase_modulate,
    .modulate_iq = biphase_modulate_iq,
    .modulate_length = biphase_modulate_length,
    .lead_s = BIPHASE_CARRIER_S,
};
