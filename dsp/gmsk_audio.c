/* SPDX-License-Identifier: Apache-2.0 */
#include "gmsk_audio.h"

#include <math.h>

#include "gmsk_pulse.h"
#include "nrz_pulse.h"

/* The filter and bank are those of G3RUH, with time counted in bits of 8000 a second. */
void gmsk_audio_init(struct gmsk_audio *audio, double rate_hz)
{
    audio->samples_a_bit = rate_hz / GMSK_BIT_RATE;
    nrz_filter_init(&audio->filter, audio->samples_a_bit * NRZ_BIT_RATE, nrz_pulse_root);
    gmsk_audio_reset(audio);
}

void gmsk_audio_reset(struct gmsk_audio *audio)
{
    audio->total = 0;
    nrz_filter_reset(&audio->filter);
    nrz_bank_reset(&audio->bank, audio->samples_a_bit);
    for (unsigned i = 0; i < NRZ_LANES; i++) {
        bit_train_reset(&audio->trains[i], BIT_TRAIN_HELD);
        audio->trains[i].scrambler = SCRAMBLER_NONE;
        audio->line[i] = false;
    }
}

struct summed {
    struct gmsk_audio *audio;
    modem_sink *sink;
    void *context;
};

/* Changes in, line bits out: as sure as the change that led to each. */
static void sum_changes(void *context, const struct soft_run *run)
{
    const struct summed *summed = context;
    int8_t soft[BIT_TRAIN_RUN_MAX + BIT_TRAIN_HELD_MAX];
    bool *line = &summed->audio->line[run->branch];
    for (size_t i = 0; i < run->count; i++) {
        int size = run->soft[i] < 0 ? -run->soft[i] : run->soft[i];
        *line = *line != (run->soft[i] > 0);
        soft[i] = (int8_t)(*line ? size : -size);
    }
    struct soft_run bits = *run;
    bits.soft = soft;
    bits.event = NULL; /* they are about changes */
    summed->sink(summed->context, &bits);
}

void gmsk_audio_execute(struct gmsk_audio *audio, const float *samples, unsigned count, modem_sink *sink,
                        void *context)
{
    struct summed summed = {audio, sink, context};
    audio->total += count;
    nrz_filter_push(&audio->filter, samples, count);
    nrz_bank_execute(&audio->bank, &audio->filter, audio->trains);
    for (unsigned i = 0; i < NRZ_LANES; i++)
        bit_train_flush(&audio->trains[i], i, sum_changes, &summed);
}

enum atalaya_result gmsk_audio_measure(const struct gmsk_audio *audio, unsigned branch, uint64_t first_bit,
                                       uint64_t end_bit, struct burst_figures *figures)
{
    const struct bit_train *train = &audio->trains[branch];
    /* Of a long transmission the clock of its last two seconds is taken for all of it. */
    uint64_t from = end_bit - first_bit > BIT_TRAIN_PROMISE / 2 ? end_bit - BIT_TRAIN_PROMISE / 2 : first_bit;
    double start, length, scale = audio->samples_a_bit / NRZ_PER_BIT;
    if (!bit_train_holds(train, from, end_bit))
        return ATALAYA_E_RANGE;
    bit_train_clock(train, from, end_bit, (uint64_t)((double)audio->total / scale), &start, &length);
    figures->first_sample = (start - (double)(from - first_bit) * length) * scale;
    figures->end_sample = (start + (double)(end_bit - from) * length) * scale;
    figures->level_dbfs = figures->snr_db = figures->offset_hz = figures->peak = NAN;
    return ATALAYA_OK;
}
