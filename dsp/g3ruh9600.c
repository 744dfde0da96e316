/* SPDX-License-Identifier: Apache-2.0 */
/* G3RUH 9600, the receiver: cleaned samples -> filter at the lanes' instants -> bank (pulse, timing, trellis)
 * -> bit trains -> sink. See README.md here for the reasons and the figures. */
#include "g3ruh9600.h"

#include <math.h>
#include <stdlib.h>

#include "atalaya/dsp/modem.h"
#include "bit_train.h"
#include "fsk_bank.h"
#include "fsk_meter.h"
#include "fsk_tuner.h"
#include "nrz_bank.h"
#include "nrz_filter.h"
#include "nrz_meter.h"
#include "nrz_pulse.h"

#define MOST_RATE_HZ 192000.0
#define INPUT_LIMIT  8.0F /* full scale is 1; what is louder is not sound */

enum { BRANCHES = FSK_BRANCHES }; /* on audio only the first NRZ_LANES of them speak */
_Static_assert((int)NRZ_LANES <= (int)FSK_BRANCHES, "no branch for some lane");

struct audio_side {
    struct nrz_filter filter;
    struct nrz_bank bank;
};

struct modem {
    double samples_a_bit;
    struct audio_side *audio; /* one of them is NULL */
    struct fsk_tuner *iq;
    struct bit_train trains[BRANCHES];
    struct nrz_peaks peaks;
};

static void g3ruh_reset(struct modem *modem)
{
    nrz_peaks_reset(&modem->peaks, modem->samples_a_bit);
    for (unsigned i = 0; i < BRANCHES; i++) {
        bit_train_reset(&modem->trains[i], BIT_TRAIN_HELD);
        modem->trains[i].scrambler = SCRAMBLER_G3RUH;
    }
    if (modem->audio != NULL) {
        nrz_filter_reset(&modem->audio->filter);
        nrz_bank_reset(&modem->audio->bank, modem->samples_a_bit);
    }
    if (modem->iq != NULL)
        fsk_tuner_reset(modem->iq);
}

static void g3ruh_destroy(struct modem *modem)
{
    if (modem == NULL)
        return;
    free(modem->audio);
    free(modem->iq);
    free(modem);
}

static enum atalaya_result create_side(struct modem *modem, double rate_hz, enum modem_input input)
{
    if (input == MODEM_AUDIO) {
        modem->audio = calloc(1, sizeof *modem->audio);
        if (modem->audio == NULL)
            return ATALAYA_E_MEMORY;
        nrz_filter_init(&modem->audio->filter, rate_hz, nrz_pulse_root);
        return ATALAYA_OK;
    }
    modem->iq = calloc(1, sizeof *modem->iq);
    if (modem->iq == NULL)
        return ATALAYA_E_MEMORY;
    fsk_tuner_init(modem->iq, rate_hz);
    return ATALAYA_OK;
}

