/* SPDX-License-Identifier: Apache-2.0 */
/* G3RUH 9600, the receiver: (audio: gate ->) cleaned samples -> filter at the lanes' instants -> bank (pulse,
 * timing, trellis)
 * -> bit trains -> sink. See README.md here for the reasons and the figures. */
#include "g3ruh9600.h"

#include <math.h>
#include <stdlib.h>

#include "atalaya/dsp/modem.h"
#include "bit_train.h"
#include "clean.h"
#include "fsk_bank.h"
#include "fsk_meter.h"
#include "fsk_tuner.h"
#include "gate.h"
#include "nrz_bank.h"
#include "nrz_filter.h"
#include "nrz_meter.h"
#include "nrz_pulse.h"

#define MOST_RATE_HZ 192000.0

_Static_assert((int)GATE_CHUNK_MAX <= (int)NRZ_CHUNK_MAX, "the gate gives more than the filter takes");
enum { BRANCHES = FSK_BRANCHES }; /* on audio only the first NRZ_LANES of them speak */
_Static_assert((int)NRZ_LANES <= (int)FSK_BRANCHES, "no branch for some lane");

/* Speech ends below half the bit rate. In the band that is looked at G3RUH has as much as below it, and a
 * third as much in the worst of others' recordings; Bell 202 has a twentieth, and in it lines of its bit
 * clock. A burst has at least 50 ms, of which the watch wants 40. */
const struct gate_settings g3ruh9600_gate = {.watch = {.middle_hz = 0.5 * NRZ_BIT_RATE,
                                                       .band_hz = 2400.0,
                                                       .line_hz = 0.0,
                                                       .rate_hz = NRZ_BIT_RATE,
                                                       .window_s = 0.033,
                                                       .reach_hz = 105.0,
                                                       .usual_hz = 15.0,
                                                       .unusual = 10.0F,
                                                       .bins = 15,
                                                       .threshold = 7.5F,
                                                       .lean = 0.1F},
                                             .look_back_s = 0.12,
                                             .hold_s = 0.08};

struct audio_side {
    struct nrz_filter filter;
    struct nrz_bank bank;
};

struct modem {
    double samples_a_bit;
    struct gate *gate;        /* of audio */
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
        gate_reset(modem->gate);
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
    gate_destroy(modem->gate);
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
        return gate_create(&modem->gate, &g3ruh9600_gate, rate_hz);
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

static void flush(struct modem *modem, modem_sink *sink, void *context)
{
    for (unsigned k = 0; k < BRANCHES; k++)
        bit_train_flush(&modem->trains[k], k, sink, context);
}

static void g3ruh_execute(struct modem *modem, const float *audio, size_t count, modem_sink *sink,
                          void *context)
{
    while (count > 0 && modem->audio != NULL) {
        const float *samples;
        unsigned chunk = count < GATE_CHUNK_MAX ? (unsigned)count : GATE_CHUNK_MAX, taken;
        gate_push(modem->gate, audio, chunk);
        (void)gate_skip(modem->gate); /* only noise: the bits go on as if it had not been there */
        while ((taken = gate_take(modem->gate, &samples)) > 0) {
            nrz_peaks_execute(&modem->peaks, samples, taken);
            nrz_filter_push(&modem->audio->filter, samples, taken);
            nrz_bank_execute(&modem->audio->bank, &modem->audio->filter, modem->trains);
            flush(modem, sink, context);
        }
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
        clean_samples((const float *)iq, (float *)samples, 2 * (size_t)chunk);
        for (unsigned i = 0; i < chunk; i++) {
            float re = crealf(samples[i]), im = cimagf(samples[i]);
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
    figures->level_dbfs = figures->snr_db = figures->offset_hz = figures->deviation_hz = NAN;
    if (modem->audio != NULL)
        measure_audio(modem, branch, first_bit, end_bit, figures);
    else
        fsk_meter_measure(&modem->iq->banks[branch / FSK_LANES], branch % FSK_LANES, first_bit, end_bit,
                          figures);
    figures->peak = nrz_peaks_find(&modem->peaks, figures->first_sample, figures->end_sample);
    if (modem->gate != NULL) {
        figures->first_sample = gate_input_time(modem->gate, figures->first_sample);
        figures->end_sample = gate_input_time(modem->gate, figures->end_sample);
    }
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
