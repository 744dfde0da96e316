/* SPDX-License-Identifier: Apache-2.0 */
/* Bell 202, the receiver: front end -> tone correlators -> slicers -> bit trains -> sink; the meter listens
 * beside. See README.md here for the reasons and the figures. */
#include "bell202.h"

#include <stdlib.h>

#include "atalaya/dsp/modem.h"
#include "bit_train.h"
#include "burst_meter.h"
#include "front_end.h"
#include "slicer.h"
#include "tone_pair.h"

/* Low-passes of the two pairs: the best in white noise, and one that lets clicks of FM disturb less. */
static const double cutoff_hz[] = {1000.0, 700.0};

/* A branch: which pair it listens to, and which twist it expects (space tone against mark tone). */
static const struct branch {
    unsigned pair;
    float twist_db;
} branches[] = {{0, 0.0F}, {0, -1.5F}, {0, 1.5F}, {0, -3.0F}, {0, 3.0F},  {0, -5.0F},
                {0, 5.0F}, {0, -8.0F}, {0, 8.0F}, {1, 0.0F},  {1, -1.5F}, {1, 1.5F}};

enum { PAIRS = sizeof cutoff_hz / sizeof *cutoff_hz, BRANCHES = sizeof branches / sizeof *branches };

struct modem {
    struct front_end *front_end;
    struct baseband_block block;
    struct tone_pair *pairs[PAIRS];
    struct slicer slicers[BRANCHES];
    struct bit_train trains[BRANCHES];
    struct burst_meter meter;
};

static void bell202_reset(struct modem *modem)
{
    front_end_reset(modem->front_end);
    for (unsigned i = 0; i < PAIRS; i++)
        tone_pair_reset(modem->pairs[i]);
    burst_meter_reset(&modem->meter, front_end_delay(modem->front_end));
    for (unsigned i = 0; i < BRANCHES; i++) {
        slicer_reset(&modem->slicers[i], branches[i].twist_db);
        bit_train_reset(&modem->trains[i]);
    }
}

static void bell202_destroy(struct modem *modem)
{
    if (modem == NULL)
        return;
    for (unsigned i = 0; i < PAIRS; i++)
        tone_pair_destroy(modem->pairs[i]);
    front_end_destroy(modem->front_end);
    free(modem);
}

static enum atalaya_result bell202_create(struct modem **modem, double rate_hz, enum modem_input input)
{
    if (input != MODEM_AUDIO)
        return ATALAYA_E_UNSUPPORTED;
    struct modem *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ATALAYA_E_MEMORY;
    enum atalaya_result result = front_end_create(&made->front_end, rate_hz);
    for (unsigned i = 0; i < PAIRS && result == ATALAYA_OK; i++)
        result = tone_pair_create(&made->pairs[i], cutoff_hz[i]);
    if (result != ATALAYA_OK) {
        bell202_destroy(made);
        return result;
    }
    bell202_reset(made);
    *modem = made;
    return ATALAYA_OK;
}

static void detect(struct modem *modem, uint64_t first)
{
    for (unsigned i = 0; i < modem->block.count; i++) {
        struct tone_levels levels[PAIRS];
        for (unsigned k = 0; k < PAIRS; k++)
            levels[k] = tone_pair_execute(modem->pairs[k], modem->block.z[i]);
        for (unsigned k = 0; k < BRANCHES; k++)
            slicer_execute(&modem->slicers[k], first + i, &levels[branches[k].pair], &modem->trains[k]);
    }
}

static void bell202_execute(struct modem *modem, const float *audio, size_t count, modem_sink *sink,
                            void *context)
{
    while (count > 0) {
        size_t chunk = count < FRONT_END_CHUNK_MAX ? count : FRONT_END_CHUNK_MAX;
        uint64_t first = modem->meter.total;
        front_end_execute(modem->front_end, audio, chunk, &modem->block);
        burst_meter_execute(&modem->meter, &modem->block);
        detect(modem, first);
        for (unsigned k = 0; k < BRANCHES; k++)
            bit_train_flush(&modem->trains[k], k, sink, context);
        audio += chunk;
        count -= chunk;
    }
}

static enum atalaya_result bell202_measure(const struct modem *modem, unsigned branch, uint64_t first_bit,
                                           uint64_t end_bit, struct burst_figures *figures)
{
    if (branch >= BRANCHES || first_bit >= end_bit)
        return ATALAYA_E_ARGUMENT;
    const struct bit_train *train = &modem->trains[branch];
    if (!bit_train_holds(train, first_bit, end_bit))
        return ATALAYA_E_RANGE;
    struct burst_span span = {.train = train, .first_bit = first_bit, .end_bit = end_bit};
    bit_train_clock(train, first_bit, end_bit, modem->meter.total, &span.start, &span.length);
    double end = span.start + (double)(end_bit - first_bit) * span.length;
    figures->first_sample = front_end_input_time(modem->front_end, span.start);
    figures->end_sample = front_end_input_time(modem->front_end, end);
    burst_meter_measure(&modem->meter, &span, figures);
    return ATALAYA_OK;
}

const struct modem_class modem_bell202 = {
    .branches = BRANCHES,
    .least_rate_hz = FRONT_END_LEAST_RATE_HZ,
    .create = bell202_create,
    .execute = bell202_execute,
    .reset = bell202_reset,
    .destroy = bell202_destroy,
    .measure = bell202_measure,
    .modulate = bell202_modulate,
    .modulate_length = bell202_modulate_length,
};