static enum atalaya_result g3ruh_create(struct modem **modem, double rate_hz, enum modem_input input)
{
    if (input != MODEM_AUDIO && input != MODEM_IQ)
        return ATALAYA_E_UNSUPPORTED;
    double least_hz = input == MODEM_AUDIO ? G3RUH_LEAST_RATE_HZ : G3RUH_LEAST_IQ_RATE_HZ;
    if (!(rate_hz >= least_hz && rate_hz <= MOST_RATE_HZ))
        return ATALAYA_E_ARGUMENT;
    struct modem *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ATALAYA_E_MEMORY;
    made->samples_a_bit = rate_hz / NRZ_BIT_RATE;
    enum atalaya_result result = create_side(made, rate_hz, input);
    if (result != ATALAYA_OK) {
        g3ruh_destroy(made);
        return result;
    }
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

static void flush(struct modem *modem, modem_sink *sink, void *context)
{
    for (unsigned k = 0; k < BRANCHES; k++)
        bit_train_flush(&modem->trains[k], k, sink, context);
}

static void g3ruh_execute(struct modem *modem, const float *audio, size_t count, modem_sink *sink,
                          void *context)
{
    float samples[NRZ_CHUNK_MAX];
    while (count > 0 && modem->audio != NULL) {
        unsigned chunk = count < NRZ_CHUNK_MAX ? (unsigned)count : NRZ_CHUNK_MAX;
        for (unsigned i = 0; i < chunk; i++)
            samples[i] = clean(audio[i]);
        nrz_peaks_execute(&modem->peaks, samples, chunk);
        nrz_filter_push(&modem->audio->filter, samples, chunk);
        nrz_bank_execute(&modem->audio->bank, &modem->audio->filter, modem->trains);
        flush(modem, sink, context);
        audio += chunk;
        count -= chunk;
    }
}

static void g3ruh_execute_iq(struct modem *modem, const float complex *iq, size_t count, modem_sink *sink,
                             void *context)
{
    float complex samples[NRZ_CHUNK_MAX];
    float peaks[NRZ_CHUNK_MAX];
    while (count > 0 && modem->iq != NULL) {
        unsigned chunk = count < NRZ_CHUNK_MAX ? (unsigned)count : NRZ_CHUNK_MAX;
        for (unsigned i = 0; i < chunk; i++) {
            float re = clean(crealf(iq[i])), im = clean(cimagf(iq[i]));
            samples[i] = re + im * _Complex_I;
            peaks[i] = fabsf(re) > fabsf(im) ? re : im;
        }
        nrz_peaks_execute(&modem->peaks, peaks, chunk);
        fsk_tuner_execute(modem->iq, samples, chunk, modem->trains);
        flush(modem, sink, context);
        iq += chunk;
        count -= chunk;
    }
}

static void measure_audio(const struct modem *modem, unsigned branch, uint64_t first_bit, uint64_t end_bit,
                          struct burst_figures *figures)
{
    struct nrz_fit fit;
    if (!nrz_fit_make(&fit, &modem->trains[branch], modem->audio->bank.memory[branch], first_bit, end_bit))
        return;
    figures->first_sample -= fit.late * modem->samples_a_bit;
    figures->end_sample -= fit.late * modem->samples_a_bit;
    /* A sine of full scale has power 1/2. The filter lets through the noise of 4800 Hz. */
    figures->level_dbfs = (float)(10.0 * log10(2.0 * fit.signal));
    if (fit.noise > 0.0)
        figures->snr_db = (float)(10.0 * log10(0.5 * fit.signal / fit.noise));
}

static enum atalaya_result g3ruh_measure(const struct modem *modem, unsigned branch, uint64_t first_bit,
                                         uint64_t end_bit, struct burst_figures *figures)
{
    if (branch >= BRANCHES || first_bit >= end_bit)
        return ATALAYA_E_ARGUMENT;
    const struct bit_train *train = &modem->trains[branch];
    if (!bit_train_holds(train, first_bit, end_bit))
        return ATALAYA_E_RANGE;
    double start, length, scale = modem->samples_a_bit / NRZ_PER_BIT;
    uint64_t now = (uint64_t)((double)modem->peaks.total / scale);
    bit_train_clock(train, first_bit, end_bit, now, &start, &length);
    figures->first_sample = start * scale;
    figures->end_sample = (start + (double)(end_bit - first_bit) * length) * scale;
    figures->level_dbfs = figures->snr_db = figures->offset_hz = NAN;
    if (modem->audio != NULL)
        measure_audio(modem, branch, first_bit, end_bit, figures);
    else
        fsk_meter_measure(&modem->iq->banks[branch / FSK_LANES], branch % FSK_LANES, first_bit, end_bit,
                          figures);
    figures->peak = nrz_peaks_find(&modem->peaks, figures->first_sample, figures->end_sample);
    return ATALAYA_OK;
}

const struct modem_class modem_g3ruh9600 = {
    .branches = BRANCHES,
    .scrambler = SCRAMBLER_G3RUH,
    .least_rate_hz = G3RUH_LEAST_RATE_HZ,
    .create = g3ruh_create,
    .execute = g3ruh_execute,
    .execute_iq = g3ruh_execute_iq,
    .reset = g3ruh_reset,
    .destroy = g3ruh_destroy,
    .measure = g3ruh_measure,
    .modulate = g3ruh9600_modulate,
    .modulate_length = g3ruh9600_modulate_length,
};
