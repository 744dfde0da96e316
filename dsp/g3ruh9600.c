/* SPDX-License-Identifier: Apache-2.0 */
/* G3RUH 9600, the receiver: cleaned samples -> filter at the lanes' instants -> bank (pulse, timing, trellis)
 * -> bit trains -> sink. See README.md here for the reasons and the figures. */
#include "g3ruh9600.h"

#include <math.h>
#include <stdlib.h>

#include "atalaya/dsp/modem.h"
#include "bit_train.h"
#include "nrz_bank.h"
#include "nrz_filter.h"
#include "nrz_meter.h"
#include "nrz_pulse.h"

#define MOST_RATE_HZ 192000.0
#define INPUT_LIMIT  8.0F /* full scale is 1; what is louder is not sound */

struct modem {
    double rate_hz;
    struct nrz_filter filter;
    struct nrz_bank bank;
    struct bit_train trains[NRZ_LANES];
    struct nrz_peaks peaks;
};

static void g3ruh_reset(struct modem *modem)
{
    nrz_filter_reset(&modem->filter);
    nrz_peaks_reset(&modem->peaks, modem->filter.samples_a_bit);
    nrz_bank_reset(&modem->bank, modem->filter.samples_a_bit);
    for (unsigned i = 0; i < NRZ_LANES; i++) {
        bit_train_reset(&modem->trains[i], BIT_TRAIN_HELD);
        modem->trains[i].scrambler = SCRAMBLER_G3RUH;
    }
}

static void g3ruh_destroy(struct modem *modem)
{
    free(modem);
}

static enum atalaya_result g3ruh_create(struct modem **modem, double rate_hz, enum modem_input input)
{
    if (input != MODEM_AUDIO)
        return ATALAYA_E_UNSUPPORTED;
    if (!(rate_hz >= G3RUH_LEAST_RATE_HZ && rate_hz <= MOST_RATE_HZ))
        return ATALAYA_E_ARGUMENT;
    struct modem *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ATALAYA_E_MEMORY;
    made->rate_hz = rate_hz;
    nrz_filter_init(&made->filter, rate_hz);
    g3ruh_reset(made);
    *modem = made;
    return ATALAYA_OK;
}

static float clean(float sample)
{
    float bounded = sample > -INPUT_LIMIT ? sample : -INPUT_LIMIT;
    bounded = bounded < INPUT_LIMIT ? bounded : INPUT_LIMIT;
    return isfinite(sample) ? bounded : 0.0F;
}

static void g3ruh_execute(struct modem *modem, const float *audio, size_t count, modem_sink *sink,
                          void *context)
{
    float samples[NRZ_CHUNK_MAX];
    while (count > 0) {
        unsigned chunk = count < NRZ_CHUNK_MAX ? (unsigned)count : NRZ_CHUNK_MAX;
        for (unsigned i = 0; i < chunk; i++)
            samples[i] = clean(audio[i]);
        nrz_peaks_execute(&modem->peaks, samples, chunk);
        nrz_filter_push(&modem->filter, samples, chunk);
        nrz_bank_execute(&modem->bank, &modem->filter, modem->trains);
        for (unsigned k = 0; k < NRZ_LANES; k++)
            bit_train_flush(&modem->trains[k], k, sink, context);
        audio += chunk;
        count -= chunk;
    }
}

static enum atalaya_result g3ruh_measure(const struct modem *modem, unsigned branch, uint64_t first_bit,
                                         uint64_t end_bit, struct burst_figures *figures)
{
    if (branch >= NRZ_LANES || first_bit >= end_bit)
        return ATALAYA_E_ARGUMENT;
    const struct bit_train *train = &modem->trains[branch];
    if (!bit_train_holds(train, first_bit, end_bit))
        return ATALAYA_E_RANGE;
    double start, length, scale = modem->filter.samples_a_bit / NRZ_PER_BIT;
    struct nrz_fit fit;
    bit_train_clock(train, first_bit, end_bit, (uint64_t)((double)modem->filter.total / scale), &start,
                    &length);
    bool fits = nrz_fit_make(&fit, train, modem->bank.memory[branch], first_bit, end_bit);
    start -= fits ? fit.late * NRZ_PER_BIT : 0.0;
    figures->first_sample = start * scale;
    figures->end_sample = (start + (double)(end_bit - first_bit) * length) * scale;
    figures->peak = nrz_peaks_find(&modem->peaks, figures->first_sample, figures->end_sample);
    figures->level_dbfs = figures->snr_db = figures->offset_hz = NAN;
    if (!fits)
        return ATALAYA_OK;
    /* A sine of full scale has power 1/2. The filter lets through the noise of 4800 Hz. */
    figures->level_dbfs = (float)(10.0 * log10(2.0 * fit.signal));
    if (fit.noise > 0.0)
        figures->snr_db = (float)(10.0 * log10(0.5 * fit.signal / fit.noise));
    return ATALAYA_OK;
}

const struct modem_class modem_g3ruh9600 = {
    .branches = NRZ_LANES,
    .scrambler = SCRAMBLER_G3RUH,
    .least_rate_hz = G3RUH_LEAST_RATE_HZ,
    .create = g3ruh_create,
    .execute = g3ruh_execute,
    .reset = g3ruh_reset,
    .destroy = g3ruh_destroy,
    .measure = g3ruh_measure,
    .modulate = g3ruh9600_modulate,
    .modulate_length = g3ruh9600_modulate_length,
};
